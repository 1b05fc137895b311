// Is a written view still what the server would write? Its address is asked again when something is announced, or now and
// then; where `<main>` changed it is swapped, and what the reader opened, focused and scrolled to stays.

import { onMounted, onUnmounted } from 'vue'

import { eventsAddress } from '~/composables/page-source'
import { newsDelay, pollDelay } from '~/composables/poll'
import { useEvents } from '~/composables/useEvents'

/** `live`: it may change at all. `swapped` is called with the new one in place. */
export function useNewer(live: boolean, api: string, main: () => HTMLElement | null, swapped: () => void): void {
  if (!live) return
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0
  let known: string | null = null // `<main>` as the server wrote it
  const events = useEvents(
    eventsAddress(api),
    ({ kind }) => plan(newsDelay(kind, Math.random())),
    () => plan(pollDelay(failures, Math.random())),
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
      take(await answer.text())
      failures = 0
    } catch {
      failures += 1 // what is there stays
    }
    if (!events.isAlive()) plan(pollDelay(failures, Math.random()))
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
  onMounted(() => {
    if (!document.hidden) events.start()
    document.addEventListener('visibilitychange', look)
    plan(pollDelay(0, Math.random()))
  })
  onUnmounted(() => {
    events.stop()
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', look)
  })
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
