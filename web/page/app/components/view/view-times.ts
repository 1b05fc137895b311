// In whose time are the moments of a written view? The server wrote the page's zone; here they become the reader's.

import { clock, dateTime, written } from '#layer/utils/time'

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
