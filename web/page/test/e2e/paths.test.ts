// Wherever the page is served from: everything it needs is found below its own address.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { visit } from './browser.ts'

test('no request leaves the page’s own origin, none fails, and the policy refuses nothing', async () => {
  const { page, requests, complaints } = await visit()
  await page.locator('.bar-range').first().hover({ force: true })
  await page.waitForSelector('.bar-card')

  const asked = page.waitForResponse(/\/(api\/page|page\.json)(\?.*)?$/)
  await page.evaluate(() => dispatchEvent(new Event('online')))
  assert.ok((await asked).ok(), 'newer data are found')

  const state = (await page.locator('.banner').getAttribute('class'))!.match(/is-([a-z-]+)/)![1]
  const icon = await page.locator('#favicon').evaluate((link: HTMLLinkElement) => link.href)
  assert.match(icon, new RegExp(`favicon/${state}\\.svg$`))
  assert.equal((await page.request.get(icon)).status(), 200)

  const origin = new URL(page.url()).origin
  assert.deepEqual(
    requests.filter((address) => new URL(address).origin !== origin),
    [],
  )
  assert.deepEqual(complaints, [])
})
