// Which services does a reader use? `?mine=api,web` in a link wins, else what this device remembers; none: all of them.

import { computed, ref, shallowRef, watch, type ComputedRef, type Ref } from 'vue'

import type { PageDocument } from '#layer/api/page'
import type { only } from '#layer/utils/subset'

import { forget, recall, remember } from './memory'

const KEY = 'signalbox-mine'

export interface Mine {
  ids: Ref<string[]>
  chosen: ComputedRef<PageDocument | null> // the page as if it had these alone
}

export function useMine(page: () => PageDocument | null, now: Ref<number>): Mine {
  const key = () => `${KEY}-${page()?.page.slug ?? ''}`
  const linked = new URLSearchParams(location.search).get('mine')
  const ids = ref(split(linked ?? recall(key())))
  watch(ids, (chosen) => {
    if (chosen.length > 0) remember(key(), chosen.join(','))
    else forget(key())
    history.replaceState(history.state, '', choosing(location.href, chosen))
  })
  watch(key, (known) => {
    if (linked === null) ids.value = split(recall(known))
  })
  const narrow = shallowRef<typeof only>() // loaded for who chose some: most did not
  watch(
    ids,
    async (some) => {
      if (some.length > 0) narrow.value ??= (await import('#layer/utils/subset')).only
    },
    { immediate: true },
  )
  const chosen = computed(() => {
    const whole = page()
    return whole && narrow.value ? narrow.value(whole, ids.value, now.value) : whole
  })
  return { ids, chosen }
}

/** An address that chooses these services. */
export function choosing(address: string, ids: readonly string[]): string {
  const link = new URL(address)
  link.searchParams.delete('mine')
  const given = ids.map(encodeURIComponent).join(',') // commas stay readable
  if (given !== '') link.search += `${link.search ? '&' : '?'}mine=${given}`
  return link.href
}

function split(text: string | null): string[] {
  return [...new Set((text ?? '').split(',').filter(Boolean))]
}
