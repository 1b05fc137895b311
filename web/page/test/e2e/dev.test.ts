// The dev server: no document is written into its page, so everything comes from the API on another port.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { BASE, visitor } from './browser.ts'

test('the dev server’s page draws what the API says', async () => {
  const { page, complaints } = await visitor()
  page.setDefaultTimeout(60_000) // the first visit builds
  await page.goto(BASE)
  await page.getByRole('heading', { name: 'Major outage: API' }).waitFor()
  assert.equal(await page.locator('.row').count(), 7)
  assert.match(await page.title(), /^● Down: API \| /)
  assert.deepEqual(complaints, [])
})
