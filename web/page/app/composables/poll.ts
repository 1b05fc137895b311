// When is the next question due? Values in, milliseconds out. `chance` in 0…1 spreads the readers.

const STEADY: [number, number] = [15_000, 30_000]
const HIDDEN: [number, number] = [45_000, 75_000]
const RETRY = [5_000, 15_000, 30_000, 60_000]
const REOPEN: [number, number][] = [[1_000, 5_000], [60_000, 120_000], [180_000, 300_000]] // prettier-ignore
const NEWS = { hello: 1_000, change: 300, minute: 3_000 }

export const HIDDEN_LIMIT = 600_000 // a tab nobody has looked at for so long stops asking
export const HIDDEN_STREAM = 60_000 // and polls from here on: browsers share six connections among all tabs of a site
export const SILENCE = 90_000 // a stream that said nothing for so long is dead: each minute is announced

export type NewsKind = keyof typeof NEWS

/** Delay after `failures` failed questions in a row, while nothing is announced to us. */
export function pollDelay(failures: number, chance: number, hidden = false): number {
  if (failures === 0) return between(hidden ? HIDDEN : STEADY, chance)
  const base = RETRY[Math.min(failures, RETRY.length) - 1]!
  return Math.round(base * (0.75 + chance / 2))
}

/** Delay before a stream is opened again that broke `breaks` times in a row. */
export function reopenDelay(breaks: number, chance: number): number {
  return between(REOPEN[Math.min(breaks, REOPEN.length) - 1]!, chance)
}

/** Delay before what was announced is asked for: hardly any for a change, some where only a minute passed. */
export function newsDelay(kind: NewsKind, chance: number): number {
  return Math.round(NEWS[kind] * chance)
}

function between([least, most]: [number, number], chance: number): number {
  return Math.round(least + chance * (most - least))
}

/** Failures in a row from which the page says that it cannot reach its server. */
export const LOST = 2
