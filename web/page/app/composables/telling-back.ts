// How does a tab tell that all is back, to a reader who may not be looking? Loaded when that happens.

import type { PageDocument } from '#layer/api/page'
import { bannerWords } from '#layer/utils/headline'

import { siteBase } from './page-source'

/** A notification, where the reader allows them. Phones allow them to installed pages only, and refuse here. */
export function notified(shown: PageDocument): boolean {
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

/** Two soft notes, once. */
export function chime(sound: AudioContext): void {
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
