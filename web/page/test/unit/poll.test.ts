import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, ref } from 'vue'

import type { PageDocument } from '#layer/api/page'

import { newsDelay, pollDelay, reopenDelay } from '../../app/composables/poll'
import { usePage, type LivePage } from '../../app/composables/usePage'
import { GENERATED, page } from './documents'

// The clock is the test's; the answers are real Response objects; the stream says what the test lets it say.

let live: LivePage
let answers: (() => Response)[]
let asked: string[]
let streams: Stream[]
const query = ref('')

const answer = (document: PageDocument, date = Date.now(), headers = {}) =>
  new Response(JSON.stringify(document), { headers: { date: new Date(date).toUTCString(), ...headers } })

class Stream extends EventTarget {
  onerror: (() => void) | null = null
  closed = false
  constructor(readonly address: string) {
    super()
    streams.push(this)
  }
  say(kind: string, given: { essence?: string; changed?: number; at?: number } = {}): void {
    const data = { essence: 'a1', changed: GENERATED - 60_000, at: Date.now(), ...given }
    this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(data) }))
  }
  cut(): void {
    this.onerror?.()
  }
  close(): void {
    this.closed = true
  }
}
const newest = () => streams.at(-1)!
const open = () => streams.filter((stream) => !stream.closed)

function start(
  written: object | null,
  given: DOMStringMap = {},
  text = written && JSON.stringify(written),
): () => void {
  document.body.innerHTML = ''
  if (text !== null) {
    const script = Object.assign(document.createElement('script'), { id: 'page-data', type: 'application/json' })
    Object.assign(script.dataset, { api: '/sub/api/page?slug=x', ...given })
    script.textContent = text
    document.body.append(script)
  }
  const Host = defineComponent({
    setup() {
      live = usePage('', () => query.value)
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
  streams = []
  query.value = ''
  vi.stubGlobal('EventSource', undefined)
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

  it('asks at once for what the page does not carry, and does without it meanwhile', async () => {
    const whole = page()
    const [first] = whole.groups[0]!.items
    const spark = { p50: [1], p95: [2] }
    answers = [() => answer({ ...whole, groups: [{ ...whole.groups[0]!, items: [{ ...first!, spark }] }] })]
    const bare = { ...first!, slow: undefined, spark: {}, marks: [{ at: 3, down_s: 60, incidents: [] }] }
    stop = start({ ...whole, groups: [{ ...whole.groups[0]!, items: [bare] }] }, { lean: '' })
    const shown = () => live.document.value!.groups[0]!.items[0]!
    expect(shown()).toMatchObject({ slow: [], spark: { p50: [], p95: [] }, marks: [{ at: 3, spans: [] }] })
    await pass(0)
    expect(asked).toHaveLength(1)
    expect(shown().spark).toEqual(spark)
  })

  it('asks at once on a view that carries no document', async () => {
    answers = [() => answer(page())]
    stop = start(null, {}, 'null')
    await pass(0)
    expect(asked).toEqual(['/sub/api/page?slug=x'])
    expect(live.document.value).not.toBeNull()
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

describe('being told of newer data', () => {
  const tagged = (essence: string, changes: Partial<PageDocument> = {}) =>
    answer(page(changes), Date.now(), { etag: `"${essence}.0123"` })

  beforeEach(() => vi.stubGlobal('EventSource', Stream))

  it('follows the page it shows, and asks nothing while nothing is announced', async () => {
    stop = start(page())
    expect(newest().address).toBe('/sub/api/events?slug=x')
    newest().say('hello')
    for (let minutes = 0; minutes < 5; minutes += 1) {
      await pass(50_000)
      newest().say('minute', { at: GENERATED })
    }
    expect(asked).toEqual([])
    expect(live.lost.value).toBe(false)
  })

  it('asks almost at once for a change, and within three seconds when only a minute passed', async () => {
    answers = [() => tagged('b2', { generated_at: new Date().toISOString() })]
    stop = start(page())
    newest().say('hello')
    await pass(1_000)
    newest().say('change', { essence: 'b2', changed: Date.now() })
    await pass(300)
    expect(asked).toHaveLength(1)
    newest().say('minute', { essence: 'b2', changed: 0, at: Date.now() + 60_000 })
    await pass(1_000)
    expect(asked).toHaveLength(1)
    await pass(2_000)
    expect(asked).toHaveLength(2)
  })

  it('asks again when the process that answered did not know yet, but not for ever', async () => {
    answers = [() => tagged('a1'), () => tagged('b2')]
    stop = start(page())
    newest().say('hello')
    newest().say('change', { essence: 'b2', changed: Date.now() + 1 })
    await pass(300)
    expect(asked).toHaveLength(1)
    await pass(2_000)
    expect(asked).toHaveLength(2)
    await pass(20_000)
    expect(asked).toHaveLength(2)
    answers = [() => tagged('b2')]
    newest().say('change', { essence: 'c3', changed: Date.now() })
    await pass(60_000)
    expect(asked).toHaveLength(5)
  })

  it('catches up when it missed something before the stream began', async () => {
    answers = [() => tagged('b2')]
    stop = start(page())
    newest().say('hello', { essence: 'b2', changed: GENERATED + 1 })
    await pass(1_000)
    expect(asked).toHaveLength(1)
  })

  it('takes the server’s clock from the first event, not from one that waited', async () => {
    stop = start(page())
    newest().say('hello', { at: Date.now() - 3 * 3_600_000 })
    expect(live.skew.value).toBe(-3 * 3_600_000)
    newest().say('change', { at: Date.now() - 5 * 3_600_000 })
    expect(live.skew.value).toBe(-3 * 3_600_000)
  })

  it('polls while the stream is broken, and opens it again', async () => {
    answers = [() => answer(page({ generated_at: new Date().toISOString() }))]
    stop = start(page())
    newest().say('hello')
    newest().cut()
    expect(open()).toHaveLength(0)
    await pass(3_000)
    expect(asked).toHaveLength(1)
    expect(open()).toHaveLength(1)
    newest().cut()
    await pass(59_000)
    expect(open()).toHaveLength(0)
    expect(asked.length).toBeGreaterThanOrEqual(3)
    await pass(61_000)
    expect(open()).toHaveLength(1)
    newest().say('hello')
    const before = asked.length
    await pass(80_000)
    expect(asked).toHaveLength(before)
  })

  it('gives up a stream that says nothing', async () => {
    answers = [() => answer(page())]
    stop = start(page())
    newest().say('hello')
    await pass(89_000)
    expect(open()).toHaveLength(1)
    await pass(1_500)
    expect(open()).toHaveLength(0)
  })

  it('says that it is lost when the server is gone', async () => {
    stop = start(page())
    newest().say('hello')
    newest().cut()
    await pass(10_000)
    expect(live.lost.value).toBe(true)
  })

  it('leaves the stream in a hidden tab, polls there for ten minutes, and comes back at once', async () => {
    answers = [() => answer(page())]
    stop = start(page())
    newest().say('hello')
    hide(true)
    await pass(59_000)
    expect(open()).toHaveLength(1)
    await pass(2_000)
    expect(open()).toHaveLength(0)
    await pass(11 * 60_000)
    const before = asked.length
    expect(before).toBeGreaterThan(5)
    await pass(60 * 60_000)
    expect(asked).toHaveLength(before)
    hide(false)
    await pass(0)
    expect(asked).toHaveLength(before + 1)
    expect(open()).toHaveLength(1)
  })

  it('closes the stream with the page', () => {
    stop = start(page())
    stop()
    expect(open()).toHaveLength(0)
  })
})

describe('what is asked for', () => {
  it('is asked for at once when it changes, and an answer to the old question is not shown', async () => {
    const late: ((response: Response) => void)[] = []
    vi.stubGlobal('fetch', (address: string) => {
      asked.push(address)
      return new Promise<Response>((resolve) => late.push(resolve))
    })
    stop = start(page())
    dispatchEvent(new Event('online'))
    query.value = 'z=24h'
    await pass(0)
    expect(asked).toEqual(['/sub/api/page?slug=x', '/sub/api/page?slug=x&z=24h'])
    late[1]!(answer(page({ generated_at: '2026-11-24T14:00:31Z' })))
    await pass(0)
    late[0]!(answer(page({ generated_at: '2026-11-24T14:00:32Z' })))
    await pass(0)
    expect(live.document.value?.generated_at).toBe('2026-11-24T14:00:31Z')
  })

  it('counts what the service worker kept as no answer, shows it when it is newer, and takes no time from it', async () => {
    const generated_at = new Date(GENERATED + 1_000).toISOString()
    answers = [() => answer(page({ generated_at }), Date.now() - 86_400_000, { 'x-kept': '1' })]
    stop = start(page())
    await pass(30_000)
    expect(live.document.value?.generated_at).toBe(generated_at)
    expect(live.lost.value).toBe(true)
    expect(live.skew.value).toBe(0)
  })
})

describe('the delay', () => {
  it('of a stream grows when it breaks again and again', () => {
    expect([1, 2, 3, 9].map((breaks) => reopenDelay(breaks, 0))).toEqual([1_000, 60_000, 180_000, 180_000])
    expect(newsDelay('change', 1)).toBe(300)
    expect(newsDelay('minute', 1)).toBe(3_000)
    expect(pollDelay(0, 0.5, true)).toBe(60_000)
  })

  it('spreads readers while all is well, and grows with failures', () => {
    expect(pollDelay(0, 0)).toBe(15_000)
    expect(pollDelay(0, 1)).toBe(30_000)
    const delays = [1, 2, 3, 4, 9].map((failures) => pollDelay(failures, 0.5))
    expect(delays).toEqual([5_000, 15_000, 30_000, 60_000, 60_000])
  })
})
