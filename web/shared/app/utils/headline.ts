// What does the banner say? One table; golden/headlines.json holds it for both sides.

import type { Group, Headline, Item, PageDocument, Recent, State } from '../api/page.ts'
import { isDowntime } from './downtime.ts'
import { ago, count } from './time.ts'

const NAMED = 5 // the server sends at most so many names

type Wording = (headline: Headline, downtime: readonly string[], now: number) => { words: string; detail: string }

const affected =
  (one: string, verb: string): Wording =>
  ({ affected: n, total, names }) =>
    n === 1 && names[0] !== undefined
      ? { words: `${one}: ${names[0]}`, detail: '' }
      : { words: `${n} of ${total} services ${verb}`, detail: list(names, n) }

const WORDS: Record<Headline['code'], Wording> = {
  stale: () => ({
    words: 'We cannot confirm the current status',
    detail: 'Below is the last state we know.',
  }),
  waiting: () => ({ words: 'Waiting for the first checks', detail: '' }),
  empty: () => ({ words: 'No services here yet', detail: '' }),
  paused: () => ({ words: 'Nothing is checked at present', detail: 'All checks are paused.' }),
  'major-all': ({ affected: n, names }) => ({
    words: 'Major outage: all services',
    detail: list(names, n),
  }),
  major: affected('Major outage', 'down'),
  partial: affected('Partial outage', 'affected'),
  degraded: affected('Slow or failing for some', 'degraded'),
  incident: ({ affected: n, names }) => ({ words: 'We are looking into a problem', detail: list(names, n) }),
  maintenance: ({ affected: n, names }) =>
    n === 1 && names[0] !== undefined
      ? { words: `Planned maintenance: ${names[0]}`, detail: '' }
      : { words: `Planned maintenance: ${n} services`, detail: list(names, n) },
  operational: ({ no_data: missing, recent }, downtime, now) =>
    missing > 0
      ? { words: 'Operational', detail: missing === 1 ? '1 service has no data' : `${missing} services have no data` }
      : { words: 'All systems operational', detail: lately(recent ?? null, downtime, now) },
}

/** The headline and the line below it ('' for none). `downtime` names what was down in the past 60 minutes. */
export function bannerWords(
  headline: Headline,
  downtime: readonly string[],
  now: number,
): { words: string; detail: string } {
  return WORDS[headline.code](headline, downtime, now)
}

/** The title of the browser's tab. */
export function tabTitle(title: string, { code, affected: n, names }: Headline): string {
  switch (code) {
    case 'stale':
      return `? ${title}`
    case 'major-all':
      return `● Down: all services | ${title}`
    case 'major':
      return `● Down: ${names[0] ?? 'services'}${n > 1 ? ` and ${n - 1} more` : ''} | ${title}`
    case 'partial':
    case 'degraded':
    case 'incident':
      return `(${n}) ${title}`
    default:
      return title
  }
}

/** The headline of a page whose newest result is too old to confirm anything. */
export function staleHeadline(headline: Headline): Headline {
  return { ...headline, code: 'stale', state: 'no-data' }
}

/** Names of the services that were down in some of the past 60 minutes. */
export function namesWithDowntime(document: PageDocument): string[] {
  return items(document)
    .filter((item) => isDowntime(item.minutes))
    .map((item) => item.name)
}

export function items(document: PageDocument): Item[] {
  return document.groups.flatMap((group) => group.items)
}

/** What a closed group says beside its name. */
export function groupWords(group: Group): string {
  const of = (...states: State[]) => group.items.filter(({ state }) => states.includes(state)).length
  const failing = of('degraded', 'partial', 'major')
  const [working, silent] = [of('maintenance'), of('no-data')]
  const services = count(group.items.length, 'service')
  if (failing > 0) return `${services}, ${failing} not operational`
  if (working > 0) return `${services}, ${working} under maintenance`
  return silent > 0 ? `${services}, ${silent} without data` : `${services}, all operational`
}

function list(names: readonly string[], count: number): string {
  const shown = names.slice(0, NAMED)
  const more = count - shown.length
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '')
}

/** With a whole day known, checks that failed were too few for an outage; else it may have been one. */
function lately(recent: Recent | null, failed: readonly string[], now: number): string {
  if (recent?.recovered_at) {
    const who = recent.down === 1 ? (recent.names[0] ?? '1 service') : count(recent.down, 'service')
    return `Recovered ${ago(Date.parse(recent.recovered_at), now)} from an outage of ${who}`
  }
  if (failed.length === 0) return recent ? 'Nothing has been down in the last 24 hours' : ''
  const who = failed.length === 1 ? failed[0] : `${failed.length} services`
  return recent
    ? `Some checks of ${who} failed in the past 60 minutes, too few for an outage`
    : `${who} had downtime in the past 60 minutes`
}
