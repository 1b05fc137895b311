// The page's document, kept new: asked for when the server announces something new, or every 15 to 30 s where it cannot
// tell us; at once when the tab or the network comes back, or something else of it is asked for.

import {
  computed,
  onMounted,
  onUnmounted,
  ref,
  shallowRef,
  watch,
  type ComputedRef,
  type Ref,
  type ShallowRef,
} from 'vue'

import type { PageDocument } from '#layer/api/page'
import { isStale } from '#layer/utils/freshness'

import {
  documentAddress,
  eventsAddress,
  fetchDocument,
  isLean,
  keepForOffline,
  writtenDocument,
  type Answer,
} from './page-source'
import { HIDDEN_LIMIT, HIDDEN_STREAM, LOST, newsDelay, pollDelay } from './poll'
import { useEvents, type News } from './useEvents'

export interface LivePage {
  document: ShallowRef<PageDocument | null>
  skew: Ref<number> // server's clock ahead of ours, milliseconds
  online: Ref<boolean>
  lost: ComputedRef<boolean> // we cannot get newer data
  refresh: () => Promise<void>
}

const AHEAD = 5_000 // milliseconds by which a document may be newer than our own clock before we ask the server's
const EXACT = 2_000 // milliseconds that clocks differ by without being wrong
const AGAIN = 2 // times that an answer is asked for again that lacks what was announced: several processes answer
const MINUTE = 60_000

/** `query` is what the document's address gets besides: `z=24h`. When it changes, the document is asked for at once. */
export function usePage(api: string, query: () => string = () => ''): LivePage {
  const document_ = shallowRef(writtenDocument())
  const skew = ref(0)
  const online = ref(navigator.onLine)
  const failures = ref(0)
  const events = useEvents(eventsAddress(api), onNews, () => plan(newsDelay('minute', Math.random())))
  const address = () => documentAddress(api, query())
  let essence: string | null = null // of the document, where it is known
  let wanted: { essence: string; tries: number } | null = null // what was announced and is not here yet
  let timer: ReturnType<typeof setTimeout> | undefined
  let hiding: ReturnType<typeof setTimeout> | undefined
  let hiddenSince: number | null = null
  let asking: { address: string; answer: Promise<void> } | null = null
  let ended = false

  async function ask(from: string): Promise<void> {
    clearTimeout(timer)
    let answer: Answer | null = null
    try {
      answer = await fetchDocument(from)
    } catch {
      // no network, no server, or no document
    }
    if (from !== address()) return // something else is asked for by now
    if (answer !== null) take(answer)
    failures.value = answer === null || answer.kept ? failures.value + 1 : 0
    online.value = failures.value === 0 || navigator.onLine
    schedule()
  }

  function take({ document: newer, date, essence: found, kept }: Answer): void {
    if (date !== null) setSkew(date - Date.now())
    if (kept && document_.value !== null && document_.value.generated_at > newer.generated_at) return
    document_.value = newer
    essence = found
    if (wanted !== null && (found === null || found === wanted.essence || wanted.tries === AGAIN)) wanted = null
  }

  function setSkew(ahead: number): void {
    skew.value = Math.abs(ahead) < EXACT ? 0 : ahead
  }

  function refresh(): Promise<void> {
    const from = address()
    if (asking?.address === from) return asking.answer
    const answer = ask(from).finally(() => {
      if (asking?.answer === answer) asking = null
    })
    asking = { address: from, answer }
    return answer
  }

  function plan(delay: number): void {
    clearTimeout(timer)
    if (!ended) timer = setTimeout(() => void refresh(), delay)
  }

  function schedule(): void {
    if (hiddenSince !== null && Date.now() - hiddenSince > HIDDEN_LIMIT) return
    if (failures.value === 0 && wanted !== null) {
      wanted.tries += 1
      plan(1_000 + newsDelay('hello', Math.random()))
    } else if (failures.value > 0 || !events.isAlive()) {
      plan(pollDelay(failures.value, Math.random(), hiddenSince !== null))
    }
  }

  function onNews(news: News): void {
    if (news.kind === 'hello') setSkew(news.at - Date.now()) // later ones may have waited in a laptop that slept
    const generated = Date.parse(document_.value?.generated_at ?? '') || 0
    const lacks = essence === null ? generated < news.changed : essence !== news.essence
    if (lacks) wanted = { essence: news.essence, tries: 0 }
    if (lacks) plan(newsDelay(news.kind === 'minute' ? 'change' : news.kind, Math.random()))
    else if (minute(generated) < minute(news.at)) plan(newsDelay('minute', Math.random()))
    else if (failures.value === 0) clearTimeout(timer) // nothing is due until the next announcement
  }

  function onVisibility(): void {
    clearTimeout(hiding)
    hiddenSince = document.hidden ? (hiddenSince ?? Date.now()) : null
    if (document.hidden) hiding = setTimeout(leaveStream, HIDDEN_STREAM)
    else resume()
  }

  function leaveStream(): void {
    events.stop()
    schedule()
  }

  function resume(): void {
    events.start()
    void refresh()
  }

  function onNetwork(): void {
    online.value = navigator.onLine
    if (!online.value) return
    events.stop() // it was opened over a network that is gone
    if (hiddenSince === null) resume()
    else void refresh()
  }

  function onReturn(event: PageTransitionEvent): void {
    if (event.persisted) resume()
  }

  /** A written document from a cache, or by a clock that is not ours, is asked for again at once. */
  function isDoubtful(written: PageDocument | null): boolean {
    const now = Date.now()
    return written === null || isStale(written, now) || Date.parse(written.generated_at) > now + AHEAD
  }

  watch(query, () => void refresh())

  onMounted(() => {
    hiddenSince = document.hidden ? Date.now() : null
    document.addEventListener('visibilitychange', onVisibility)
    addEventListener('online', onNetwork)
    addEventListener('offline', onNetwork)
    addEventListener('pagehide', events.stop) // so that browsers may keep the page for the way back
    addEventListener('pageshow', onReturn)
    if (hiddenSince === null) events.start()
    if (isLean() || isDoubtful(document_.value)) void refresh()
    else schedule()
    keepForOffline()
  })
  onUnmounted(() => {
    ended = true
    clearTimeout(timer)
    clearTimeout(hiding)
    events.stop()
    document.removeEventListener('visibilitychange', onVisibility)
    removeEventListener('online', onNetwork)
    removeEventListener('offline', onNetwork)
    removeEventListener('pagehide', events.stop)
    removeEventListener('pageshow', onReturn)
  })

  const lost = computed(() => !online.value || failures.value >= LOST)
  return { document: document_, skew, online, lost, refresh }
}

function minute(moment: number): number {
  return Math.floor(moment / MINUTE)
}
