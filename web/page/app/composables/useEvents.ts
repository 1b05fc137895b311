// Does the server tell us when there is something new? It does as long as a stream of its events is open; a stream that
// breaks is opened again, soon the first time, later and later when it breaks at once.

import { reopenDelay, SILENCE, type NewsKind } from './poll'

export interface News {
  kind: NewsKind
  essence: string // begins the ETag of a document that has it
  changed: number // since when it is so, by the server's clock, epoch milliseconds
  at: number // the server's clock now
}

export interface Events {
  start: () => void // now, whatever went wrong before
  stop: () => void
  isAlive: () => boolean // what is new will be announced
}

const KINDS: NewsKind[] = ['hello', 'change', 'minute']

/** Events of `address`; null where there are none, as in a static copy. `broken` is called when nothing more will come. */
export function useEvents(address: string | null, heard: (news: News) => void, broken: () => void): Events {
  let source: EventSource | null = null
  let alive = false
  let breaks = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function open(): void {
    stop()
    if (address === null || typeof EventSource === 'undefined') return
    source = new EventSource(address)
    source.onerror = fail
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => hear(kind, event as MessageEvent<string>))
    }
    watch()
  }

  function hear(kind: NewsKind, event: MessageEvent<string>): void {
    const said = JSON.parse(event.data) as Omit<News, 'kind'>
    alive = true
    breaks = 0
    watch()
    heard({ kind, ...said })
  }

  function watch(): void {
    clearTimeout(timer)
    timer = setTimeout(fail, SILENCE)
  }

  function fail(): void {
    stop()
    breaks += 1
    timer = setTimeout(open, reopenDelay(breaks, Math.random()))
    broken()
  }

  function stop(): void {
    clearTimeout(timer)
    source?.close()
    source = null
    alive = false
  }

  function start(): void {
    if (source !== null) return
    breaks = 0
    open()
  }

  return { start, stop, isAlive: () => alive }
}
