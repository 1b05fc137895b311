// A reader comes back, and the server is gone: the page opens from what was kept, grey, and says how old it is.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { BASE, mounted, visitor } from './browser.ts'

const order = async (what: string) => assert.equal((await fetch(`${process.env.CONTROL}${what}`)).status, 204)

test('the page opens without its server, and claims nothing', async () => {
  const { page, complaints } = await visitor({ serviceWorkers: 'allow' })
  await page.goto(BASE)
  await mounted(page)
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  await page.waitForFunction(async () => {
    const kept = await (await caches.open('signalbox-1')).keys()
    return kept.some(({ url }) => url.endsWith('/')) && kept.some(({ url }) => url.includes('_nuxt/'))
  })
  assert.deepEqual(complaints, [])

  await page.evaluate(() => fetch('api/v1/monitors').then(() => fetch('no/such/page')))
  const kept = await page.evaluate(async () => (await (await caches.open('signalbox-1')).keys()).map(({ url }) => url))
  assert.deepEqual(
    kept.filter((url) => !url.startsWith(BASE) || /api\/(v1|events)|no\/such/.test(url)),
    [],
  )

  await order('stop')
  await page.clock.install({ time: Date.now() })
  await page.reload()
  await mounted(page)
  assert.equal(await page.locator('.row').count(), 2)
  await page.clock.fastForward(40_000)
  await page.getByText('We cannot reach our own server').waitFor()
  await page.locator('.page.is-stale').waitFor()
  for (let minute = 0; minute < 5; minute += 1) await page.clock.fastForward(60_000)
  await page.getByRole('heading', { name: 'We cannot confirm the current status' }).waitFor()
  await page
    .locator('.banner')
    .getByText(/Last confirmed \d+ minutes ago/)
    .waitFor()

  await order('start')
  await order('up')
  const answered = page.waitForResponse((response) => response.url().endsWith('/api/page') && response.ok())
  await page.clock.fastForward(80_000)
  await answered
  await page.locator('.page:not(.is-stale)').waitFor()
})
