// Does a reader want to be told when it is back? By this tab: a notification where the browser allows one, else a soft
// sound; and the title, until they look. Once, and nothing blinks.

import { onMounted, onUnmounted, ref, watch, type Ref } from 'vue'

import type { PageDocument } from '#layer/api/page'
import { bannerWords } from '#layer/utils/headline'

import { siteBase } from './page-source'

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

  async function ask(): Promise<void> {
    isAsked.value = true
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

  function tell(shown: PageDocument): void {
    isTold.value = document.hidden || !document.hasFocus()
    if (!notified(shown) && sound) chime(sound)
    isAsked.value = false
    sound = undefined
  }

  watch(
    () => page()?.headline.code,
    (code) => {
      if (isAsked.value && (code === 'operational' || code === 'maintenance')) tell(page()!)
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

/** A notification, where the reader allows them. Phones allow them to installed pages only, and refuse here. */
function notified(shown: PageDocument): boolean {
  if (typeof Notification === 'undefined' || Notification.permission !== 'granted') return false
  try {
    const body = bannerWords(shown.headline, [], Date.now()).words
    new Notification(shown.page.title, { body, icon: `${siteBase()}favicon/${shown.headline.state}.svg`, tag: 'back' })
    return true
  } catch {
    return false
  }
}

const NOTES = [523.25, 659.25] // hertz: C, then E above it
const LENGTH = 0.6 // seconds

function chime(sound: AudioContext): void {
  NOTES.forEach((frequency, at) => {
    const start = sound.currentTime + at * 0.2
    const tone = new OscillatorNode(sound, { frequency })
    const loudness = new GainNode(sound, { gain: 0 })
    loudness.gain.setValueAtTime(0, start)
    loudness.gain.linearRampToValueAtTime(0.1, start + 0.03)
    loudness.gain.exponentialRampToValueAtTime(0.001, start + LENGTH)
    tone.connect(loudness).connect(sound.destination)
    tone.start(start)
    tone.stop(start + LENGTH)
  })
  setTimeout(() => void sound.close(), 2_000)
}
