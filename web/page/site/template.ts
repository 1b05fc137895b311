// How does Nuxt's index.html become the template that the server fills? Markers and markup: web/SNAPSHOT.md.

import english from '../../../src/signalbox/pages/catalogues/en.json' with { type: 'json' }
import { GLYPHS } from '../../shared/app/utils/glyphs.ts'
import { say, speak } from '../../shared/app/utils/language.ts'
import { LEGEND_CELLS, LEGEND_RAMP } from '../../shared/app/utils/legend.ts'
import { MINUTES, stateClass } from '../../shared/app/utils/verdict.ts'
import { LATENCY_STEPS, type Mark } from '../../shared/app/utils/waterline.ts'

const SNAPSHOT = '<!--snapshot-->'

/** The template of one built page. `theme` is the script that runs before the first paint. Fails on a page it does not know. */
export function template(html: string, theme: string): string {
  return [
    [/<html\s+lang="en">/, '<html lang="en" data-base="%BASE%">'],
    [/(<meta name="viewport"[^>]*>)/, `$1<!--head--><script>${theme.trim()}</script>`],
    [/<link rel="prefetch"[^>]*>/g, ''], // what a reader may never open is loaded when they do
    [/(href|src)="\/_nuxt\//g, '$1="%BASE%_nuxt/'],
    [SNAPSHOT, `${SNAPSHOT}${legend()}${sprite()}`],
    [/(?=<div id="teleports">)/, '<!--page-data-->'],
    [/<script type="application\/json" data-nuxt-data.*?<\/script>/, ''], // holds nothing but the time of the build
  ].reduce<string>((page, [found, instead]) => replaced(page, found!, instead as string), html)
}

function replaced(page: string, found: RegExp | string, instead: string): string {
  const changed = page.replace(found, instead)
  if (changed === page) throw new Error(`the built index.html has no ${found}: does this Nuxt write it differently?`)
  return changed
}

function sprite(): string {
  const symbols = Object.entries(GLYPHS).map(
    ([state, d]) => `<symbol id="glyph-${state}" viewBox="0 0 16 16"><path d="${d}"/></symbol>`,
  )
  return `<svg width="0" height="0" aria-hidden="true">${symbols.join('')}</svg>`
}

function legend(): string {
  speak('en', english.shared)
  const cells = LEGEND_CELLS.map(
    ({ minute, marks }) =>
      `<li class="${stateClass(MINUTES[minute].state)}">` +
      `<svg class="legend-cell" viewBox="0 0 8 43" aria-hidden="true">${paths(marks)}</svg>${MINUTES[minute].word}</li>`,
  )
  const ramp =
    `<li><svg class="legend-ramp" viewBox="0 44 48 8" aria-hidden="true">${paths(LEGEND_RAMP)}</svg>` +
    `${say('legend.latency', { low: LATENCY_STEPS[0]!, high: LATENCY_STEPS.at(-1)! })}</li>`
  return `<footer class="page-footer"><ul class="legend" aria-label="${say('legend.label')}">${cells.join('')}${ramp}</ul></footer>`
}

function paths(marks: readonly Mark[]): string {
  return marks.map(({ kind, d }) => `<path class="${kind}" d="${d}"/>`).join('')
}

/** The icon of one state: its glyph, in colours that show on light and dark tab strips. */
export function favicon(d: string, light: string, dark: string): string {
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">' +
    `<style>path{fill:${light}}@media(prefers-color-scheme:dark){path{fill:${dark}}}</style>` +
    `<path fill-rule="evenodd" d="${d}"/></svg>\n`
  )
}

/** The light and dark value of one colour in tokens.css. */
export function token(css: string, name: string): [light: string, dark: string] {
  const found = css.match(new RegExp(`--${name}: light-dark\\((#\\w+), (#\\w+)\\)`))
  if (found === null) throw new Error(`tokens.css has no --${name}`)
  return [found[1]!, found[2]!]
}
