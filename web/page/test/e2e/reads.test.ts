// Without JavaScript: everything that matters is in the HTML.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { BASE, visitor } from './browser.ts'

test('the page reads without JavaScript', async () => {
  const { page, requests, complaints } = await visitor({ javaScriptEnabled: false })
  await page.goto(BASE)
  assert.notEqual((await page.locator('.banner h1').innerText()).trim(), '')
  assert.notEqual((await page.title()).trim(), '')
  assert.match(await page.locator('main').innerText(), /Service uptime in the past 60 minutes/)

  const rows = page.locator('.row')
  assert.ok((await rows.count()) > 0)
  for (const row of await rows.all()) {
    assert.notEqual(await row.locator('.row-name').textContent(), '')
    assert.notEqual(await row.locator('.row-state').textContent(), '')
    assert.match((await row.locator('.row-uptime').textContent()) ?? '', /^(\d{1,3}\.\d{2}%|—)$/)
    assert.match((await row.locator('.waterline').getAttribute('aria-label')) ?? '', /minutes? (up|with|without)/)
  }
  assert.ok((await rows.first().locator('.waterline').boundingBox())!.width > 200)

  const origin = new URL(BASE).origin
  assert.deepEqual(
    requests.filter((address) => new URL(address).origin !== origin),
    [],
  )
  assert.deepEqual(complaints, [])
})

test('its style sheet and icon arrive', async () => {
  const { page } = await visitor({ javaScriptEnabled: false })
  await page.goto(BASE)
  const border = await page.locator('.banner').evaluate((banner) => getComputedStyle(banner).borderTopWidth)
  assert.equal(border, '1px')
  const icon = await page.locator('#favicon').evaluate((link: HTMLLinkElement) => link.href)
  const answer = await page.request.get(icon)
  assert.equal(answer.status(), 200)
  assert.match(await answer.text(), /<svg/)
})
