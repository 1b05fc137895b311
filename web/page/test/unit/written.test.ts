import { mount } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'

import RowList from '../../app/components/bar/RowList.vue'
import SumText from '../../app/components/bar/SumText.vue'
import ZoomSwitch from '../../app/components/bar/ZoomSwitch.vue'
import { writeForPrint } from '../../app/components/view/printing'
import { writeAges } from '../../app/components/view/view-times'
import { item } from './documents'

const NOW = Date.parse('2026-11-24T14:30:00Z')

function view(html: string): HTMLElement {
  const root = document.createElement('div')
  root.innerHTML = `<main>${html}</main><p data-printed>Data from then</p>`
  document.body.replaceChildren(root)
  return root
}

afterEach(() => window.history.replaceState(null, '', '/'))

describe('a written view', () => {
  it('tells how long ago things were, and goes on telling', () => {
    const root = view('<time>14:18</time><span data-ago="2026-11-24T14:18:00Z"></span>')
    writeAges(root, NOW, 'UTC')
    expect(root.querySelector('main')!.textContent).toBe('14:18 (12 minutes ago)')
    writeAges(root, NOW + 60_000, 'UTC')
    expect(root.querySelector('main')!.textContent).toBe('14:18 (13 minutes ago)')
  })

  it('counts down to the update that was promised, and says when it is overdue', () => {
    const root = view('<p class="notice-promise" data-due="2026-11-24T14:45:00Z">Next update by 15:45</p>')
    const promised = root.querySelector('.notice-promise')!
    writeAges(root, NOW, 'Europe/Budapest')
    expect(promised.textContent).toBe('Next update by 15:45 (in 15 minutes)')
    expect(promised.classList).not.toContain('is-overdue')
    writeAges(root, NOW + 23 * 60_000, 'Europe/Budapest')
    expect(promised.textContent).toBe('Update overdue by 8 min, it was due at 15:45')
    expect(promised.classList).toContain('is-overdue')
  })

  it('says on paper when it was printed, where it is, and where its links lead', () => {
    window.history.replaceState(null, '', '/history/2026-11')
    const root = view('<ul class="view-list"><li><a href="../incident/7?lang=de">Slow</a></li></ul><a href="#x">x</a>')
    writeForPrint(root)
    const line = root.querySelector('[data-printed]')!.textContent
    expect(line).toMatch(/^Printed .+ UTC, http:\/\/[^/]+\/history\/2026-11$/)
    const [told, kept] = root.querySelectorAll('a')
    expect(told!.dataset.address).toBe(`${location.origin}/incident/7?lang=de`)
    expect(kept!.dataset.address).toBeUndefined()
  })
})

describe('links of the live page', () => {
  const links = () => {
    const failing = item({ minutes: `${'u'.repeat(58)}xx`, sum: { window_s: 60, down_s: 1 } as never })
    const time = { now: NOW, zone: 'UTC', pages: 'UTC', scale: null }
    const sum = mount(SumText, { props: { item: failing, zoom: '24h' } })
    const zooms = mount(ZoomSwitch, { props: { modelValue: '24h' } })
    const days = mount(RowList, {
      props: {
        item: item({ bar: 'ux', marks: [{ at: 1, down_s: 60, spans: [], incidents: [] } as never] }),
        time: { ...time, scale: { zoom: '90d', first: '2026-11-23', cells: 2, step_s: null } } as never,
      },
    })
    return [sum, zooms, days].flatMap((one) => one.findAll('a').map((link) => link.attributes('href')))
  }

  it('keep the language that a link asked for', () => {
    const plain = links()
    expect(plain).toEqual(['monitor/api/receipt?window=24h', '?z=60m', '?z=24h', '?z=90d', 'day/2026-11-24'])
    window.history.replaceState(null, '', '/?lang=hu')
    expect(links()).toEqual(plain.map((one) => `${one}${one!.includes('?') ? '&' : '?'}lang=hu`))
  })
})
