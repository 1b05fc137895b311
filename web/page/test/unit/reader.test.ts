import { enableAutoUnmount, flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, nextTick, ref, shallowRef } from 'vue'

import type { Headline, Incident, PageDocument } from '#layer/api/page'
import { missed } from '#layer/utils/away'

import { useBack, type Back } from '../../app/composables/useBack'
import { inLanguage, languages, linkTo } from '../../app/composables/useLanguage'
import { choosing, useMine, type Mine } from '../../app/composables/useMine'
import { useTab } from '../../app/composables/useTab'
import { useVisit, visiting } from '../../app/composables/useVisit'
import { GENERATED, item, page } from './documents'

// What this device remembers, and what a reader is told because of it.

const MINUTE = 60_000

/** What a composable gives inside a component. */
function used<T>(use: () => T): T {
  let made: T | undefined
  mount(
    defineComponent({
      setup() {
        made = use()
        return () => null
      },
    }),
  )
  return made!
}

enableAutoUnmount(afterEach)
beforeEach(() => {
  localStorage.clear()
  window.history.replaceState(null, '', '/')
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const headline = (code: Headline['code'], names: string[] = []): Headline => ({
  ...page().headline,
  code,
  state: code === 'operational' ? 'operational' : code === 'stale' ? 'no-data' : 'major',
  names,
  affected: names.length,
})

describe('the tab', () => {
  const badges: (number | null)[] = []
  beforeEach(() => {
    badges.length = 0
    vi.stubGlobal('navigator', {
      setAppBadge: async (n: number) => void badges.push(n),
      clearAppBadge: async () => void badges.push(null),
    })
  })

  it('says in title, icon and badge what the banner says', async () => {
    const shown = shallowRef(page({ headline: headline('major', ['API', 'Web']) }))
    used(() => useTab(() => shown.value))
    expect(document.title).toBe('● Down: API and 1 more | Acme status')
    expect(document.querySelector<HTMLLinkElement>('#favicon')?.href).toMatch(/favicon\/major\.svg$/)
    shown.value = page()
    await nextTick()
    expect(document.title).toBe('Acme status')
    expect(badges).toEqual([2, null])
  })

  it('says that it is back until somebody looks', async () => {
    const isBack = ref(true)
    used(() =>
      useTab(
        () => page(),
        () => isBack.value,
      ),
    )
    expect(document.title).toBe('✓ All systems operational | Acme status')
    isBack.value = false
    await nextTick()
    expect(document.title).toBe('Acme status')
  })
})

describe('a visit', () => {
  it('is one while its looks are half an hour apart at most', () => {
    const first = visiting(null, 0)
    expect(first).toEqual({ since: null, began: 0, seen: 0 })
    const later = visiting(first, 30 * MINUTE)
    expect(later).toEqual({ since: null, began: 0, seen: 30 * MINUTE })
    expect(visiting(later, 61 * MINUTE)).toEqual({ since: 30 * MINUTE, began: 61 * MINUTE, seen: 61 * MINUTE })
  })

  it('the first says nothing; the next knows since when nobody looked', () => {
    const at = (now: number) => used(() => useVisit(() => 'main', ref(now))).value
    expect(at(GENERATED)).toBeNull()
    expect(at(GENERATED + MINUTE)).toBeNull()
    const again = GENERATED + 600 * MINUTE
    expect(at(again)).toEqual({ from: GENERATED + MINUTE, until: again })
    expect(at(again + MINUTE), 'a reload is the same visit').toEqual({ from: GENERATED + MINUTE, until: again })
    expect(used(() => useVisit(() => 'other', ref(again))).value, 'each page has its own').toBeNull()
  })

  it('takes nonsense for nothing', () => {
    localStorage.setItem('signalbox-visit-main', '{"since":"x"')
    expect(used(() => useVisit(() => 'main', ref(GENERATED))).value).toBeNull()
  })

  it('missed what began or ended while nobody looked', () => {
    const one = (id: string, started_at: string, resolved_at: string | null) =>
      ({ id, started_at, resolved_at }) as Incident
    const open = [one('new', '2026-11-24T12:00:00Z', null), one('seen', '2026-11-24T08:00:00Z', null)]
    const over = [
      one('ended', '2026-11-24T08:30:00Z', '2026-11-24T11:00:00Z'),
      one('old', '2026-11-23T08:00:00Z', '2026-11-23T09:00:00Z'),
    ]
    const past = { days: 14, calm: 12, more: 0, listed: [{ day: '2026-11-24', incidents: over }] }
    const [from, until] = [Date.parse('2026-11-24T09:00:00Z'), Date.parse('2026-11-24T13:00:00Z')]
    expect(missed(page({ incidents: open, past }), from, until).map(({ id }) => id)).toEqual(['new', 'ended'])
  })
})

describe('chosen services', () => {
  const two = () =>
    page({
      headline: headline('major', ['Web']),
      groups: [
        {
          name: null,
          state: 'partial',
          items: [item(), item({ id: 'web', name: 'Web', state: 'major' })],
          uptime: null,
        },
      ],
    })
  const mine = (): Mine => used(() => useMine(() => two(), ref(GENERATED)))

  it('are all until somebody chooses', () => {
    expect(mine().chosen.value?.headline.code).toBe('major')
  })

  it('are remembered, and stand in the address', async () => {
    const first = mine()
    first.ids.value = ['api']
    await nextTick()
    await vi.dynamicImportSettled()
    expect(first.chosen.value?.headline.code).toBe('operational')
    expect(location.search).toBe('?mine=api')
    window.history.replaceState(null, '', '/')
    expect(mine().ids.value).toEqual(['api'])
  })

  it('are those of a link before those that are remembered', async () => {
    localStorage.setItem('signalbox-mine-main', 'api')
    window.history.replaceState(null, '', '/?mine=web,web,')
    const linked = mine()
    await vi.dynamicImportSettled()
    expect(linked.ids.value).toEqual(['web'])
    expect(linked.chosen.value?.headline.code).toBe('major-all')
  })

  it('are forgotten when all are wanted again', async () => {
    localStorage.setItem('signalbox-mine-main', 'api')
    mine().ids.value = []
    await nextTick()
    expect(localStorage.getItem('signalbox-mine-main')).toBeNull()
    expect(location.search).toBe('')
  })

  it('make a link that keeps the rest of the address', () => {
    expect(choosing('https://x.example/a?tz=UTC&mine=old#b', ['a', 'b c'])).toBe(
      'https://x.example/a?tz=UTC&mine=a,b%20c#b',
    )
    expect(choosing('https://x.example/a?mine=old', [])).toBe('https://x.example/a')
  })
})

describe('being told that it is back', () => {
  const notices: { title: string; body?: string }[] = []
  class Notices {
    static permission = 'default'
    static async requestPermission() {
      return (Notices.permission = 'granted')
    }
    constructor(
      readonly title: string,
      options: NotificationOptions,
    ) {
      notices.push({ title, body: options.body })
    }
  }

  const told = async () => {
    await nextTick()
    await vi.dynamicImportSettled()
    await flushPromises()
  }
  const shown = shallowRef<PageDocument>(page())
  const down = () => page({ headline: headline('major', ['API']) })
  const asked = async (): Promise<Back> => {
    shown.value = down()
    const back = used(() => useBack(() => shown.value))
    await back.ask()
    return back
  }

  beforeEach(() => {
    notices.length = 0
    Notices.permission = 'default'
    vi.stubGlobal('Notification', Notices)
  })

  it('happens once, by a notification where that is allowed', async () => {
    const back = await asked()
    shown.value = page({ headline: headline('stale') })
    await nextTick()
    expect(notices, 'nothing is confirmed').toEqual([])
    shown.value = page()
    await told()
    expect(notices).toEqual([{ title: 'Acme status', body: 'All systems operational' }])
    expect(back.isAsked.value).toBe(false)
    shown.value = down()
    await nextTick()
    shown.value = page()
    await told()
    expect(notices).toHaveLength(1)
  })

  it('stays in the title until the reader looks', async () => {
    vi.spyOn(document, 'hasFocus').mockReturnValue(false)
    const back = await asked()
    shown.value = page()
    await nextTick()
    expect(back.isTold.value).toBe(true)
    dispatchEvent(new Event('focus'))
    expect(back.isTold.value).toBe(false)
  })

  it('is a soft sound where notifications are refused', async () => {
    vi.stubGlobal(
      'Notification',
      Object.assign(() => undefined, { permission: 'denied' }),
    )
    const tones: number[] = []
    const param = { setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} }
    vi.stubGlobal(
      'AudioContext',
      class {
        currentTime = 0
        close = async () => undefined
      },
    )
    vi.stubGlobal(
      'GainNode',
      class {
        gain = param
        connect = () => undefined
      },
    )
    vi.stubGlobal(
      'OscillatorNode',
      class {
        constructor(_sound: unknown, { frequency }: { frequency: number }) {
          tones.push(frequency)
        }
        connect<T>(next: T): T {
          return next
        }
        start() {}
        stop() {}
      },
    )
    await asked()
    shown.value = page()
    await told()
    expect(tones).toEqual([523.25, 659.25])
  })

  it('can be called off', async () => {
    const back = await asked()
    back.stop()
    shown.value = page()
    await told()
    expect(notices).toEqual([])
  })
})

describe('the language', () => {
  it('is asked of the server, whatever else the address says', () => {
    expect(inLanguage('https://x.example/a/?tz=UTC&lang=de#b', 'pt-BR')).toBe(
      'https://x.example/a/?tz=UTC&lang=pt-BR#b',
    )
  })

  it('is called by its own name, as the server writes it', () => {
    expect(languages().map(({ name }) => name)).toEqual([
      'English',
      'Deutsch',
      'Français',
      'Español',
      'Português',
      'Magyar',
      '日本語',
      '中文',
      'العربية',
    ])
  })

  it('goes along to other views when a link asked for it', () => {
    expect(linkTo('incident/k3v9', '#u-2')).toBe('incident/k3v9#u-2')
    window.history.replaceState(null, '', '/?lang=ja')
    expect(linkTo('incident/k3v9', '#u-2')).toBe('incident/k3v9?lang=ja#u-2')
  })
})
