import { mount } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'

import CellTable from '../../app/components/bar/CellTable.vue'
import RowCursor from '../../app/components/bar/RowCursor.vue'
import { cellSeconds, cellUptime } from '../../app/components/bar/cell-uptime'
import ServiceGroup from '../../app/components/page/ServiceGroup.vue'
import ServiceRow from '../../app/components/page/ServiceRow.vue'
import StatusBanner from '../../app/components/page/StatusBanner.vue'
import { barTime } from '../../app/components/page/bar-time'
import { GENERATED, item, page } from './documents'

const time = barTime(page(), GENERATED, 'UTC', Infinity)

describe('a row', () => {
  it('names the service, its state in words and its uptime with two decimals', () => {
    const row = mount(ServiceRow, { props: { item: item({ uptime: '98.33' }), time } })
    expect(row.get('.row-name').text()).toBe('API')
    expect(row.get('.row-state').text()).toBe('Operational')
    expect(row.get('.row-uptime').text()).toBe('98.33%')
    expect(row.find('.row-downtime').exists()).toBe(false)
  })

  it('shows a dash, never 100 %, where nothing is known', () => {
    const silent = item({ uptime: null, signals: 0, state: 'no-data', minutes: '.'.repeat(60) })
    const row = mount(ServiceRow, { props: { item: silent, time } })
    expect(row.get('.row-uptime').text()).toBe('—')
    expect(row.findAll('.waterline path').map((path) => path.classes())).toContainEqual(['w-none'])
  })

  it('lists its downtime in words', () => {
    const row = mount(ServiceRow, { props: { item: item({ minutes: 'u'.repeat(58) + 'xx', state: 'major' }), time } })
    expect(row.get('.row-downtime summary').text()).toBe('2 minutes with downtime')
    expect(row.findAll('.row-downtime li').map((line) => line.text())).toEqual(['13:59–14:01 (2 min) down'])
  })

  it('takes few nodes, so that a page of fifty stays below 1 500', () => {
    const row = mount(ServiceRow, { props: { item: item({ minutes: 'ugpx.'.repeat(12) }), time } })
    expect(row.element.querySelectorAll('*').length).toBeLessThanOrEqual(60)
    const calm = mount(ServiceRow, { props: { item: item(), time } })
    expect(calm.element.querySelectorAll('*').length).toBeLessThanOrEqual(24)
  })
})

describe('the cursor over a bar', () => {
  const cursor = () => {
    const minutes = 'x' + 'u'.repeat(58) + 'x'
    const latency = [null, ...Array.from({ length: 58 }, () => 87), null]
    return mount(RowCursor, {
      props: { item: item({ minutes, latency }), time, minutes: true },
      attachTo: document.body,
    })
  }

  it('is one native range that says what each minute was', async () => {
    const bar = cursor()
    const range = bar.get('input[type=range]')
    expect(range.attributes('aria-label')).toBe('API, past 60 minutes: 58 minutes up, 2 minutes with downtime')
    expect(range.attributes('aria-valuetext')).toBe('14:00: Down')
    await range.setValue(30)
    expect(range.attributes('aria-valuetext')).toBe('13:31: Up, answered in 87 ms')
  })

  it('goes by tens of minutes, and stays within the bar', async () => {
    const bar = cursor()
    const range = bar.get('input')
    await range.trigger('keydown', { key: 'PageDown' })
    expect(range.attributes('aria-valuetext')).toMatch(/^13:50/)
    await range.trigger('keydown', { key: 'PageUp' })
    await range.trigger('keydown', { key: 'PageUp' })
    expect(range.attributes('aria-valuetext')).toMatch(/^14:00/)
  })

  it('shows its card while focused, and Escape closes it', async () => {
    const bar = cursor()
    expect(bar.find('.bar-card').exists()).toBe(false)
    await bar.get('input').trigger('focus')
    expect(bar.get('.bar-card').text()).toContain('14:00')
    await bar.get('input').trigger('keydown', { key: 'Escape' })
    expect(bar.find('.bar-card').exists()).toBe(false)
  })

  it('follows the pointer, stays while that is on the card, and goes a moment after it', async () => {
    vi.useFakeTimers()
    const bar = cursor()
    const input = bar.get('input')
    input.element.getBoundingClientRect = () => ({ left: 100, width: 600 }) as DOMRect
    await input.trigger('pointermove', { clientX: 105 })
    expect(bar.get('.bar-card').text()).toContain('13:01')
    await input.trigger('pointermove', { clientX: 9999 })
    expect(bar.get('.bar-card').text()).toContain('14:00')
    await bar.trigger('pointerleave')
    await vi.advanceTimersByTimeAsync(60)
    await bar.trigger('pointerenter')
    await vi.advanceTimersByTimeAsync(200)
    expect(bar.find('.bar-card').exists()).toBe(true)
    await bar.trigger('pointerleave')
    await vi.advanceTimersByTimeAsync(101)
    expect(bar.find('.bar-card').exists()).toBe(false)
    vi.useRealTimers()
  })

  it('is kept by a press: the pointer goes on, and the card stays', async () => {
    const bar = cursor()
    const input = bar.get('input')
    input.element.getBoundingClientRect = () => ({ left: 100, width: 600 }) as DOMRect
    await input.trigger('pointerdown', { clientX: 105 })
    await input.trigger('pointermove', { clientX: 600 })
    expect(bar.get('.bar-card').text()).toContain('13:01')
  })
})

