// Which incidents did a reader miss? Those that began or ended while nobody looked.

import type { Incident, PageDocument } from '../api/page.ts'

/** Newest first. The page knows of the last 14 days. */
export function missed(document: PageDocument, from: number, until: number): Incident[] {
  const known = [...document.incidents, ...(document.past?.listed ?? []).flatMap((day) => day.incidents)]
  const isAway = (at: string | null) => at !== null && Date.parse(at) > from && Date.parse(at) <= until
  return known.filter((incident) => isAway(incident.started_at) || isAway(incident.resolved_at))
}
