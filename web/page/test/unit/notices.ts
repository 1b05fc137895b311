// Incidents for unit tests, as the API sends them.

import type { Incident } from '#layer/api/page'

export function incident(fields: Partial<Incident> = {}): Incident {
  return {
    id: 'k3v9',
    title: 'Slow <b>writes</b>',
    impact: 'minor',
    state: 'degraded',
    status: 'identified',
    started_at: '2026-11-24T14:00:00Z',
    detected_at: null,
    resolved_at: null,
    next_update_by: '2026-11-24T14:45:00Z',
    affected: [],
    updates: [5, 4, 3, 2, 1].map((number) => ({
      number,
      status: 'identified',
      at: `2026-11-24T14:0${number}:00Z`,
      edited_at: null,
      html: `<p>said <em>${number}</em></p>`,
    })),
    postmortem: null,
    ...fields,
  }
}
