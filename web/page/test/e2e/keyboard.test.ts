// The page and a service's view by keyboard alone, without colours, without motion, and at 400 %.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Page } from 'playwright-core'

import { BASE, visit, visitor, type Visit } from './browser.ts'

const FRAME = 14 // tab stops of header, banner, switch and footer
const TOLD = '.notices *, .past *, .bar-card *, .time-card *' // what an incident says, and what a reader opened

interface Stop {
  words: string
  seen: boolean // its focus can be seen
  told: boolean // part of an incident, or of a card that the focus opened
}

/** Tab through the whole page, as far as the browser goes. */
async function walk(page: Page): Promise<Stop[]> {
  const stops: Stop[] = []
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  for (let step = 0; step < 400; step += 1) {
    await page.keyboard.press('Tab')
    const stop = await page.evaluate((told) => {
      const at = document.activeElement
      if (at === null || at === document.body || (at as HTMLElement).dataset.walked) return null
      ;(at as HTMLElement).dataset.walked = 'yes'
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at)
      const mark = at.parentElement?.querySelector('.bar-mark')
      return {
        words: `${at.localName} ${at.getAttribute('aria-label') ?? at.textContent}`.slice(0, 80),
        seen: (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none' || Boolean(mark),
        told: at.matches(told),
      }
    }, TOLD)
    if (stop === null) break
    stops.push(stop)
  }
  return stops
}

async function service(options = {}): Promise<Visit> {
  const one = await visitor(options)
  await one.page.goto(BASE)
  const link = await one.page.locator('.row-name a').first().getAttribute('href')
  await one.page.goto(BASE + link!)
  await one.page.waitForSelector('#__nuxt .page-footer select')
  return one
}

test('tab stops of the page: two a service, one a group, one a list, and those of the frame; each is seen', async (context) => {
  const { page } = await visit()
  await page.waitForSelector('.bar-range', { state: 'attached' })
  await page.waitForSelector('.page-footer select')
  const stops = await walk(page)
  const [services, groups] = [await page.locator('.row').count(), await page.locator('details.group').count()]
  const open = await page.locator('.group[open] .row, section.group .row').count()
  const counted = stops.filter(({ told }) => !told)
  context.diagnostic(
    `${stops.length} stops, ${stops.length - counted.length} in notices and cards; ${open} of ${services} open`,
  )
  const lists = await page.locator('.row-downtime > summary').count()
  assert.ok(counted.length <= FRAME + groups + lists + 2 * open, counted.map(({ words }) => words).join('\n'))
  assert.deepEqual(
    stops.filter(({ seen }) => !seen),
    [],
  )
})

test('a service is read by keyboard, and each stop is seen', async () => {
  const { page } = await service()
  const stops = await walk(page)
  assert.ok(stops.length > 5)
  assert.deepEqual(
    stops.filter(({ seen }) => !seen),
    [],
  )
})

test('Escape closes what was opened, and the focus stays', async () => {
  const { page } = await visit()
  await page.waitForSelector('.bar-range', { state: 'attached' })
  const folded = page.locator('details.group:not([open]) > summary').first()
  if ((await page.locator('.bar-range:visible').count()) === 0) await folded.click()
  await page.locator('.bar-range:visible').first().focus()
  await page.waitForSelector('.bar-card')
  await page.keyboard.press('Escape')
  assert.equal(await page.locator('.bar-card').count(), 0)
  assert.ok(await page.evaluate(() => document.activeElement?.matches('.bar-range')))
  await page.locator('.banner .time-word').focus()
  await page.waitForSelector('.time-card')
  await page.keyboard.press('Escape')
  assert.equal(await page.locator('.time-card').count(), 0)
  assert.ok(await page.evaluate(() => document.activeElement?.matches('.time-word')))
})

test('at 400 % all is there, and nothing is cut off', async () => {
  for (const { page } of [
    await visit({ viewport: { width: 320, height: 256 } }),
    await service({ viewport: { width: 320, height: 256 } }),
  ]) {
    const cut = await page.evaluate(() =>
      [...document.querySelectorAll('h1, h2, h3, .row-name, .row-state, p, summary')]
        .filter((one) => one.checkVisibility() && !one.closest('.sr-only, .view-scroll, svg'))
        .filter((one) => {
          const { left, right } = one.getBoundingClientRect()
          return left < -1 || right > innerWidth + 1
        })
        .map((one) => one.outerHTML.slice(0, 120)),
    )
    assert.deepEqual(cut, [])
  }
})

test('without colours each kind of cell and each state still differs by its shape', async () => {
  const { page } = await visit()
  const shapes = await page
    .locator('.legend li svg')
    .evaluateAll((all) =>
      all.map((one) =>
        [...one.querySelectorAll('path')]
          .map((path) => `${path.getAttribute('class')?.replace(/l\d/, '')} ${path.getAttribute('d')}`)
          .join(),
      ),
    )
  assert.equal(new Set(shapes).size, shapes.length)
  const states = await page.evaluate(() => {
    const shape = new Map<string, string>()
    for (const row of document.querySelectorAll('[class*=is-]')) {
      const state = [...row.classList].find((name) =>
        /^is-(operational|major|partial|degraded|maintenance|no-data)$/.test(name),
      )
      const path = row.querySelector(':scope > .row-head > .glyph path, :scope > .glyph path')?.getAttribute('d')
      if (state && path) shape.set(state, path)
    }
    return [...shape.values()]
  })
  assert.ok(states.length > 1, 'the page shows several states')
  assert.equal(new Set(states).size, states.length)
})

test('nothing moves for readers who want no motion', async () => {
  for (const { page } of [await visit({ reducedMotion: 'reduce' }), await service({ reducedMotion: 'reduce' })]) {
    const moving = await page.evaluate(() =>
      [...document.querySelectorAll('*')]
        .filter((one) => {
          const { animationName, animationDuration, transitionDuration } = getComputedStyle(one)
          const lasts = (text: string) => text.split(',').some((each) => parseFloat(each) > 0.01)
          return (animationName !== 'none' && lasts(animationDuration)) || lasts(transitionDuration)
        })
        .map((one) => one.outerHTML.slice(0, 80)),
    )
    assert.deepEqual(moving, [])
  }
})
