import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import type { Headline, Incident, Item, PageDocument, Recent, State } from '../app/api/page'
import { headlineOf, only } from '../app/utils/subset'

const NOW = Date.parse('2026-11-24T14:00:00Z')

interface Case {
  when: string
  services: [name: string, state: State, age: number | null, every: number, paused: boolean][]
  incidents?: string[]
  says: Headline
}

const cases = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/subset.json'), 'utf8')) as Case[]

const ago = (seconds: number | null) => (seconds === null ? null : new Date(NOW - seconds * 1000).toISOString())

it.each(cases)('a chosen set is judged as the server judges it: $when', ({ services, incidents, says }) => {
  const asked = services.map(([name, state, age, interval_s, paused]) => ({
    name,
    state,
    checked_at: ago(age),
    interval_s,
    paused,
  }))
  expect(headlineOf(asked, NOW, incidents)).toEqual({ ...says, recent: null })
})

const item = (id: string, state: State): Item =>
  ({ id, name: id.toUpperCase(), state, paused: false, interval_s: 60, checked_at: ago(10), minutes: null }) as Item

const incident = (title: string, ...names: string[]) =>
  ({ title, affected: names.map((name) => ({ name, state: 'degraded' })) }) as Incident

const page = (recent: Recent | null = null, incidents: Incident[] = []): PageDocument =>
  ({
    headline: { code: 'major', recent } as Headline,
    incidents,
    groups: [
      { name: null, items: [item('api', 'operational')] },
      { name: 'Core', items: [item('db', 'major'), item('mail', 'operational')] },
    ],
  }) as unknown as PageDocument

describe('a page of chosen services', () => {
  it('has them alone, and speaks of them', () => {
    const mine = only(page(), ['mail', 'api'], NOW)
    expect(mine.groups.flatMap((group) => group.items.map(({ id }) => id))).toEqual(['api', 'mail'])
    expect(mine.headline).toMatchObject({ code: 'operational', total: 2 })
    expect(only(page(), ['db'], NOW).headline).toMatchObject({ code: 'major-all', names: ['DB'] })
  })

  it('is the whole page while none of the chosen is on it', () => {
    const whole = page()
    expect(only(whole, ['gone'], NOW)).toBe(whole)
    expect(only(whole, [], NOW)).toBe(whole)
  })

  it('hears of incidents that touch them, or name nobody', () => {
    const open = [incident('Database', 'DB'), incident('Everything')]
    expect(only(page(null, open), ['api'], NOW).headline).toMatchObject({ code: 'incident', names: ['Everything'] })
    expect(only(page(null, [open[0]!]), ['api'], NOW).headline.code).toBe('operational')
  })

  it('claims of the last day only what is known of them', () => {
    const recent = (down: number, ...names: string[]) => ({ down, names, recovered_at: '2026-11-24T13:00:00Z' })
    const said = (known: Recent) => only(page(known), ['api'], NOW).headline.recent
    expect(said(recent(1, 'API'))).toEqual(recent(1, 'API'))
    expect(said(recent(1, 'DB'))).toEqual({ down: 0, names: [], recovered_at: null })
    expect(said(recent(2, 'API', 'DB'))).toEqual(recent(1, 'API'))
    expect(said(recent(2, 'DB', 'API')), 'when API recovered is not known').toBeNull()
    expect(said(recent(9, 'DB', 'A', 'B', 'C', 'D')), 'it may be among the others').toBeNull()
  })
})
