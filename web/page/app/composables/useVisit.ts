// What happened since a reader was here last? Only this device knows when that was.

import { onMounted, onUnmounted, ref, watch, type Ref } from 'vue'

import { recall, remember } from './memory'

const KEY = 'signalbox-visit'
const PAUSE = 1_800_000 // milliseconds without a look after which it is another visit

interface Visit {
  since: number | null // when the visit before this one ended
  began: number
  seen: number
}

export interface Away {
  from: number
  until: number
}

/** The time between the last visit and this one; null on the first. `page` names the page, `now` is the server's clock. */
export function useVisit(page: () => string | undefined, now: Ref<number>): Ref<Away | null> {
  const away = ref<Away | null>(null)
  let visit: Visit | null = null

  function look(): void {
    const slug = page()
    if (slug === undefined || document.hidden) return
    const key = `${KEY}-${slug}`
    visit = visiting(visit ?? read(recall(key)), now.value)
    remember(key, JSON.stringify(visit))
    away.value = visit.since === null ? null : { from: visit.since, until: visit.began }
  }

  look()
  watch([page, now], look)
  onMounted(() => document.addEventListener('visibilitychange', look))
  onUnmounted(() => document.removeEventListener('visibilitychange', look))
  return away
}

/** The visit that a look at `now` belongs to. */
export function visiting(before: Visit | null, now: number): Visit {
  if (before === null) return { since: null, began: now, seen: now }
  if (now - before.seen > PAUSE) return { since: before.seen, began: now, seen: now }
  return { ...before, seen: Math.max(before.seen, now) }
}

function read(text: string | null): Visit | null {
  try {
    const { since, began, seen } = JSON.parse(text ?? 'null') as Visit
    return [since ?? 0, began, seen].every(Number.isFinite) ? { since, began, seen } : null
  } catch {
    return null // nothing, or not ours: as on a first visit
  }
}
