// How old is what we show, and may it still be believed?

import type { PageDocument } from '../api/page.ts'
import { staleHeadline } from './headline.ts'
import { say } from './language.ts'
import { ago, span } from './time.ts'

const JUST_NOW = 90_000 // milliseconds; a result a minute keeps saying "just now"

/** Age of the newest result in milliseconds at `now` (server's clock), null when there is none yet. */
export function age({ newest_result_at: newest }: PageDocument, now: number): number | null {
  return newest === null ? null : Math.max(0, now - Date.parse(newest))
}

export function isStale(document: PageDocument, now: number): boolean {
  const old = age(document, now)
  return document.headline.code === 'stale' || (old !== null && old >= document.stale_after_s * 1000)
}

/** The same document, its headline withdrawn once its data are too old. */
export function asOf(document: PageDocument, now: number): PageDocument {
  return isStale(document, now) ? { ...document, headline: staleHeadline(document.headline) } : document
}

/** "Updated just now", "Data is 4 minutes old", "Last confirmed 12 minutes ago"; '' before the first result. */
export function freshness(document: PageDocument, now: number): string {
  const old = age(document, now)
  if (old === null) return ''
  if (isStale(document, now)) return say('age.confirmed', { ago: ago(now - old, now) })
  return old < JUST_NOW ? say('age.now') : say('age.old', { span: span(old) })
}
