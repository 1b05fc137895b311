// 60 minutes, 24 hours, 90 days: one switch for the whole page.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { BASE, visit, visitor } from './browser.ts'

test('the switch changes the bars in place, keeps the focus and says what is shown', async () => {
  const { page } = await visit()
  assert.equal(await page.locator('.page-window').innerText(), 'Service uptime in the past 60 minutes')
  await page.evaluate(() => Object.assign(window, { stayed: true }))
  const link = page.getByRole('link', { name: '90 d' })
  await link.focus()
  await page.keyboard.press('Enter')
  await page.waitForSelector('.row .is-days')
  assert.equal(await page.locator('.page-window').innerText(), 'Service uptime in the past 90 days')
  assert.equal(new URL(page.url()).searchParams.get('z'), '90d')
  assert.ok(await link.evaluate((element) => element === document.activeElement), 'the focus stays')
  assert.equal(await link.getAttribute('aria-current'), 'true')
  assert.equal(await page.locator('main [role=status]', { hasText: '90 days' }).count(), 1)
  await page.getByRole('link', { name: '24 h' }).click()
  await page.waitForSelector('.row .is-cells:not(.is-days)')
  await page.getByRole('link', { name: '60 min' }).click()
  await page.waitForSelector('.is-cells', { state: 'detached' })
  assert.equal(new URL(page.url()).searchParams.get('z'), null)
  assert.ok(await page.evaluate(() => 'stayed' in window), 'nothing was loaded anew')
})

test('a day is read by keyboard: weeks by page keys, the day by Enter', async () => {
  const { page } = await visit()
  await page.getByRole('link', { name: '90 d' }).click()
  const range = page.locator('.is-days + .bar-cursor > .bar-range').first()
  await range.focus()
  const at = async () => Number(await range.inputValue())
  assert.equal(await at(), 89)
  await page.keyboard.press('PageDown')
  assert.equal(await at(), 82)
  await page.keyboard.press('PageUp')
  assert.equal(await at(), 89)
  assert.match(
    (await range.getAttribute('aria-valuetext'))!,
    /^\w+day \d+ \w+: Down, 12 min\. Elevated errors on writes$/,
  )
  await page.route('**/day/*', (route) => route.fulfill({ body: 'the day', contentType: 'text/html' }))
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/day\/\d{4}-\d\d-\d\d$/)
})

test('the sum, the list and the table are there without the bar', async () => {
  const { page } = await visit()
  await page.getByRole('link', { name: '90 d' }).click()
  const row = page.locator('.row').first()
  await row.locator('.row-sum > summary').click()
  assert.match(await row.locator('.row-sum p').innerText(), /down of .* excluded.*observed/s)
  assert.match((await row.locator('.row-sum a').getAttribute('href'))!, /^monitor\/api\/receipt\?window=90d$/)
  await row.locator('.row-sum > summary').click()
  await row.locator('.row-downtime > summary').click()
  await row.locator('.row-downtime li a').nth(6).waitFor()
  await row.getByRole('button', { name: 'Show as table' }).click()
  await row.locator('tbody tr').nth(89).waitFor()
})

test('a narrow bar shows fewer days, and says so', async () => {
  for (const [width, days] of [
    [390, 30],
    [520, 60],
    [1100, 90],
  ] as const) {
    const { page } = await visit({ viewport: { width, height: 800 } })
    await page.getByRole('link', { name: '90 d' }).click()
    const range = page.locator('.is-days + .bar-cursor > .bar-range').first()
    await range.waitFor()
    await page.waitForFunction(([element, first]) => (element as HTMLInputElement).min === String(first), [
      await range.elementHandle(),
      90 - days,
    ] as const)
    const said = await page
      .locator('.bar-ends')
      .first()
      .evaluate((ends) => getComputedStyle(ends, '::before').content)
    assert.equal(said, `"${days} days ago"`)
  }
})

test('the switch works without JavaScript', async () => {
  const { page } = await visitor({ javaScriptEnabled: false })
  await page.goto(BASE)
  await page.getByRole('link', { name: '24 h' }).click()
  assert.equal(new URL(page.url()).searchParams.get('z'), '24h')
})
