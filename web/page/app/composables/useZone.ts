// In which time zone are moments written? The reader's own, the page's or UTC; remembered, and `?tz=` in a link wins.

import { computed, ref, watch, type ComputedRef, type Ref } from 'vue'

import { say } from '#layer/utils/language'
import { isZone, zoneWords } from '#layer/utils/time'

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
  const own = ownZone()
  const linked = new URLSearchParams(location.search).get('tz')
  const zone = ref([linked, recall(KEY)].find((name) => name !== null && isZone(name)) ?? own)
  watch(zone, (chosen) => remember(KEY, chosen))

  const zones = computed(() => {
    const choices: ZoneChoice[] = [{ id: own, words: say('footer.own-zone', { zone: zoneWords(own) }) }]
    const add = (id: string, words: string) => {
      if (isZone(id) && choices.every((choice) => choice.id !== id)) choices.push({ id, words })
    }
    const pages = page()
    if (pages !== undefined) add(pages, say('footer.page-zone', { zone: zoneWords(pages) }))
    add('UTC', 'UTC')
    add(zone.value, zoneWords(zone.value))
    return choices
  })
  return { zone, zones }
}

/** The zone that this device is in. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}
