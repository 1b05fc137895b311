// Incidents and announced work: there without JavaScript, the same with it, and what people wrote does nothing.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Page } from 'playwright-core'

import { BASE, mounted, visit, visitor } from './browser.ts'

/** The notices' words, without what depends on the reader's time zone. */
function words(page: Page, root: string): Promise<string[]> {
  return page.locator(`${root} .notice`).evaluateAll((notices) =>
    notices.map((notice) =>
      notice
        .textContent!.replace(/((Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+ \w+, )?\d\d:\d\d/g, 'TIME')
        .replace(/( ·)? ?TIME ?– ?TIME \([^)]*\)/g, '')
        .replace(/\s+/g, ''),
    ),
  )
}

test('notices say the same before and after the app takes over', async () => {
  const written = await visitor({ javaScriptEnabled: false })
  await written.page.goto(BASE)
  const { page } = await visit()
  const said = await words(page, '#__nuxt')
  assert.ok(said.length > 0)
  assert.deepEqual(said, await words(written.page, 'body'))
})

test('nothing that people wrote runs, is fetched or is styled', async () => {
  const { page, requests, complaints } = await visit()
  await page.locator('.notice-more > summary').first().click()
  assert.equal(await page.evaluate(() => (window as unknown as { attacked?: number }).attacked), undefined)
  const strange = await page.evaluate(() =>
    [...document.querySelectorAll('.notice-body *')]
      .filter(
        (element) =>
          /^(script|style|img|svg|iframe|object|embed|form|input|base|meta|link)$/i.test(element.tagName) ||
          [...element.attributes].some(({ name }) => /^(on|style|src|id|class)/.test(name)) ||
          (element instanceof HTMLAnchorElement && !/^(https?|mailto):/.test(element.href)),
      )
      .map((element) => element.outerHTML),
  )
  assert.deepEqual(strange, [])
  const origin = new URL(BASE).origin
  assert.deepEqual(
    requests.filter((address) => new URL(address).origin !== origin),
    [],
  )
  assert.deepEqual(complaints, [])
})

test('a link to an update that is folded finds it open', async () => {
  const { page } = await visitor()
  await page.goto(BASE)
  const folded = page.locator('#__nuxt .notice-more li').first()
  const id = await folded.getAttribute('id')
  await page.goto(`${BASE}#${id}`)
  await page.reload()
  await mounted(page)
  await page.locator(`#__nuxt #${id}`).waitFor({ state: 'visible' })
})

test('an update that is overdue says so, by words and not by colour alone', async () => {
  const { page } = await visit()
  assert.match(await page.locator('.is-overdue').first().innerText(), /^Update overdue by \d+ (s|min)/)
})
