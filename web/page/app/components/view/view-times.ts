// In whose time are the moments of a written view, and how long ago? The server wrote the page's zone, and no ages: what
// stands on paper or in a tab without script would be wrong soon. Here they become the reader's, and are kept right.

import { promise } from '#layer/utils/telling'
import { ago, clock, dateTime, written } from '#layer/utils/time'

const WORDS: Record<string, (at: number, zone: string) => string> = { clock, dated: dateTime }

/** Rewrite each `<time>`. What showed a clock time alone still does. */
export function writeTimes(root: ParentNode, zone: string): void {
  for (const time of root.querySelectorAll<HTMLTimeElement>('time[datetime*="T"]')) {
    const at = Date.parse(time.dateTime)
    if (Number.isNaN(at)) continue
    time.dataset.form ??= /^\d\d:\d\d$/.test(time.textContent.trim()) ? 'clock' : 'moment'
    time.textContent = WORDS[time.dataset.form]?.(at, zone) ?? written(at, Date.now(), zone)
  }
}

/** How long ago each `data-ago` was, and how long it is to what was promised for `data-due`. */
export function writeAges(root: ParentNode, now: number, zone: string): void {
  for (const one of root.querySelectorAll<HTMLElement>('[data-ago]')) {
    one.textContent = ` (${ago(Date.parse(one.dataset.ago!), now)})`
  }
  for (const one of root.querySelectorAll<HTMLElement>('[data-due]')) {
    const { words, overdue } = promise({ next_update_by: one.dataset.due!, resolved_at: null }, now, zone)
    one.textContent = words
    one.classList.toggle('is-degraded', overdue)
    one.classList.toggle('is-overdue', overdue)
  }
}
