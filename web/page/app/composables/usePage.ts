// The page's document, kept new: asked for every 15 to 30 s, at once when the tab comes back or the network does.

import { computed, onMounted, onUnmounted, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'

import type { PageDocument } from '#layer/api/page'
import { isStale } from '#layer/utils/freshness'

import { documentAddress, fetchDocument, writtenDocument } from './page-source'
import { HIDDEN_LIMIT, LOST, pollDelay } from './poll'

export interface LivePage {
  document: ShallowRef<PageDocument | null>
  skew: Ref<number> // server's clock ahead of ours, milliseconds
  online: Ref<boolean>
  lost: ComputedRef<boolean> // we cannot get newer data
  refresh: () => Promise<void>
}

const AHEAD = 5_000 // milliseconds by which a document may be newer than our own clock before we ask the server's

export function usePage(api: string): LivePage {
  const document_ = shallowRef(writtenDocument())
  const address = documentAddress(api)
  const skew = ref(0)
  const online = ref(navigator.onLine)
  const failures = ref(0)
  let timer: ReturnType<typeof setTimeout> | undefined
  let hiddenSince: number | null = null
  let asking: Promise<void> | null = null
  let ended = false

  async function ask(): Promise<void> {
    clearTimeout(timer)
    try {
      const { document: newer, date } = await fetchDocument(address)
      if (date !== null) skew.value = Math.abs(date - Date.now()) < 2_000 ? 0 : date - Date.now()
      document_.value = newer
      failures.value = 0
      online.value = true
    } catch {
      failures.value += 1
      online.value = navigator.onLine
    }
    schedule()
  }

  function refresh(): Promise<void> {
    asking ??= ask().finally(() => {
      asking = null
    })
    return asking
  }

  function schedule(): void {
    if (ended || (hiddenSince !== null && Date.now() - hiddenSince > HIDDEN_LIMIT)) return
    timer = setTimeout(() => void refresh(), pollDelay(failures.value, Math.random()))
  }

  function onVisibility(): void {
    hiddenSince = document.hidden ? (hiddenSince ?? Date.now()) : null
    if (!document.hidden) void refresh()
  }

  function onNetwork(): void {
    online.value = navigator.onLine
    if (online.value) void refresh()
  }

  /** A written document from a cache, or by a clock that is not ours, is asked for again at once. */
  function isDoubtful(written: PageDocument | null): boolean {
    const now = Date.now()
    return written === null || isStale(written, now) || Date.parse(written.generated_at) > now + AHEAD
  }

  onMounted(() => {
    hiddenSince = document.hidden ? Date.now() : null
    document.addEventListener('visibilitychange', onVisibility)
    addEventListener('online', onNetwork)
    addEventListener('offline', onNetwork)
    if (isDoubtful(document_.value)) void refresh()
    else schedule()
  })
  onUnmounted(() => {
    ended = true
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', onVisibility)
    removeEventListener('online', onNetwork)
    removeEventListener('offline', onNetwork)
  })

  const lost = computed(() => !online.value || failures.value >= LOST)
  return { document: document_, skew, online, lost, refresh }
}
