// Accessible in every look: axe finds nothing, and nothing needs sideways scrolling.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import AxeBuilder from '@axe-core/playwright'
import type { BrowserContextOptions } from 'playwright-core'

import { BASE, visit, visitor } from './browser.ts'

const phone = { width: 320, height: 640 }
const looks: Record<string, BrowserContextOptions> = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  'light at 320 px': { colorScheme: 'light', viewport: phone },
  'dark at 320 px': { colorScheme: 'dark', viewport: phone, reducedMotion: 'reduce' },
  'more contrast': { contrast: 'more' },
  'forced colours': { forcedColors: 'active' },
  'right to left': { colorScheme: 'light', viewport: phone },
}

// LOOKS picks some of them.
const wanted = process.env.LOOKS?.split(',') ?? Object.keys(looks)

for (const look of wanted) {
  const options = looks[look]!
  test(`axe finds nothing: ${look}`, async () => {
    const { page } = await visit(options)
    if (look === 'right to left') await page.evaluate(() => (document.documentElement.dir = 'rtl'))
    const sum = page.locator('.row-sum > summary').first()
    if (await sum.count()) await sum.click()
    const list = page.locator('.row-downtime > summary').first()
    if (await list.count()) await list.click()
    await page.locator('.bar-range').first().focus()
    await page.waitForSelector('.bar-card')
    const { violations } = await new AxeBuilder({ page }).analyze()
    assert.deepEqual(
      violations.map(({ id, nodes }) => ({
        id,
        nodes: nodes.slice(0, 3).map((node) => [node.html, node.failureSummary]),
      })),
      [],
    )
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    assert.ok(overflow <= 0, `${overflow} px too wide`)
  })
}

test('axe finds nothing: what the server wrote', async () => {
  const { page } = await visitor()
  await page.route('**/*.js', (route) => route.abort())
  await page.goto(BASE)
  await page.waitForSelector('#__nuxt-loader .banner')
  const { violations } = await new AxeBuilder({ page }).analyze()
  assert.deepEqual(
    violations.map(({ id, nodes }) => ({ id, nodes: nodes.slice(0, 3).map((node) => node.html) })),
    [],
  )
})
