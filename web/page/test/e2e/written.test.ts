// A view that the server wrote: the same without the app, and with it in the reader's time, kept new.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { BASE, visitor } from './browser.ts'

test('the view stays, in the reader’s time and with what readers set', async () => {
  const { page, complaints } = await visitor({ timezoneId: 'Asia/Kolkata' })
  await page.goto(BASE)
  await page.waitForSelector('#__nuxt .page-footer select')
  assert.equal(await page.locator('main h1').innerText(), 'Slow writes')
  assert.deepEqual(await page.locator('main time').allInnerTexts(), ['19:32', 'Fri 20 Nov, 19:32'])
  await page.locator('.page-footer select').first().selectOption('UTC')
  assert.deepEqual(await page.locator('main time').allInnerTexts(), ['14:02', 'Fri 20 Nov, 14:02'])
  assert.deepEqual(complaints, [])
})

test('a view whose server is away turns grey and says so, until it is back', async () => {
  const { page } = await visitor()
  await page.clock.install()
  await page.goto(BASE)
  await page.waitForSelector('#__nuxt main:not(.is-stale)')
  await page.route(BASE, (route) => route.abort())
  for (let step = 0; step < 3; step += 1) await page.clock.runFor(40_000)
  await page.waitForSelector('main.is-stale')
  await page.getByText('We cannot reach our own server').waitFor()
  await page.unroute(BASE)
  // Each question gets a real round trip before the clock goes on; how many it takes, a busy machine decides.
  for (let step = 0; step < 60 && (await page.locator('main.is-stale').count()) > 0; step += 1) {
    await page.clock.runFor(8_000) // less than a question may take
    await page.evaluate(() => fetch(location.href).then((answer) => answer.text()))
  }
  await page.waitForSelector('main:not(.is-stale)')
})

test('what is newer is put in its place; what is open, focused and scrolled to stays', async () => {
  const { page } = await visitor()
  await page.clock.install()
  await page.goto(BASE)
  await page.waitForSelector('#__nuxt main')
  await page.locator('summary', { hasText: 'Earlier' }).click()
  await page.locator('main a').focus()
  await page.route(BASE, async (route) =>
    route.fulfill({ response: await route.fetch({ url: BASE.replace('view', 'newer') }) }),
  )
  await page.clock.runFor(40_000)
  await page.waitForFunction(() => document.querySelector('#news')?.textContent === 'It is over')
  assert.ok(await page.locator('#more').evaluate((one) => (one as HTMLDetailsElement).open))
  assert.ok(await page.locator('main a').evaluate((one) => one === document.activeElement))
})
