// Fifty services and ninety days: still a light page.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { visit } from './browser.ts'

test('a page of fifty services and ninety days has at most 1 500 nodes', async (context) => {
  const { page } = await visit()
  await page.waitForSelector('.bar-range')
  await page.waitForFunction(() => document.querySelectorAll('.bar-range').length >= 50)
  const nodes = await page.evaluate(() => document.querySelectorAll('body *').length)
  context.diagnostic(`${nodes} nodes`)
  assert.ok(nodes <= 1_500, `${nodes} nodes`)
})
