import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'

import type { Incident, Maintenance } from '#layer/api/page'

import IncidentCard from '../../app/components/notices/IncidentCard.vue'
import MaintenanceCard from '../../app/components/notices/MaintenanceCard.vue'
import PastIncidents from '../../app/components/notices/PastIncidents.vue'
import { incident } from './notices'

const NOW = Date.parse('2026-11-24T14:30:00Z')

const card = (fields: Partial<Incident> = {}) =>
  mount(IncidentCard, { props: { incident: incident(fields), heading: 'h2', now: NOW, zone: 'UTC', pages: 'UTC' } })

describe('an incident', () => {
  it('has its newest update on top, and folds those after the third', () => {
    const shown = card().findAll('.notice > .notice-updates > li')
    expect(shown.map((update) => update.attributes('id'))).toEqual([5, 4, 3].map((n) => `incident-k3v9-u-${n}`))
    expect(card().get('.notice-more summary').text()).toBe('2 earlier updates')
    expect(
      card({ updates: incident().updates.slice(2) })
        .find('.notice-more')
        .exists(),
    ).toBe(false)
  })

  it('shows written HTML as HTML and everything else as text', () => {
    expect(card().get('.notice-body').html()).toContain('<em>5</em>')
    expect(card().get('.notice-title').text()).toBe('Slow <b>writes</b>')
  })

  it('turns amber, in words too, when the promised update is overdue', async () => {
    const late = card()
    expect(late.get('.notice-promise').classes()).not.toContain('is-overdue')
    await late.setProps({ now: NOW + 20 * 60_000 })
    expect(late.get('.is-overdue').text()).toBe('Update overdue by 5 min, it was due at 14:45')
  })

  it('promises nothing any more once it is resolved', () => {
    const over = card({ resolved_at: '2026-11-24T14:20:00Z', postmortem: '<p>A cable.</p>' })
    expect(over.find('.notice-promise').exists()).toBe(false)
    expect(over.classes()).toContain('is-operational')
    expect(over.text()).toContain('resolved 14:20 (20 min)')
  })
})

describe('announced work', () => {
  const work: Maintenance = {
    id: 'mail',
    title: 'Mail move',
    html: '',
    starts_at: '2026-11-27T22:00:00Z',
    ends_at: '2026-11-27T23:00:00Z',
    planned_end_at: '2026-11-27T23:00:00Z',
    expected: 'brief',
    affected: ['Email'],
  }
  const shown = (zone: string, now = NOW) => mount(MaintenanceCard, { props: { work, now, zone, pages: 'UTC' } }).text()

  it('tells the reader’s time first, and the page’s where that is another', () => {
    expect(shown('America/New_York')).toMatch(
      /Starts in 3 days · Fri 27 Nov, 17:00–18:00 \(America\/New York\) *Fri 27 Nov, 22:00–23:00 \(UTC\)$/,
    )
    expect(shown('UTC')).toMatch(/Starts in 3 days *Fri 27 Nov, 22:00–23:00 \(UTC\)$/)
  })

  it('counts down as time passes', () => {
    expect(shown('UTC', Date.parse('2026-11-27T22:20:00Z'))).toContain('In progress, ends in 40 minutes')
  })
})

it('the past lists its days and says how many were calm', () => {
  const past = { days: 14, calm: 12, more: 1, listed: [{ day: '2026-11-23', incidents: [incident()] }] }
  const list = mount(PastIncidents, { props: { past, now: NOW, zone: 'UTC', pages: 'UTC' } })
  expect(list.get('.past-day').text()).toBe('Yesterday')
  expect(list.get('h4').classes()).toContain('notice-title')
  expect(list.findAll('.past-rest').map((line) => line.text())).toEqual([
    '1 more incident is not listed',
    'No incidents on the other 12 days',
  ])
})
