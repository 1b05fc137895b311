// Checks have stopped: the server goes on answering, with the same old results. EXPECT=stale: they are old on arrival.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Page } from 'playwright-core'

import { BASE, mounted, visitor } from './browser.ts'

const HEADLINE = 'We cannot confirm the current status'

/** What on the page is painted in the colours of "operational"; the legend below the page may be. */
async function green(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const probe = document.body.appendChild(document.createElement('i'))
    const colours = new Set(
      ['solid', 'text', 'soft'].map((part) => {
        probe.style.color = `var(--operational-${part})`
        return getComputedStyle(probe).color
      }),
    )
    probe.remove()
    const parts = ['color', 'fill', 'stroke', 'backgroundColor', 'borderTopColor'] as const
    return [...document.querySelectorAll('.page, .page *')]
      .filter((element) => parts.some((part) => colours.has(getComputedStyle(element)[part])))
      .map((element) => element.outerHTML.slice(0, 120))
  })
}

async function confirmsNothing(page: Page): Promise<void> {
  await page.getByRole('heading', { name: HEADLINE }).waitFor()
  await page.locator('.page.is-stale .banner.is-no-data').waitFor()
  assert.match(await page.title(), /^\? /)
  assert.match((await page.locator('#favicon').getAttribute('href'))!, /favicon\/no-data\.svg$/)
  assert.deepEqual(await green(page), [])
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`old data are grey without JavaScript: ${colorScheme}`, { skip: process.env.EXPECT !== 'stale' }, async () => {
    const { page } = await visitor({ colorScheme })
    await page.route('**/*.js', (route) => route.abort())
    await page.goto(BASE)
    await confirmsNothing(page)
    assert.match(await page.locator('.banner-age').innerText(), /\d\d:\d\d/)
  })

  test(`old data are grey when the app has taken over: ${colorScheme}`, async () => {
    const { page } = await visitor({ colorScheme })
    await page.clock.install()
    await page.goto(BASE)
    await mounted(page)
    const written = JSON.parse((await page.locator('#page-data').textContent())!) as { generated_at: string }
    if (process.env.EXPECT !== 'stale') {
      assert.notDeepEqual(await green(page), [])
      await page.route(/\/api\/page/, async (route) => {
        const now = await page.evaluate(() => Date.now())
        const same = { ...written, generated_at: new Date(now).toISOString() }
        await route.fulfill({ json: same, headers: { date: new Date(now).toUTCString() } })
      })
      for (let minute = 0; minute < 4; minute += 1) await page.clock.fastForward(60_000)
    }
    await confirmsNothing(page)
    assert.match(await page.locator('.banner-age').innerText(), /^Last confirmed \d+ minutes ago$/)
  })
}
