// Where does the page's document come from? First from index.html, written by the server; then from the API.

import type { PageDocument } from '#layer/api/page'

export interface Answer {
  document: PageDocument
  date: number | null // the server's clock as it answered, epoch milliseconds
}

const PATIENCE = 10_000 // milliseconds until a request counts as failed

/** The document that the server wrote into the page; null on the dev server. */
export function writtenDocument(): PageDocument | null {
  const text = document.getElementById('page-data')?.textContent
  return text ? (JSON.parse(text) as PageDocument) : null
}

/** Path from the page to the site's root, ends with "/". */
export function siteBase(): string {
  return document.documentElement.dataset.base ?? '/'
}

/** Where newer documents are asked for. */
export function documentAddress(api: string): string {
  return document.getElementById('page-data')?.dataset.api ?? `${api || siteBase()}api/page`
}

/** Ask for the newest document. The browser revalidates its copy by ETag. Fails when the answer is not one. */
export async function fetchDocument(address: string): Promise<Answer> {
  const response = await fetch(address, {
    cache: 'no-cache',
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(PATIENCE),
  })
  if (!response.ok) throw new Error(`${address} answered ${response.status}`)
  const date = Date.parse(response.headers.get('date') ?? '')
  return { document: (await response.json()) as PageDocument, date: Number.isNaN(date) ? null : date }
}
