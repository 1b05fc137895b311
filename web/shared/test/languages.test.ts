// Both sides say the same in every language: golden/languages.json, which tests/pages/test_language.py reads too.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { LANGUAGES, count, listed, number, percent, speak } from '../app/utils/language'
import { sumWords } from '../app/utils/sums'
import { ago, lasted, namedDay, span, until, written } from '../app/utils/time'

type Words = Parameters<typeof speak>[1]

interface Rows {
  moments: [string, string, string, string][]
  untils: [string, string][]
  lasted: [number, string][]
  spans: [number, string][]
  numbers: [number, string][]
  percents: [string, string][]
  counts: ['bar.downtime', number, string][]
  days: [string, string][]
  sums: [Parameters<typeof sumWords>[0], string | null, string][]
  listed: [string[], number, string][]
}

function read<T>(...path: string[]): T {
  return JSON.parse(readFileSync(join(import.meta.dirname, '..', ...path), 'utf8')) as T
}

const golden = read<{ now: string; languages: Record<string, Rows> }>('golden', 'languages.json')
const now = Date.parse(golden.now)

describe.each(Object.entries(golden.languages))('in %s', (code, rows) => {
  const catalogue = ['..', '..', 'src', 'signalbox', 'pages', 'catalogues', `${code}.json`]
  const { shared } = read<{ shared: Words }>(...catalogue)
  const said = <Given extends unknown[]>(part: [...Given, string][], say: (...given: Given) => string) =>
    part.map((row) => {
      const given = row.slice(0, -1) as Given
      return [...given, say(...given)]
    })

  it('moments, ages and days', () => {
    speak(code, shared)
    const moments = rows.moments.map(([moment, zone]) => {
      const at = Date.parse(moment)
      return [moment, zone, written(at, now, zone), ago(at, now)]
    })
    expect(moments).toEqual(rows.moments)
    expect(said(rows.untils, (moment) => until(Date.parse(moment), now))).toEqual(rows.untils)
    expect(said(rows.days, (day) => namedDay(day, now, 'UTC'))).toEqual(rows.days)
  })

  it('lengths, numbers and plurals', () => {
    speak(code, shared)
    expect(said(rows.lasted, (seconds) => lasted(seconds * 1000))).toEqual(rows.lasted)
    expect(said(rows.spans, (seconds) => span(seconds * 1000))).toEqual(rows.spans)
    expect(said(rows.numbers, number)).toEqual(rows.numbers)
    expect(said(rows.percents, percent)).toEqual(rows.percents)
    expect(said(rows.counts, (key, n) => count(key, n))).toEqual(rows.counts)
    expect(said(rows.sums, sumWords)).toEqual(rows.sums)
    expect(said(rows.listed, listed)).toEqual(rows.listed)
  })
})

it('both sides know the same languages', () => {
  expect(Object.keys(golden.languages)).toEqual([...LANGUAGES])
})
