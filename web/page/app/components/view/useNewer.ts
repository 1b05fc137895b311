// Is a written view still what the server would write? Its address is asked again when something is announced, or now and
// then; where `<main>` changed it is swapped, and what the reader opened, focused and scrolled to stays.

import { computed, onMounted, onUnmounted, ref, type ComputedRef, type Ref } from 'vue'

import { eventsAddress } from '~/composables/page-source'
import { LOST, newsDelay, pollDelay } from '~/composables/poll'
import { useEvents } from '~/composables/useEvents'

export interface Newer {
  online: Ref<boolean>
  lost: ComputedRef<boolean> // we cannot tell whether it is still so
  skew: Ref<number> // milliseconds that the server's clock is ahead of this device's
}

/** `live`: it may change at all. `swapped` is called with the new one in place. */
export function useNewer(live: boolean, api: string, main: () => HTMLElement | null, swapped: () => void): Newer {
  let timer: ReturnType<typeof setTimeout> | undefined
  const failures = ref(0)
  const online = ref(navigator.onLine)
  const skew = ref(0)
  const lost = computed(() => live && (!online.value || failures.value >= LOST))
  let known: string | null = null // `<main>` as the server wrote it
  const events = useEvents(
    eventsAddress(api),
    ({ kind }) => plan(newsDelay(kind, Math.random())),
    () => plan(pollDelay(failures.value, Math.random())),
  )

  function plan(delay: number): void {
    clearTimeout(timer)
    timer = setTimeout(() => void ask(), delay)
  }

  async function ask(): Promise<void> {
    try {
      const answer = await fetch(location.href, {
        headers: { accept: 'text/html' },
        signal: AbortSignal.timeout(10_000),
      })
      if (!answer.ok) throw new Error(`${location.href} answered ${answer.status}`)
      skew.value = ahead(answer.headers.get('date'), skew.value)
      take(await answer.text())
      failures.value = 0
    } catch {
      failures.value += 1 // what is there stays, and is old
    }
    if (failures.value > 0 || !events.isAlive()) plan(pollDelay(failures.value, Math.random()))
  }

  function take(html: string): void {
    const newer = new DOMParser().parseFromString(html, 'text/html').querySelector('main')
    const old = main()
    if (!newer || !old || newer.innerHTML === known) return
    known = newer.innerHTML
    swap(old, newer)
    swapped()
  }

  const look = () => {
    if (document.hidden) events.stop()
    else events.start()
  }
  const onNetwork = () => {
    online.value = navigator.onLine
    if (online.value) plan(0)
  }
  onMounted(() => {
    if (!live) return
    if (!document.hidden) events.start()
    document.addEventListener('visibilitychange', look)
    addEventListener('online', onNetwork)
    addEventListener('offline', onNetwork)
    plan(pollDelay(0, Math.random()))
  })
  onUnmounted(() => {
    events.stop()
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', look)
    removeEventListener('online', onNetwork)
    removeEventListener('offline', onNetwork)
  })
  return { online, lost, skew }
}

/** How far a clock is ahead that says that; differences below what a header can tell are none. */
function ahead(date: string | null, before: number): number {
  const found = date === null ? NaN : Date.parse(date) - Date.now()
  if (Number.isNaN(found)) return before
  return Math.abs(found) < 3_000 ? 0 : found
}

/** Put the new `<main>` in; open what was open, focus what had the focus. Browsers keep the scroll where heights do. */
export function swap(old: HTMLElement, newer: HTMLElement): void {
  const summaries = (root: ParentNode) => [...root.querySelectorAll('details')]
  const name = (one: HTMLDetailsElement) => `${one.closest('[id]')?.id} ${one.querySelector('summary')?.textContent}`
  const opened = new Map(summaries(old).map((one) => [name(one), one.open]))
  const focused = old.contains(document.activeElement) ? pathOf(old, document.activeElement!) : null
  const top = scrollY
  for (const one of summaries(newer)) one.open = opened.get(name(one)) ?? one.open
  old.replaceChildren(...newer.childNodes)
  if (focused !== null) old.querySelector<HTMLElement>(focused)?.focus({ preventScroll: true })
  scrollTo({ top, behavior: 'instant' })
}

/** A selector for the same place in the new one. */
function pathOf(root: Element, element: Element): string {
  const href = element.getAttribute('href')
  if (element.id) return `#${CSS.escape(element.id)}`
  if (href !== null) return `a[href="${CSS.escape(href)}"]`
  const steps: string[] = []
  for (let at: Element | null = element; at && at !== root; at = at.parentElement) {
    steps.unshift(`${at.localName}:nth-child(${[...at.parentElement!.children].indexOf(at) + 1})`)
  }
  return `:scope > ${steps.join(' > ')}`
}
