// The server's state changes while somebody looks. CONTROL takes the orders: up, down, refuse (streams), stop, start.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Page } from 'playwright-core'

import { BASE, mounted, visitor } from './browser.ts'

const CALM = /All systems operational/
const BAD = /outage/i

const order = async (what: string) => assert.equal((await fetch(`${process.env.CONTROL}${what}`)).status, 204)
const headline = (page: Page, words: RegExp) => page.locator('h1').filter({ hasText: words }).first()

/** A page that was greeted by the stream of announcements. */
async function following(): Promise<Page> {
  const { page } = await visitor()
  const streaming = page.waitForResponse(/\/api\/events/)
  await page.goto(BASE)
  await mounted(page)
  assert.equal((await streaming).status(), 200)
  return page
}

test('a change shows within two seconds, without a reload', async () => {
  const page = await following()
  await headline(page, CALM).waitFor()
  await page.evaluate(() => Object.assign(globalThis, { untouched: true }))
  for (const [what, words] of [
    ['down', BAD],
    ['up', CALM],
  ] as const) {
    // prettier-ignore
    const start = Date.now()
    await order(what)
    await headline(page, words).waitFor()
    const took = Date.now() - start
    console.log(`${what}: ${took} ms`)
    assert.ok(took < 3_000, `it took ${took} ms`) // two on a machine that nobody else works on
  }
  assert.equal(await page.evaluate(() => 'untouched' in globalThis), true)
})

for (const hours of [3, -3]) {
  test(`a visitor whose clock is ${hours} hours wrong sees right ages`, async () => {
    const { page } = await visitor()
    await page.clock.install({ time: Date.now() + hours * 3_600_000 })
    await page.goto(BASE)
    await mounted(page)
    await order('up')
    await headline(page, CALM).waitFor()
    await page.locator('.banner').getByText('Updated just now').waitFor()
    assert.equal(await page.locator('.page.is-stale').count(), 0)
    await page.clock.fastForward(60_000)
    await order('up')
    await page.locator('.banner').getByText('Updated just now').waitFor()
  })
}

test('a server that is killed leaves the page grey, which says so, and is found again', async () => {
  const page = await following()
  await order('stop')
  await page.getByText('We cannot reach our own server').waitFor()
  await page.locator('.page.is-stale').waitFor()
  await order('start')
  await order('up')
  await page.locator('.page:not(.is-stale)').waitFor()
})

test('where the stream is refused the page asks by itself', async () => {
  const page = await following()
  const refused = page.waitForResponse(
    (response) => response.url().includes('/api/events') && response.status() === 503,
  )
  const answered = page.waitForResponse(/\/api\/page/)
  await order('refuse')
  await answered
  await refused
  await order('down')
  await headline(page, BAD).waitFor({ timeout: 35_000 })
})
