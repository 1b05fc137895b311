import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent } from 'vue'

import type { PageDocument } from '#layer/api/page'

import { pollDelay } from '../../app/composables/poll'
import { usePage, type LivePage } from '../../app/composables/usePage'
import { GENERATED, page } from './documents'

// The clock is the test's; the answers are real Response objects.

let live: LivePage
let answers: (() => Response)[]
let asked: string[]

const answer = (document: PageDocument, date = Date.now()) =>
  new Response(JSON.stringify(document), { headers: { date: new Date(date).toUTCString() } })

function start(written: PageDocument | null): () => void {
  document.body.innerHTML = ''
  if (written !== null) {
    const script = Object.assign(document.createElement('script'), { id: 'page-data', type: 'application/json' })
    script.dataset.api = '/sub/api/page?slug=x'
    script.textContent = JSON.stringify(written)
    document.body.append(script)
  }
  const Host = defineComponent({
    setup() {
      live = usePage('')
      return () => null
    },
  })
  const host = mount(Host)
  return () => host.unmount()
}

function hide(hidden: boolean): void {
  Object.defineProperty(document, 'hidden', { configurable: true, value: hidden })
  document.dispatchEvent(new Event('visibilitychange'))
}

async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds)
  await flushPromises()
}

let stop: () => void = () => undefined

beforeEach(() => {
  vi.useFakeTimers({ now: GENERATED })
  vi.spyOn(Math, 'random').mockReturnValue(0.5) // polls at 22.5 s, then after 5 s and 15 s when they fail
  answers = []
  asked = []
  vi.stubGlobal('fetch', (address: string) => {
    asked.push(address)
    const next = answers.length > 1 ? answers.shift()! : answers[0]
    return next ? Promise.resolve(next()) : Promise.reject(new TypeError('network'))
  })
})

afterEach(() => {
  stop()
  hide(false)
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('asking for newer data', () => {
  it('starts from what the server wrote, and asks every 15 to 30 s at the address it named', async () => {
    answers = [() => answer(page({ generated_at: '2026-11-24T14:00:25Z' }))]
    stop = start(page())
    expect(live.document.value?.page.title).toBe('Acme status')
    await pass(14_000)
    expect(asked).toEqual([])
    await pass(17_000)
    expect(asked).toEqual(['/sub/api/page?slug=x'])
    expect(live.document.value?.generated_at).toBe('2026-11-24T14:00:25Z')
  })

  it('asks at once when nothing was written, or what was written is old', async () => {
    answers = [() => answer(page())]
    stop = start(null)
    await pass(0)
    expect(asked).toEqual(['/api/page'])
    stop()
    stop = start(page({ newest_result_at: '2026-11-24T13:00:00Z' }))
    await pass(0)
    expect(asked).toHaveLength(2)
  })

  it('keeps the data and says so when it fails twice, and recovers', async () => {
    answers = []
    stop = start(page())
    await pass(23_000)
    expect(asked).toHaveLength(1)
    expect(live.lost.value).toBe(false)
    await pass(5_000)
    expect(live.lost.value).toBe(true)
    expect(live.document.value).not.toBeNull()
    answers = [() => answer(page())]
    await pass(60_000)
    expect(live.lost.value).toBe(false)
  })

  it('takes an error page for a failure', async () => {
    answers = [() => new Response('{}', { status: 503 })]
    stop = start(page())
    await pass(45_000)
    expect(live.lost.value).toBe(true)
    expect(live.document.value?.groups).toHaveLength(1)
  })

  it('goes by the server’s clock', async () => {
    const ahead = 3_600_000
    answers = [() => answer(page(), Date.now() + ahead)]
    stop = start(page())
    await pass(31_000)
    expect(Math.abs(live.skew.value - ahead)).toBeLessThan(2_000)
  })

  it('stops in a tab that nobody looks at for ten minutes, and asks at once when it is back', async () => {
    answers = [() => answer(page({ newest_result_at: new Date().toISOString() }))]
    stop = start(page())
    hide(true)
    await pass(11 * 60_000)
    const before = asked.length
    expect(before).toBeGreaterThan(0)
    await pass(60 * 60_000)
    expect(asked).toHaveLength(before)
    hide(false)
    await pass(0)
    expect(asked).toHaveLength(before + 1)
    await pass(31_000)
    expect(asked).toHaveLength(before + 2)
  })

  it('asks at once when the network is back', async () => {
    answers = [() => answer(page())]
    stop = start(page())
    dispatchEvent(new Event('online'))
    await pass(0)
    expect(asked).toHaveLength(1)
  })

  it('ends with the page', async () => {
    answers = [() => answer(page())]
    stop = start(page())
    stop()
    await pass(120_000)
    expect(asked).toEqual([])
  })
})

describe('the delay', () => {
  it('spreads readers while all is well, and grows with failures', () => {
    expect(pollDelay(0, 0)).toBe(15_000)
    expect(pollDelay(0, 1)).toBe(30_000)
    const delays = [1, 2, 3, 4, 9].map((failures) => pollDelay(failures, 0.5))
    expect(delays).toEqual([5_000, 15_000, 30_000, 60_000, 60_000])
  })
})
