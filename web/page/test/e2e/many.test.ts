// Hundreds of services: still one page, soon there.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { visit } from './browser.ts'

test('a page of hundreds mounts, opens its groups and stays in place', async (context) => {
  const { page } = await visit()
  const rows = await page.locator('.row').count()
  assert.ok(rows >= 200)
  const closed = page.locator('details.group:not([open]) > summary')
  assert.ok((await closed.count()) > 0, 'groups without trouble are closed')
  await closed.first().locator('.waterline').waitFor()
  await closed.first().click()
  assert.equal(await page.locator('.row').count(), rows)
  const far = await page
    .locator('.row')
    .last()
    .evaluate((row) => getComputedStyle(row).contentVisibility)
  assert.equal(far, 'auto')
  const painted = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime)
  const nodes = await page.evaluate(() => document.querySelectorAll('*').length)
  context.diagnostic(`${rows} services: first paint after ${Math.round(painted ?? 0)} ms, ${nodes} nodes`)
})
