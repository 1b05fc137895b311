import { expect, test } from 'vitest'

import type { ChartData } from '~/components/view/chart'
import { notes } from '~/components/view/listen'

function chart(p50: (number | null)[], failed: (number | null)[]): ChartData {
  return { start: 0, step: 60, words: {}, bands: [], lines: { p50, failed } as ChartData['lines'] }
}

test('slower answers sound higher, failures thud, and where nothing is known it is silent', () => {
  const heard = notes(chart([10, null, 1000, 100, 10], [0, null, 0, 2, 0]))
  expect(heard.map(({ at }) => Math.round(at * 10) / 10)).toEqual([0, 2.4, 3.6, 4.8])
  expect(heard.map(({ pitch }) => Math.round(pitch))).toEqual([220, 1760, 55, 220])
  expect(heard.map(({ thud }) => thud)).toEqual([false, false, true, false])
})

test('the same time throughout is one tone', () => {
  expect(new Set(notes(chart([80, 80, 80], [0, 0, 0])).map(({ pitch }) => pitch))).toEqual(new Set([220]))
})
