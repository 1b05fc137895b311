// When is the next question due? Values in, milliseconds out.

const STEADY: [number, number] = [15_000, 30_000]
const RETRY = [5_000, 15_000, 30_000, 60_000]

export const HIDDEN_LIMIT = 600_000 // a tab nobody has looked at for so long stops asking

/** Delay after `failures` failed questions in a row; `chance` in 0…1 spreads the readers. */
export function pollDelay(failures: number, chance: number): number {
  if (failures === 0) return Math.round(STEADY[0] + chance * (STEADY[1] - STEADY[0]))
  const base = RETRY[Math.min(failures, RETRY.length) - 1]!
  return Math.round(base * (0.75 + chance / 2))
}

/** Failures in a row from which the page says that it cannot reach its server. */
export const LOST = 2
