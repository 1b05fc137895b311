import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'

import { firstMinute } from '#layer/utils/downtime'
import { ticks } from '#layer/utils/ticks'

import BarCursor from '../../app/components/page/BarCursor.vue'
import ServiceGroup from '../../app/components/page/ServiceGroup.vue'
import ServiceRow from '../../app/components/page/ServiceRow.vue'
import StatusBanner from '../../app/components/page/StatusBanner.vue'
import { GENERATED, item, page } from './documents'

const time = { first: firstMinute(GENERATED), now: GENERATED, zone: 'UTC', ticks: ticks(GENERATED, 'UTC') }

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
    return mount(BarCursor, { props: { item: item({ minutes, latency }), time }, attachTo: document.body })
  }

  it('is one native range that says what each minute was', async () => {
    const bar = cursor()
    const range = bar.get('input[type=range]')
    expect(range.attributes('aria-label')).toBe('API, past 60 minutes: 58 minutes up, 2 minutes with downtime')
    expect(range.attributes('aria-valuetext')).toBe('14:00: Down')
    await range.setValue(30)
    expect(range.attributes('aria-valuetext')).toBe('13:31: Up, answered in 87 ms')
  })

  it('shows its card while focused, and Escape closes it', async () => {
    const bar = cursor()
    expect(bar.find('.bar-card').exists()).toBe(false)
    await bar.get('input').trigger('focus')
    expect(bar.get('.bar-card').text()).toContain('14:00')
    await bar.get('input').trigger('keydown', { key: 'Escape' })
    expect(bar.find('.bar-card').exists()).toBe(false)
  })

  it('follows the pointer, and goes with it', async () => {
    const bar = cursor()
    const input = bar.get('input')
    input.element.getBoundingClientRect = () => ({ left: 100, width: 600 }) as DOMRect
    await input.trigger('pointermove', { clientX: 105 })
    expect(bar.get('.bar-card').text()).toContain('13:01')
    await input.trigger('pointermove', { clientX: 9999 })
    expect(bar.get('.bar-card').text()).toContain('14:00')
    await bar.trigger('pointerleave')
    expect(bar.find('.bar-card').exists()).toBe(false)
  })
})

describe('a group', () => {
  const group = (state: 'operational' | 'major') => ({ name: 'Core', state, items: [item({ state })] })

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
    const banner = mount(StatusBanner, { props: { document: page(), now: GENERATED } })
    expect(banner.classes()).toContain('is-operational')
    expect(banner.get('h1').text()).toBe('All systems operational')
    expect(banner.get('.banner-age').text()).toBe('Updated just now')
  })
})
