// What does the banner say? One table; golden/headlines.json holds it for both sides.

import type { Group, Headline, Item, PageDocument } from '../api/page.ts'
import { isDowntime } from './downtime.ts'

const NAMED = 5 // the server sends at most so many names

type Wording = (headline: Headline, downtime: readonly string[]) => { words: string; detail: string }

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
  'major-all': ({ affected: n, names }) => ({
    words: 'Major outage: all services',
    detail: list(names, n),
  }),
  major: affected('Major outage', 'down'),
  partial: affected('Partial outage', 'affected'),
  degraded: affected('Slow or failing for some', 'degraded'),
  operational: ({ no_data: missing }, downtime) =>
    missing > 0
      ? { words: 'Operational', detail: missing === 1 ? '1 service has no data' : `${missing} services have no data` }
      : { words: 'All systems operational', detail: recent(downtime) },
}

/** The headline and the line below it ('' for none). `downtime` names the services that were down in the past 60 minutes. */
export function bannerWords(headline: Headline, downtime: readonly string[]): { words: string; detail: string } {
  return WORDS[headline.code](headline, downtime)
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
  const count = group.items.length
  const failing = group.items.filter(({ state }) => state !== 'operational' && state !== 'no-data').length
  const silent = group.items.filter(({ state }) => state === 'no-data').length
  const services = count === 1 ? '1 service' : `${count} services`
  if (failing > 0) return `${services}, ${failing} not operational`
  return silent > 0 ? `${services}, ${silent} without data` : `${services}, all operational`
}

function list(names: readonly string[], count: number): string {
  const shown = names.slice(0, NAMED)
  const more = count - shown.length
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '')
}

function recent(downtime: readonly string[]): string {
  if (downtime.length === 0) return ''
  return `${downtime.length === 1 ? downtime[0] : `${downtime.length} services`} had downtime in the past 60 minutes`
}
