import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { GLYPHS } from '../app/utils/glyphs'

// The contrasts that WCAG 2.2 asks for, over every pair of colours that meet on the page.

const CSS = readFileSync(join(import.meta.dirname, '../app/assets/tokens.css'), 'utf8')
const TOKENS = new Map(
  [...CSS.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);/g)].map(([, name, light, dark]) => [
    name!,
    [light!, dark!] as const,
  ]),
)

const TEXT = 4.5
const SHAPE = 3

/** WCAG 2.2, relative luminance of an sRGB colour. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = parseInt(colour.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}

function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light! + 0.05) / (dark! + 0.05)
}

function colour(name: string, theme: number): string {
  const found = TOKENS.get(name)
  expect(found, `--${name} is in tokens.css`).toBeDefined()
  return found![theme]!
}

const PAIRS: [string, string, number][] = [
  ...['bg', 'surface', 'sunken'].flatMap((ground): [string, string, number][] => [
    ['text', ground, TEXT],
    ['muted', ground, TEXT],
    ['link', ground, TEXT],
  ]),
  ['control', 'bg', SHAPE],
  ['control', 'surface', SHAPE],
  ...Object.keys(GLYPHS).flatMap((state): [string, string, number][] => [
    [`${state}-solid`, 'bg', SHAPE],
    [`${state}-solid`, 'surface', SHAPE],
    [`${state}-text`, 'bg', TEXT],
    [`${state}-text`, 'surface', TEXT],
    [`${state}-text`, `${state}-soft`, TEXT],
    [`${state}-solid`, `${state}-soft`, SHAPE],
  ]),
]

describe.each([
  ['light', 0],
  ['dark', 1],
])('in the %s theme', (_, theme) => {
  it.each(PAIRS)('--%s can be seen on --%s', (front, ground, least) => {
    expect(contrast(colour(front, theme), colour(ground, theme))).toBeGreaterThanOrEqual(least)
  })

  it('each step of answer time is further from the ground than the one before', () => {
    const ground = colour('surface', theme)
    const steps = Array.from({ length: 6 }, (_, step) => contrast(colour(`latency-${step}`, theme), ground))
    expect(steps).toEqual([...steps].sort((a, b) => a - b))
  })
})

it('every colour is a pair of tokens, and none is written elsewhere', () => {
  const declared = CSS.match(/#[0-9a-f]{3,8}\b/gi)?.length ?? 0
  expect(declared).toBe(TOKENS.size * 2)
  const page = readFileSync(join(import.meta.dirname, '../app/assets/page.css'), 'utf8')
  expect(page).not.toMatch(/#[0-9a-f]{3,8}\b|oklch|hsl/i)
})

it('old data keep no colour but grey', () => {
  const stale = CSS.slice(CSS.indexOf('.is-stale {')).split('}')[0]!
  for (const state of Object.keys(GLYPHS).filter((name) => name !== 'no-data')) {
    for (const part of ['solid', 'text', 'soft']) {
      expect(stale).toContain(`--${state}-${part}: var(--no-data-${part});`)
    }
  }
  expect(stale).not.toContain('opacity')
})
