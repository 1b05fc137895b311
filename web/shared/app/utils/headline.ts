// What does the banner say? One table; golden/headlines.json holds it for both sides.

import type { Group, Headline, Item, PageDocument, Recent, State } from '../api/page.ts'
import { isDowntime } from './downtime.ts'
import { count, listed, number, say } from './language.ts'
import { ago } from './time.ts'

const NAMED = 5 // the server sends at most so many names

interface Banner {
  words: string
  detail: string // '' for none
}
type Wording = (headline: Headline, downtime: readonly string[], now: number) => Banner

const affected =
  (code: 'major' | 'partial' | 'degraded'): Wording =>
  ({ affected: n, total, names }) =>
    n === 1 && names[0] !== undefined
      ? { words: say(`banner.${code}-one`, { name: names[0] }), detail: '' }
      : { words: count(`banner.${code}`, n, { total: number(total) }), detail: list(names, n) }

const WORDS: Record<Headline['code'], Wording> = {
  stale: () => ({ words: say('banner.stale'), detail: say('banner.stale-detail') }),
  waiting: () => ({ words: say('banner.waiting'), detail: '' }),
  empty: () => ({ words: say('banner.empty'), detail: '' }),
  paused: () => ({ words: say('banner.paused'), detail: say('banner.paused-detail') }),
  'major-all': ({ affected: n, names }) => ({ words: say('banner.major-all'), detail: list(names, n) }),
  major: affected('major'),
  partial: affected('partial'),
  degraded: affected('degraded'),
  incident: ({ affected: n, names }) => ({ words: say('banner.incident'), detail: list(names, n) }),
  maintenance: ({ affected: n, names }) =>
    n === 1 && names[0] !== undefined
      ? { words: say('banner.maintenance-one', { name: names[0] }), detail: '' }
      : { words: count('banner.maintenance', n), detail: list(names, n) },
  operational: ({ no_data: missing, recent }, downtime, now) =>
    missing > 0
      ? { words: say('banner.operational-some'), detail: count('banner.no-data', missing) }
      : { words: say('banner.operational'), detail: lately(recent ?? null, downtime, now) },
}

/** The headline and the line below it. `downtime` names what was down in the past 60 minutes. */
export function bannerWords(headline: Headline, downtime: readonly string[], now: number): Banner {
  return WORDS[headline.code](headline, downtime, now)
}

/** The title of the browser's tab. */
export function tabTitle(title: string, { code, affected: n, names }: Headline): string {
  switch (code) {
    case 'stale':
      return `? ${title}`
    case 'major-all':
      return `● ${say('tab.all')} | ${title}`
    case 'major':
      return `● ${down(names[0]!, n)} | ${title}`
    case 'partial':
    case 'degraded':
    case 'incident':
      return `(${number(n)}) ${title}`
    default:
      return title
  }
}

function down(name: string, n: number): string {
  return n > 1 ? count('tab.more', n - 1, { name }) : say('tab.one', { name })
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
  const found = [
    ['group.bad', of('degraded', 'partial', 'major')],
    ['group.work', of('maintenance')],
    ['group.silent', of('no-data')],
    ['group.fine', group.items.length],
  ] as const
  const [key, n] = found.find(([, number]) => number > 0) ?? found[3]
  return listed([count('group.services', group.items.length), count(key, n)])
}

function list(names: readonly string[], total: number): string {
  return listed(names.slice(0, NAMED), total - Math.min(names.length, NAMED))
}

/** With a whole day known, checks that failed were too few for an outage; else it may have been one. */
function lately(recent: Recent | null, failed: readonly string[], now: number): string {
  if (recent?.recovered_at) return recovered(recent, ago(Date.parse(recent.recovered_at), now))
  if (failed.length === 0) return recent ? say('banner.calm') : ''
  const key = recent ? 'failed' : 'downtime'
  return failed.length === 1 ? say(`banner.${key}-one`, { name: failed[0]! }) : count(`banner.${key}`, failed.length)
}

function recovered({ down: n, names }: Recent, when: string): string {
  return n === 1 && names[0] !== undefined
    ? say('banner.recovered-one', { ago: when, name: names[0] })
    : count('banner.recovered', n, { ago: when })
}
