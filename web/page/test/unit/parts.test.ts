import { enableAutoUnmount, flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'

import BannerActs from '../../app/components/page/BannerActs.vue'
import FooterPrefs from '../../app/components/page/FooterPrefs.vue'
import OfflineNote from '../../app/components/page/OfflineNote.vue'
import PageHeader from '../../app/components/page/PageHeader.vue'
import PageLegend from '../../app/components/page/PageLegend.vue'
import ServiceChoice from '../../app/components/page/ServiceChoice.vue'
import SinceVisit from '../../app/components/page/SinceVisit.vue'
import StatusBanner from '../../app/components/page/StatusBanner.vue'
import TimeText from '../../app/components/time/TimeText.vue'
import { GENERATED, item, page } from './documents'
import { incident } from './notices'

enableAutoUnmount(afterEach)
afterEach(() => vi.unstubAllGlobals())

describe('a moment', () => {
  const at = '2026-11-24T13:30:00Z'
  const text = (props: object = {}) =>
    mount(TimeText, {
      props: { at, now: GENERATED, zone: 'Asia/Kolkata', pages: 'Europe/Budapest', ...props },
      attachTo: document.body,
    })
  const opened = async () => {
    const moment = text()
    await moment.get('button').trigger('focusin')
    await vi.dynamicImportSettled()
    await flushPromises()
    return moment
  }

  it('is written in the chosen zone, exact for machines', () => {
    expect(text().get('time').text()).toBe('19:00')
    expect(text().get('time').attributes('datetime')).toBe(at)
    expect(text({ words: 'Updated just now' }).text()).toBe('Updated just now')
    expect(text({ href: 'incident/x#u-1' }).get('a').attributes('href')).toBe('incident/x#u-1')
  })

  it('tells the reader’s, the page’s and UTC on a card that Escape closes', async () => {
    const moment = await opened()
    const rows = moment.findAll('.time-row').map((row) => row.text().replace(/\s+/g, ' '))
    expect(rows).toEqual(['Your time (UTC)24 Nov 2026, 13:30', 'The page’s time (Europe/Budapest)24 Nov 2026, 14:30'])
    expect(moment.get('button').attributes('aria-expanded')).toBe('true')
    await moment.get('button').trigger('keydown', { key: 'Escape' })
    expect(moment.find('.time-card').exists()).toBe(false)
  })

  it('can be copied, and says that it was', async () => {
    const copies: string[] = []
    vi.stubGlobal('navigator', { clipboard: { writeText: async (words: string) => void copies.push(words) } })
    const moment = await opened()
    const buttons = moment.findAll('.time-copy')
    await buttons[1]!.trigger('click')
    await buttons[0]!.trigger('click')
    expect(copies).toEqual(['24 Nov 2026, 14:30 (Europe/Budapest)', at])
    expect(moment.get('[role=status]').text()).toBe('Copied')
  })

  it('keeps its card while focus moves into it, and closes it when focus leaves', async () => {
    const moment = await opened()
    await moment.get('button').trigger('focusout', { relatedTarget: moment.get('.time-copy').element })
    expect(moment.find('.time-card').exists()).toBe(true)
    await moment.get('.time-copy').trigger('focusout', { relatedTarget: document.body })
    expect(moment.find('.time-card').exists()).toBe(false)
  })

  it('keeps its card for as long as it takes the pointer to reach it', async () => {
    vi.useFakeTimers()
    const moment = text()
    await moment.trigger('pointerenter', { pointerType: 'mouse' })
    await moment.trigger('pointerleave')
    await vi.advanceTimersByTimeAsync(90)
    expect(moment.get('button').attributes('aria-expanded')).toBe('true')
    await vi.advanceTimersByTimeAsync(20)
    expect(moment.get('button').attributes('aria-expanded')).toBe('false')
    vi.useRealTimers()
  })
})

describe('the banner', () => {
  const banner = () => mount(StatusBanner, { props: { document: page(), now: GENERATED, zone: 'UTC' } })

  it('is announced when its headline changes, and not while time passes', async () => {
    const shown = banner()
    const said = () => shown.get('[role=status]').text()
    expect(said()).toBe('')
    await shown.setProps({ now: GENERATED + 120_000 })
    expect(shown.get('.banner-age').text()).toBe('Data is 2 minutes old')
    expect(said()).toBe('')
    const headline = { ...page().headline, code: 'major-all', state: 'major', affected: 1, names: ['API'] } as const
    await shown.setProps({ document: page({ headline: { ...headline, names: ['API'] } }) })
    expect(said()).toBe('Major outage: all services · API')
  })

  it('offers to tell when it is back only while something is wrong', async () => {
    const acts = mount(BannerActs, { props: { chosen: 9, total: 9, isBad: false, isAsked: false } })
    expect(acts.find('button').exists()).toBe(false)
    await acts.setProps({ isBad: true })
    await acts.findAll('button').at(-1)!.trigger('click')
    expect(acts.emitted('ask')).toHaveLength(1)
    await acts.setProps({ isAsked: true })
    expect(acts.get('[role=status]').text()).toContain('This tab will tell you')
  })

  it('says when it speaks for some services only', () => {
    const acts = mount(BannerActs, { props: { chosen: 1, total: 9, isBad: false, isAsked: false } })
    expect(acts.text()).toContain('For your 1 of 9 services')
  })
})

describe('the choice of services', () => {
  const groups = [{ name: 'Core', state: 'operational' as const, items: [item(), item({ id: 'web' })], uptime: null }]
  beforeEach(() => {
    HTMLDialogElement.prototype.showModal ??= () => undefined
    HTMLDialogElement.prototype.close ??= () => undefined
  })

  it('gives what was ticked', async () => {
    const choice = mount(ServiceChoice, { props: { groups, ids: ['web'] } })
    await choice.findAll('input')[0]!.setValue(true)
    await choice.get('form').trigger('submit')
    expect(choice.emitted('choose')).toEqual([[['web', 'api']]])
  })

  it('can be taken back', async () => {
    const choice = mount(ServiceChoice, { props: { groups, ids: ['web'] } })
    await choice.findAll('button')[1]!.trigger('click')
    expect(choice.emitted('choose')).toEqual([[[]]])
  })
})

describe('the rest of the page', () => {
  it('the line of a reader who was away links to what they missed', () => {
    const missed = page({ incidents: [incident()] })
    const [from, until] = [Date.parse('2026-11-24T10:00:00Z'), GENERATED]
    const line = mount(SinceVisit, { props: { document: missed, away: { from, until } } })
    expect(line.get('summary').text()).toBe('1 incident while you were away')
    expect(line.get('a').attributes('href')).toBe('incident/k3v9')
    expect(
      mount(SinceVisit, { props: { document: missed, away: null } })
        .find('details')
        .exists(),
    ).toBe(false)
    expect(
      mount(SinceVisit, { props: { document: page(), away: { from, until } } })
        .find('details')
        .exists(),
    ).toBe(false)
  })

  it('the header leads home and to the past', () => {
    const links = mount(PageHeader, { props: { title: 'Acme' } }).findAll('a')
    expect(links.map((link) => [link.text(), link.attributes('href')])).toEqual([
      ['Acme', './'],
      ['History', 'history'],
    ])
  })

  it('the footer sets zone, theme and language', async () => {
    const zones = [{ id: 'UTC', words: 'UTC' }]
    const footer = mount(FooterPrefs, { props: { zones, theme: 'system', zone: 'UTC', language: 'en' } })
    const labels = footer.findAll('label').map((label) => label.element.firstChild?.textContent?.trim())
    expect(labels).toEqual(['Times in', 'Theme', 'Language'])
    await footer.findAll('select')[2]!.setValue('ar')
    expect(footer.emitted('update:language')).toEqual([['ar']])
    expect(footer.find('button, a').exists(), 'on views, whose links the server wrote').toBe(false)
    const page = mount(FooterPrefs, {
      props: { zones, theme: 'system', zone: 'UTC', language: 'en', onChoose: () => undefined },
    })
    expect(page.get('button').text()).toBe('Does it affect me?')
    expect(page.findAll('a').map((link) => link.attributes('href'))).toEqual(['how-we-measure', 'was-it-me'])
  })

  it('the legend has a word for each shape', () => {
    const words = mount(PageLegend)
      .findAll('li')
      .map((line) => line.text())
    expect(words).toEqual(expect.arrayContaining(['Up', 'Degraded', 'Partly down', 'Down', 'No data']))
    expect(words.at(-1)).toBe('Answer time, below 50 ms to over 1000 ms')
  })

  it('an offline reader is told whose fault it is', async () => {
    const note = mount(OfflineNote, { props: { online: false } })
    expect(note.text()).toBe('You appear to be offline; we keep trying.')
    await note.setProps({ online: true })
    expect(note.text()).toBe('We cannot reach our own server; we keep trying.')
    await nextTick()
  })
})
