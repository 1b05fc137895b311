// How much of the past do the bars show? What the page was opened with, until the reader chooses; the address remembers.

import { computed, ref, watch, type ComputedRef, type Ref } from 'vue'

import type { PageDocument, Zoom } from '#layer/api/page'

import { writtenDocument } from './page-source'

/** The zoom, and what the document's address gets for it. */
export function useZoom(): { zoom: Ref<Zoom>; query: ComputedRef<string> } {
  const written = writtenDocument()
  const own: Zoom = written?.page.zoom ?? '60m'
  const zoom = ref<Zoom>(zoomOf(written))
  watch(zoom, (chosen) => {
    const address = new URL(location.href)
    if (chosen === own) address.searchParams.delete('z')
    else address.searchParams.set('z', chosen)
    history.replaceState(history.state, '', address)
  })
  return { zoom, query: computed(() => (zoom.value === own ? '' : `z=${zoom.value}`)) }
}

/** What a document's bars show. */
export function zoomOf(document: PageDocument | null): Zoom {
  return document?.scale?.zoom ?? '60m'
}
