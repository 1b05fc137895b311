// Does a reader want to be told when it is back? By this tab: a notification where the browser allows one, else a soft
// sound; and the title, until they look. Once, and nothing blinks.

import { onMounted, onUnmounted, ref, watch, type Ref } from 'vue'

import type { PageDocument } from '#layer/api/page'

import type * as Telling from './telling-back'

export interface Back {
  isAsked: Ref<boolean>
  isTold: Ref<boolean> // it is back, and the reader has not looked since
  ask: () => Promise<void>
  stop: () => void
}

/** Is something wrong that may end? Old data and no data say neither. */
export function isBad({ headline }: PageDocument): boolean {
  return ['major-all', 'major', 'partial', 'degraded', 'incident'].includes(headline.code)
}

export function useBack(page: () => PageDocument | null): Back {
  const isAsked = ref(false)
  const isTold = ref(false)
  let sound: AudioContext | undefined
  let telling: Promise<typeof Telling> | undefined

  async function ask(): Promise<void> {
    isAsked.value = true
    telling = import('./telling-back') // now: when it is back, the site may be another one
    sound = typeof AudioContext === 'undefined' ? undefined : new AudioContext() // allowed by the press of a button alone
    if (typeof Notification !== 'undefined' && Notification.permission === 'default') {
      await Notification.requestPermission()
    }
  }

  function stop(): void {
    isAsked.value = false
    void sound?.close()
    sound = undefined
  }

  async function tell(shown: PageDocument): Promise<void> {
    isTold.value = document.hidden || !document.hasFocus()
    isAsked.value = false
    const asked = sound
    sound = undefined
    const found = await telling
    if (found && !found.notified(shown) && asked) found.chime(asked)
  }

  watch(
    () => page()?.headline.code,
    (code) => {
      if (isAsked.value && (code === 'operational' || code === 'maintenance')) void tell(page()!)
    },
  )
  const looked = () => {
    if (!document.hidden) isTold.value = false
  }
  onMounted(() => {
    addEventListener('focus', looked)
    document.addEventListener('visibilitychange', looked)
  })
  onUnmounted(() => {
    removeEventListener('focus', looked)
    document.removeEventListener('visibilitychange', looked)
    stop()
  })
  return { isAsked, isTold, ask, stop }
}
