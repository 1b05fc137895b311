// Where does the page's document come from? First from index.html, written by the server; then from the API.

import type { PageDocument } from '#layer/api/page'

export interface Answer {
  document: PageDocument
  date: number | null // the server's clock as it answered, epoch milliseconds
  essence: string | null // what it essentially says, as announcements name it
  kept: boolean // not from the server: what the service worker kept (site/sw.js)
}

const PATIENCE = 10_000 // milliseconds until a request counts as failed

/** The document that the server wrote into the page; null on the dev server. */
export function writtenDocument(): PageDocument | null {
  const text = document.getElementById('page-data')?.textContent
  const written = text ? (JSON.parse(text) as PageDocument | null) : null // a view may have none
  return written && whole(written)
}

/** Does the written document lack what comes only from the API (pages/carried.py)? */
export function isLean(): boolean {
  return document.getElementById('page-data')?.dataset.lean !== undefined
}

function whole(document: PageDocument): PageDocument {
  for (const item of document.groups.flatMap(({ items }) => items)) {
    item.slow ??= []
    if (item.spark) item.spark = Object.assign({ p50: [], p95: [] }, item.spark)
    for (const mark of item.marks) mark.spans ??= []
  }
  return document
}

/** Path from the page to the site's root, ends with "/". */
export function siteBase(): string {
  return document.documentElement.dataset.base ?? '/'
}

/** Where newer documents are asked for. `query` may begin with "?"; empty for what the page opens with. */
export function documentAddress(api: string, query = ''): string {
  const address = document.getElementById('page-data')?.dataset.api ?? `${api || siteBase()}api/page`
  const more = query.replace(/^\?/, '')
  return more ? `${address}${address.includes('?') ? '&' : '?'}${more}` : address
}

/** Where newer documents are announced; null where nobody does, as in a static copy. */
export function eventsAddress(api: string): string | null {
  const address = documentAddress(api)
  return /api\/page(\?|$)/.test(address) ? address.replace(/api\/page(?=\?|$)/, 'api/events') : null
}

/** Ask for the newest document. The browser revalidates its copy by ETag. Fails when the answer is not one. */
export async function fetchDocument(address: string): Promise<Answer> {
  const response = await fetch(address, {
    cache: 'no-cache',
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(PATIENCE),
  })
  if (!response.ok) throw new Error(`${address} answered ${response.status}`)
  const { headers } = response
  const kept = headers.has('x-kept')
  const date = kept ? NaN : Date.parse(headers.get('date') ?? '') + 1_000 * Number(headers.get('age') ?? 0)
  const essence = headers.get('etag')?.match(/([0-9a-f]+)\./)?.[1] ?? null
  return {
    document: (await response.json()) as PageDocument,
    date: Number.isNaN(date) ? null : date,
    essence,
    kept,
  }
}

/** Keep the page for readers who come back without a network. Browsers allow it on https and on this machine only. */
export function keepForOffline(): void {
  const workers = globalThis.isSecureContext ? navigator.serviceWorker : undefined
  if (workers === undefined || document.getElementById('page-data') === null) return // the dev server has no sw.js
  const isFirst = workers.controller === null
  workers
    .register(`${siteBase()}sw.js`)
    .then(() => workers.ready)
    .then(({ active }) => isFirst && active?.postMessage([location.href, ...loadedAssets()]))
    .catch(() => undefined) // forbidden: then it is not kept
}

function loadedAssets(): string[] {
  const loaded = performance.getEntriesByType('resource').map(({ name }) => name)
  return loaded.filter((name) => /\/(_nuxt\/|api\/words\?)/.test(name) && name.startsWith(location.origin))
}
