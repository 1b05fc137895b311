// Pages for unit tests, as the API sends them.

import type { Item, PageDocument } from '#layer/api/page'

export const GENERATED = Date.parse('2026-11-24T14:00:05Z')

export function item(fields: Partial<Item> = {}): Item {
  return {
    id: 'api',
    name: 'API',
    state: 'operational',
    paused: false,
    checking: false,
    quiet: false,
    interval_s: 60,
    checked_at: '2026-11-24T14:00:00Z',
    signals: 60,
    uptime: '100.00',
    minutes: 'u'.repeat(60),
    latency: Array.from({ length: 60 }, () => 120),
    coverage: null,
    sum: null,
    bar: null,
    marks: [],
    slow: [],
    spark: null,
    since: null,
    ...fields,
  }
}

export function page(fields: Partial<PageDocument> = {}): PageDocument {
  return {
    page: { slug: 'main', title: 'Acme status', timezone: 'Europe/Budapest', zoom: '60m', language: null },
    generated_at: new Date(GENERATED).toISOString(),
    newest_result_at: '2026-11-24T14:00:00Z',
    stale_after_s: 180,
    headline: { code: 'operational', state: 'operational', affected: 0, total: 1, no_data: 0, names: [], recent: null },
    scale: null,
    incidents: [],
    maintenance: [],
    past: null,
    groups: [{ name: null, state: 'operational', items: [item()], uptime: null }],
    ...fields,
  }
}