describe('a row of 90 days', () => {
  const scale = { zoom: '90d', cells: 90, first: '2026-08-27', step_s: null } as const
  const mark = { degraded_s: 0, maintenance_s: 0, unknown_s: 0, more: 0, incidents: [], spans: [] }
  const sum = { known_s: 7_000_000, down_s: 60, degraded_s: 0, maintenance_s: 0, unknown_s: 0 }
  const days = item({
    minutes: null,
    latency: [],
    uptime: '99.998',
    bar: 'u'.repeat(89) + 'x',
    marks: [{ ...mark, at: 89, down_s: 60 }],
    sum: { ...sum, paused_s: 0, unwatched_s: 0 },
    since: '2026-11-22T14:00:00Z',
  })
  const wide = { ...time, scale, shown: 90, part: 0.6 }

  it('links to its service, sums up its downtime and says since when it is watched', () => {
    const row = mount(ServiceRow, { props: { item: days, time: wide } })
    expect(row.get('.row-name a').attributes('href')).toBe('monitor/api')
    expect(row.get('.row-downtime summary').text()).toBe('1 day with downtime')
    expect(row.get('.row-note').text()).toBe('Watching for 2 days')
    expect(row.get('.row-sum summary').text()).toBe('99.998%')
    expect(row.findAll('.row-bar')).toHaveLength(1)
  })

  it('shows its 60 minutes too where it is not operational', () => {
    const failing = { ...days, state: 'major' as const, minutes: 'x'.repeat(60), latency: Array(60).fill(null) }
    const row = mount(ServiceRow, { props: { item: failing, time: wide } })
    expect(row.findAll('.row-bar')).toHaveLength(2)
  })

  it('takes few nodes, so that a page of fifty stays below 1 500', () => {
    const row = mount(ServiceRow, { props: { item: days, time: wide } })
    expect(row.element.querySelectorAll('*').length).toBeLessThanOrEqual(26)
  })

  it('lists every day as a table, the newest first', () => {
    const table = mount(CellTable, {
      props: { item: days, time: { ...wide, now: Date.parse('2026-11-24T14:00:00Z') } },
    })
    expect(table.findAll('tbody tr')).toHaveLength(90)
    expect(table.get('tbody tr').text()).toBe('Tuesday 24 NovemberDown1 min99.88%')
  })
})

describe('a day of a zone', () => {
  const scale = { zoom: '90d', cells: 2, first: '2026-10-24', step_s: null } as const
  const later = Date.parse('2026-12-01T00:00:00Z')

  it('has 23 to 25 hours', () => {
    expect(cellSeconds(scale, 0, 'Europe/Budapest', later)).toBe(24 * 3600)
    expect(cellSeconds(scale, 1, 'Europe/Budapest', later)).toBe(25 * 3600)
    expect(cellSeconds({ ...scale, first: '2026-03-29' }, 0, 'Europe/Budapest', later)).toBe(23 * 3600)
  })

  it('is never called wholly up when it was not', () => {
    const mark = { at: 0, down_s: 1, degraded_s: 0, maintenance_s: 0, unknown_s: 0, more: 0, incidents: [], spans: [] }
    expect(cellUptime('x', mark, 86_400)).toBe('99.99')
    expect(cellUptime('.', undefined, 86_400)).toBe(null)
    expect(cellUptime('u', undefined, 86_400)).toBe('100.00')
  })
})

describe('a group', () => {
  const group = (state: 'operational' | 'major') => ({ name: 'Core', state, items: [item({ state })], uptime: null })

  it('without a name is a plain list', () => {
    const list = mount(ServiceGroup, { props: { group: { ...group('major'), name: null }, time, roomy: false } })
    expect(list.element.tagName).toBe('SECTION')
  })

  it('is closed on a long page while all is well, and opens itself when it is not', async () => {
    const part = mount(ServiceGroup, { props: { group: group('operational'), time, roomy: false } })
    expect(part.attributes('open')).toBeUndefined()
    expect(part.get('.group-sum').text()).toBe('1 service, all operational')
    await part.setProps({ group: group('major') })
    expect(part.attributes('open')).toBeDefined()
  })

  it('stays as the reader left it', async () => {
    const part = mount(ServiceGroup, { props: { group: group('major'), time, roomy: true } })
    const details = part.element as HTMLDetailsElement
    details.open = false
    await part.trigger('toggle')
    await part.setProps({ group: group('operational') })
    await part.setProps({ group: group('major') })
    expect(details.open).toBe(false)
  })
})

describe('the banner', () => {
  it('is coloured by the page’s state, and tells its age', () => {
    const banner = mount(StatusBanner, { props: { document: page(), now: GENERATED, zone: 'UTC' } })
    expect(banner.classes()).toContain('is-operational')
    expect(banner.get('h1').text()).toBe('All systems operational')
    expect(banner.get('.banner-age').text()).toBe('Updated just now')
  })
})
