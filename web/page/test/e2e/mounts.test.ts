// With JavaScript: the app takes over from what the server wrote, unseen.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Page } from 'playwright-core'

import { BASE, mounted, visit, visitor } from './browser.ts'

const PARTS = [
  '.page-title',
  '.banner',
  '.banner h1',
  '.group',
  '.row',
  '.row-name',
  '.waterline',
  '.ticks',
  '.legend',
  '.notice',
  '.past',
]

/** Where each part of the page stands, in whole pixels. */
function boxes(page: Page): Promise<Record<string, number[][]>> {
  return page.evaluate(
    (parts) =>
      Object.fromEntries(
        parts.map((part) => [
          part,
          [...document.querySelectorAll(part)].slice(0, 20).map((element) => {
            const { x, y, width, height } = element.getBoundingClientRect()
            return part === '.banner h1' || part === '.row-name'
              ? [x, y, height].map(Math.round)
              : [x, y, width, height].map(Math.round)
          }),
        ]),
      ),
    PARTS,
  )
}

test('nothing moves when the app takes over', async () => {
  const written = await visitor({ javaScriptEnabled: false })
  await written.page.goto(BASE)
  const { page } = await visitor()
  await page.addInitScript(() => {
    const shifts: number[] = []
    Object.assign(window, { shifts })
    new PerformanceObserver((list) => {
      shifts.push(...list.getEntries().map((entry) => (entry as unknown as { value: number }).value))
    }).observe({ type: 'layout-shift', buffered: true })
  })
  await page.goto(BASE)
  await mounted(page)
  assert.deepEqual(await boxes(page), await boxes(written.page))
  const shift = await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts.reduce((a, b) => a + b, 0))
  assert.ok(shift <= 0.01, `layout shift ${shift}`)
})

test('the first paint needs no request for data', async () => {
  const { page, requests } = await visitor()
  await page.route('**/api/page*', (route) => route.abort())
  await page.route('**/page.json', (route) => route.abort())
  await page.goto(BASE)
  await mounted(page)
  assert.ok((await page.locator('#__nuxt .row').count()) > 0)
  const loaded = requests.filter((address) => !/\/api\/(page|events)/.test(address))
  assert.ok(loaded.length <= 12, loaded.join('\n')) // with what is loaded once the page stands
})

test('the page stays as it was written until its words are there', async (t) => {
  const { page } = await visitor()
  let asked = 0
  await page.route('**/api/words?*', (route) => ((asked += 1) === 1 ? route.abort() : route.continue()))
  await page.goto(BASE)
  if ((await page.locator('link#page-words').count()) === 0) return t.skip('a static copy carries its words')
  await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0)
  assert.ok((await page.locator('#__nuxt-loader .row').count()) > 0)
  assert.equal(await page.locator('#__nuxt .row').count(), 0)
  await mounted(page)
  assert.ok(asked > 1)
})

test('it prints in the light colours, with its date and without controls', async () => {
  const light = await visit({ colorScheme: 'light' })
  const dark = await visit({ colorScheme: 'dark' })
  await dark.page.getByLabel('Theme').selectOption('dark')
  await dark.page.emulateMedia({ media: 'print' })
  const ink = (page: Page) => page.locator('.banner h1').evaluate((words) => getComputedStyle(words).color)
  assert.equal(await ink(dark.page), await ink(light.page))
  assert.match(await dark.page.locator('.page-footer').innerText(), /Printed \d+ \w+ \d{4}, \d\d:\d\d UTC/)
  assert.equal(await dark.page.getByLabel('Theme').isVisible(), false)
})

test('theme and time zone are remembered', async () => {
  const { page } = await visit({ colorScheme: 'light' })
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const light = await ground()
  await page.getByLabel('Theme').selectOption('dark')
  const dark = await ground()
  assert.notEqual(dark, light)
  await page.reload()
  assert.equal(await ground(), dark, 'before the app runs')
  await mounted(page)
  assert.equal(await page.getByLabel('Theme').inputValue(), 'dark')
  await page.goto(`${BASE}?tz=Asia/Kolkata`)
  await mounted(page)
  assert.equal(await page.getByLabel('Times in').inputValue(), 'Asia/Kolkata')
})
