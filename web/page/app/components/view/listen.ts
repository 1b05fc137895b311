// How does a service's chart sound? The window in six seconds: pitch is the answer time, a thud is checks that failed,
// silence is no data.

import type { ChartData } from './chart'

const LENGTH = 6 // seconds
const [LOWEST, HIGHEST] = [220, 1760] // Hz, of the fastest and the slowest answers shown
const THUD = 55

export interface Note {
  at: number // seconds from the beginning
  pitch: number // Hz
  thud: boolean
}

/** What is heard, and when. Three octaves span the window's answer times, by their logarithm. Pure. */
export function notes({ lines }: ChartData): Note[] {
  const known = lines.p50.filter((value) => value !== null).map((value) => Math.log(Math.max(1, value)))
  const [least, most] = [Math.min(...known), Math.max(...known)]
  const beat = LENGTH / Math.max(1, lines.p50.length)
  return lines.p50.flatMap((value, index): Note[] => {
    const at = index * beat
    if (lines.failed[index]) return [{ at, pitch: THUD, thud: true }]
    if (value === null) return []
    const height = most > least ? (Math.log(Math.max(1, value)) - least) / (most - least) : 0
    return [{ at, pitch: LOWEST * (HIGHEST / LOWEST) ** height, thud: false }]
  })
}

/** Play it; the returned function stops it. */
export function play(data: ChartData, done: () => void): () => void {
  const audio = new AudioContext()
  const [tone, volume] = [audio.createOscillator(), audio.createGain()]
  const [start, beat] = [audio.currentTime + 0.05, LENGTH / Math.max(1, data.lines.p50.length)]
  volume.gain.value = 0
  tone.connect(volume).connect(audio.destination)
  for (const { at, pitch, thud } of notes(data)) {
    tone.frequency.setValueAtTime(pitch, start + at)
    volume.gain.setValueAtTime(thud ? 0.5 : 0.1, start + at)
    volume.gain.setValueAtTime(0, start + at + beat)
  }
  tone.onended = () => {
    void audio.close()
    done()
  }
  tone.start(start)
  tone.stop(start + LENGTH)
  return () => tone.stop()
}
