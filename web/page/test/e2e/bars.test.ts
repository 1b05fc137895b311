// The bars: one tab stop each, readable by keyboard, and by shape alone.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { visit } from './browser.ts'
import { GLYPHS } from '../../../shared/app/utils/glyphs.ts'
import { LEGEND_CELLS } from '../../../shared/app/utils/legend.ts'

test('a bar is read by keyboard', async () => {
  const { page } = await visit()
  const range = page.locator('.bar-range').first()
  await range.focus()
  const words = () => range.getAttribute('aria-valuetext')
  const newest = await words()
  assert.match(newest!, /^\d\d:\d\d: /)
  await page.keyboard.press('ArrowLeft')
  assert.notEqual(await words(), newest)
  await page.keyboard.press('Home')
  assert.equal(await range.inputValue(), '0')
  await page.waitForSelector('.bar-card')
  await page.keyboard.press('Escape')
  assert.equal(await page.locator('.bar-card').count(), 0)
})

test('tab stops: one a bar, one a group, one a list, one an update and each link in it, three for the rest', async () => {
  const { page } = await visit()
  const stops = await page.evaluate(
    () =>
      [...document.querySelectorAll<HTMLElement>('a, button, input, select, summary')].filter(
        (element) => element.tabIndex >= 0 && element.checkVisibility(),
      ).length,
  )
  const bars = await page.locator('.row .waterline:visible').count()
  const summaries = await page.locator('summary:visible').count()
  const updates = await page.locator('.notice a:visible').count()
  assert.equal(stops, bars + summaries + updates + 3)
})

test('the card stays inside the page at both ends of the bar', async () => {
  const { page } = await visit({ viewport: { width: 320, height: 640 } })
  const range = page.locator('.bar-range').first()
  for (const key of ['Home', 'End']) {
    await range.focus()
    await page.keyboard.press(key)
    const card = (await page.locator('.bar-card').boundingBox())!
    assert.ok(card.x >= 0 && card.x + card.width <= 320, `${key}: ${card.x} … ${card.x + card.width}`)
  }
})

test('every glyph and every mark of a bar differs from the others without any colour', async () => {
  const { page } = await visit()
  const black = (kind: string, d: string) => {
    const width = { 'w-up': 23, 'w-degraded': 2, 'w-major': 16, 'w-none': 3 }[kind]
    return width ? `<path stroke="#000" stroke-width="${width}" d="${d}"/>` : `<path fill="#000" d="${d}"/>`
  }
  const drawings = {
    glyphs: Object.values(GLYPHS).map((d) => ({ box: '0 0 16 16', body: `<path fill-rule="evenodd" d="${d}"/>` })),
    marks: LEGEND_CELLS.map(({ marks }) => ({
      box: '0 0 8 43',
      body: `<g fill="none">${marks.map(({ kind, d }) => black(kind, d)).join('')}</g>`,
    })),
  }
  for (const [family, shapes] of Object.entries(drawings)) {
    const silhouettes = await page.evaluate(async (all) => {
      const draw = async ({ box, body }: { box: string; body: string }) => {
        const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="43" viewBox="${box}" preserveAspectRatio="none">${body}</svg>`
        const image = new Image()
        image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`
        await image.decode()
        const canvas = Object.assign(document.createElement('canvas'), { width: 16, height: 43 })
        const context = canvas.getContext('2d')!
        context.drawImage(image, 0, 0)
        const { data } = context.getImageData(0, 0, 16, 43)
        return Array.from({ length: 16 * 43 }, (_, at) => (data[at * 4 + 3]! > 127 ? 1 : 0))
      }
      return Promise.all(all.map(draw))
    }, shapes)
    silhouettes.forEach((one, i) => {
      assert.ok(one.includes(1), `${family} ${i} draws something`)
      silhouettes.slice(0, i).forEach((other, j) => {
        const different = one.filter((dot, at) => dot !== other[at]).length
        assert.ok(different >= 30, `${family} ${j} and ${i} differ in only ${different} of ${16 * 43} dots`)
      })
    })
  }
})
