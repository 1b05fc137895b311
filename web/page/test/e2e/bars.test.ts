// The bars: one tab stop each, readable by keyboard, and by shape alone.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ticking, visit } from './browser.ts'
import { cells } from '../../../shared/app/utils/cells.ts'
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

test('a press chooses the cell below it, and keeps its card until a press elsewhere', async () => {
  const { page } = await visit()
  const range = page.locator('.bar-range').first()
  await range.scrollIntoViewIfNeeded()
  const { x, y, width } = (await range.boundingBox())!
  for (const minute of [0, 7, 30, 59]) {
    await page.mouse.click(x + ((minute + 0.5) / 60) * width, y + 10)
    assert.equal(await range.inputValue(), String(minute))
  }
  await page.mouse.move(x + width / 3, y + 10)
  assert.equal(await range.inputValue(), '59')
  await page.mouse.click(5, 5)
  await page.waitForSelector('.bar-card', { state: 'detached' })
})

test('the pointer may go from the bar to its card, and its links are there', async () => {
  const { page } = await ticking()
  const range = page.locator('.bar-range').first()
  await range.scrollIntoViewIfNeeded()
  await range.hover()
  const card = (await page.locator('.bar-card').boundingBox())!
  await page.mouse.move(card.x + card.width / 2, card.y + card.height / 2, { steps: 3 })
  await page.clock.runFor(1_000) // longer than a pointer that left is waited for
  assert.match((await page.locator('.bar-card a').last().getAttribute('href'))!, /^\.\/@\d{4}-\d\d-\d\dT\d\d:\d\dZ$/)
  await page.mouse.move(2, 2)
  await page.waitForSelector('.bar-card', { state: 'detached' })
})

test('tab stops: two a service, one a group, one a list, one an update and each link in it, and those of the frame', async () => {
  const { page } = await visit()
  await page.waitForSelector('.bar-range')
  const stops = (root: string) =>
    page.evaluate(
      (within) =>
        [...document.querySelectorAll<HTMLElement>(`${within} :is(a, button, input, select, summary)`)].filter(
          (element) => element.tabIndex >= 0 && element.checkVisibility({ visibilityProperty: true }),
        ).length,
      root,
    )
  const rows = await page.locator('.row:visible').count()
  const lists = await page.locator('.row summary:visible').count()
  assert.equal(await stops('.row'), 2 * rows + lists)
  assert.equal(await stops('.window-head'), 3)
  assert.ok((await stops('.page-footer')) + (await stops('.page-header')) + (await stops('.banner')) <= 12)
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
    const width = { 'w-up': 23, 'w-degraded': 2, 'w-major': 16, 'w-none': 3, 'w-work': 1.5, 'w-now': 1, 'w-dot': 2 }[
      kind
    ]
    return width ? `<path stroke="#000" stroke-width="${width}" d="${d}"/>` : `<path fill="#000" d="${d}"/>`
  }
  const drawings = {
    glyphs: Object.values(GLYPHS).map((d) => ({ box: '0 0 16 16', body: `<path fill-rule="evenodd" d="${d}"/>` })),
    marks: LEGEND_CELLS.map(({ marks }) => ({
      box: '0 0 8 43',
      body: `<g fill="none">${marks.map(({ kind, d }) => black(kind, d)).join('')}</g>`,
    })),
    days: [...'ugpxmz'].map((kind) => ({
      box: '0 0 8 43',
      body: `<g fill="none">${cells({ bar: kind, marks: [], slow: [], step_s: null, part: 1 })
        .map((mark) => black(mark.kind, mark.d))
        .join('')}</g>`,
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
