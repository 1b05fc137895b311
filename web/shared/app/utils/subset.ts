// What would the page say if it had only the services that a reader chose? The twin of `headline` in pages/state.py;
// golden/subset.json holds both to it.

import type { Group, Headline, Incident, Item, PageDocument, Recent, State } from '../api/page.ts'
import { items } from './headline.ts'

const NAMED = 5
const SOONEST_STALE = 180 // seconds

/** What the banner needs to know of one service. */
export type Service = Pick<Item, 'name' | 'state' | 'interval_s' | 'checked_at' | 'paused'>

/** What the banner says, from the state of these services and the titles of open incidents that touch them. */
export function headlineOf(
  services: readonly Service[],
  now: number,
  incidents: readonly string[] = [],
  recent: Recent | null = null,
): Headline {
  const says = (code: Headline['code'], state: State, names: readonly string[] = [], lately: Recent | null = null) => ({
    code,
    state,
    affected: names.length,
    total: services.length,
    no_data: services.filter((service) => service.state === 'no-data').length,
    names: names.slice(0, NAMED),
    recent: lately,
  })
  const of = (state: State) => services.filter((service) => service.state === state).map(({ name }) => name)

  const blind = cannotTell(services, now)
  if (blind !== null) return says(blind, 'no-data')
  const working = of('maintenance')
  for (const state of ['major', 'partial', 'degraded'] as const) {
    const names = of(state)
    const everything = state === 'major' && names.length === services.length - working.length
    if (names.length > 0) return says(everything ? 'major-all' : state, state, names)
  }
  if (incidents.length > 0) return says('incident', 'degraded', incidents)
  if (working.length > 0) return says('maintenance', 'maintenance', working)
  return says('operational', 'operational', [], recent)
}

/** Why nothing can be said of all of them; null when something can. */
function cannotTell(services: readonly Service[], now: number): 'empty' | 'paused' | 'waiting' | 'stale' | null {
  if (services.length === 0) return 'empty'
  const asked = services.filter((service) => !service.paused)
  if (asked.length === 0) return 'paused'
  const newest = newestOf(asked)
  if (newest === null) return 'waiting'
  if (now - Date.parse(newest) > staleAfter(asked) * 1000) return 'stale'
  const untouched = services.filter((service) => service.state !== 'maintenance')
  return untouched.length > 0 && untouched.every((service) => service.state === 'no-data') ? 'stale' : null
}

function newestOf(services: readonly Service[]): string | null {
  const moments = services.map((service) => service.checked_at).filter((at) => at !== null)
  return moments.sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1) ?? null
}

function staleAfter(asked: readonly Service[]): number {
  const fastest = Math.min(...asked.map((service) => service.interval_s))
  return Number.isFinite(fastest) ? Math.max(SOONEST_STALE, Math.ceil(3 * fastest)) : SOONEST_STALE
}

/** The page as if it had only the services with these ids. With none of them on the page it stays as it is. */
export function only(document: PageDocument, ids: readonly string[], now: number): PageDocument {
  const groups = document.groups.map((group) => kept(group, ids)).filter((group) => group.items.length > 0)
  if (groups.length === 0) return document
  const chosen = items({ ...document, groups })
  const asked = chosen.filter((service) => !service.paused)
  const incidents = document.incidents.filter((incident) => touches(incident, chosen))
  const titles = incidents.map((incident) => incident.title)
  return {
    ...document,
    groups,
    incidents,
    newest_result_at: newestOf(asked),
    stale_after_s: staleAfter(asked),
    headline: headlineOf(chosen, now, titles, recentOf(document.headline.recent ?? null, chosen)),
  }
}

function kept(group: Group, ids: readonly string[]): Group {
  return { ...group, items: group.items.filter((item) => ids.includes(item.id)) }
}

/** An incident that names no service is everybody's. */
function touches({ affected }: Incident, services: readonly Item[]): boolean {
  return affected.length === 0 || affected.some(({ name }) => services.some((service) => service.name === name))
}

/** What is known of the last 24 hours of these: names are sent for five at most, and the moment for the last alone. */
function recentOf(recent: Recent | null, services: readonly Item[]): Recent | null {
  if (recent === null || recent.down === 0) return recent
  const names = recent.names.filter((name) => services.some((service) => service.name === name))
  if (names.length === 0) return recent.down > recent.names.length ? null : { down: 0, names, recovered_at: null }
  return names[0] === recent.names[0] ? { ...recent, down: names.length, names } : null
}
