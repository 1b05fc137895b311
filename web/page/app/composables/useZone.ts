// In which time zone are moments written? The reader's own, the page's or UTC; remembered, and `?tz=` in a link wins.

import { computed, ref, watch, type ComputedRef, type Ref } from 'vue'

import { isZone } from '#layer/utils/time'

import { recall, remember } from './memory'

export interface ZoneChoice {
  id: string // IANA name
  words: string
}

const KEY = 'signalbox-zone'

export function useZone(page: () => string | undefined): {
  zone: Ref<string>
  zones: ComputedRef<ZoneChoice[]>
} {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone
  const linked = new URLSearchParams(location.search).get('tz')
  const zone = ref([linked, recall(KEY)].find((name) => name !== null && isZone(name)) ?? own)
  watch(zone, (chosen) => remember(KEY, chosen))

  const zones = computed(() => {
    const choices: ZoneChoice[] = [{ id: own, words: `my time (${readable(own)})` }]
    const add = (id: string, words: string) => {
      if (isZone(id) && choices.every((choice) => choice.id !== id)) choices.push({ id, words })
    }
    const pages = page()
    if (pages !== undefined) add(pages, `the page’s time (${readable(pages)})`)
    add('UTC', 'UTC')
    add(zone.value, readable(zone.value))
    return choices
  })
  return { zone, zones }
}

function readable(zone: string): string {
  return zone.replaceAll('_', ' ')
}
