// As time passes: newer data, old data, no network. The clock is the test's, the page's server is real.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Page } from 'playwright-core'

import { mounted, visitor, BASE, type Visit } from './browser.ts'

interface Document {
  generated_at: string
  newest_result_at: string | null
  headline: object
}

const ANY_DATA = /\/(api\/page|page\.json)(\?.*)?$/

/** A page whose clock stands still until the test moves it. */
async function still(): Promise<Visit & { document: Document }> {
  const opened = await visitor()
  await opened.page.clock.install()
  await opened.page.goto(BASE)
  await mounted(opened.page)
  const text = await opened.page.locator('#page-data').textContent()
  return { ...opened, document: JSON.parse(text!) as Document }
}

async function answering(page: Page, change: (now: number) => Document): Promise<void> {
  await page.route(ANY_DATA, async (route) => {
    const now = await page.evaluate(() => Date.now())
    await route.fulfill({ json: change(now), headers: { date: new Date(now).toUTCString() } })
  })
}

const iso = (moment: number) => new Date(moment).toISOString()

test('a new state comes without a reload, also to tab and icon', async () => {
  const { page, document } = await still()
  await answering(page, (now) => ({
    ...document,
    generated_at: iso(now),
    newest_result_at: iso(now),
    headline: { code: 'major', state: 'major', affected: 2, total: 9, no_data: 0, names: ['Alpha', 'Beta'] },
  }))
  await page.clock.fastForward(31_000)
  await page.getByRole('heading', { name: '2 of 9 services down' }).waitFor()
  assert.match(await page.title(), /^● Down: Alpha and 1 more \| /)
  assert.match((await page.locator('#favicon').getAttribute('href'))!, /favicon\/major\.svg$/)
})

test('data that get old turn grey and are never called operational', async () => {
  const { page, document } = await still()
  await answering(page, (now) => ({ ...document, generated_at: iso(now), newest_result_at: iso(now - 240_000) }))
  await page.clock.fastForward(31_000)
  await page.getByRole('heading', { name: 'We cannot confirm the current status' }).waitFor()
  await page
    .locator('main')
    .getByText(/Last confirmed \d+ minutes ago/)
    .waitFor()
  const [bar, grey] = await page.evaluate(() => {
    const probe = globalThis.document.createElement('i')
    probe.style.color = 'var(--no-data-solid)'
    globalThis.document.querySelector('.page')!.append(probe)
    const stroke = getComputedStyle(globalThis.document.querySelector('.waterline path')!).stroke
    return [stroke, getComputedStyle(probe).color]
  })
  assert.equal(bar, grey)
  assert.match(await page.title(), /^\? /)
})

test('a server that is gone leaves the data, says so, and is found again', async () => {
  const { page, document } = await still()
  const rows = await page.locator('.row').count()
  await page.route(ANY_DATA, (route) => route.abort())
  const note = page.getByText('We cannot reach our own server')
  for (let poll = 0; poll < 3; poll += 1) await nextQuestion(page)
  await note.waitFor()
  assert.equal(await page.locator('.row').count(), rows)
  await page.locator('.page.is-stale').waitFor()

  await page.unroute(ANY_DATA)
  await answering(page, (now) => ({ ...document, generated_at: iso(now), newest_result_at: iso(now) }))
  await page.clock.fastForward(80_000)
  await note.waitFor({ state: 'detached' })
})

/** Move the clock until the page has asked once more and was refused. */
async function nextQuestion(page: Page): Promise<void> {
  const refused = page.waitForEvent('requestfailed')
  await page.clock.fastForward(40_000)
  await refused
}
