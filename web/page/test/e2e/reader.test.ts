// What the reader sets, and is told because of it: zones of a moment, services of their own, what they missed.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import AxeBuilder from '@axe-core/playwright'
import type { Page } from 'playwright-core'

import { BASE, mounted, ticking, visit, visitor } from './browser.ts'

const phone = { width: 320, height: 640 }

async function isSound(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  assert.deepEqual(
    violations.map(({ id, nodes }) => ({ id, nodes: nodes.slice(0, 3).map((node) => node.html) })),
    [],
  )
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  assert.ok(overflow <= 0, `${overflow} px too wide`)
}

for (const dir of ['ltr', 'rtl']) {
  test(`a moment tells three zones on a card that stays in the window: ${dir}`, async () => {
    const { page } = await visit({ viewport: phone, timezoneId: 'Asia/Kolkata' })
    await page.evaluate((direction) => (document.documentElement.dir = direction), dir)
    const words = await page.locator('.time-word').all()
    for (const one of [words[0]!, words.at(-1)!]) {
      await one.focus()
      const card = page.locator('.time-card')
      await card.waitFor()
      const box = (await card.boundingBox())!
      assert.ok(box.x >= 0 && box.x + box.width <= phone.width, `${box.x} … ${box.x + box.width}`)
      assert.match(await card.innerText(), /Asia\/Kolkata|Asia\/Calcutta/)
      await isSound(page)
      await page.keyboard.press('Tab')
      assert.equal(await card.count(), 1, 'it stays while focus is in it')
      await page.keyboard.press('Escape')
      assert.equal(await card.count(), 0)
    }
  })
}

test('a pointer opens the card, can go onto it, and closes it by leaving', async () => {
  const { page } = await ticking()
  await page.locator('.banner .time-word').hover()
  await page.locator('.time-card').hover()
  await page.clock.runFor(1_000) // longer than a pointer that left is waited for
  assert.equal(await page.locator('.time-card').count(), 1)
  await page.mouse.move(5, 5)
  await page.locator('.time-card').waitFor({ state: 'detached' })
})

test('services of one’s own: banner and tab speak for them, and the device remembers', async () => {
  const { page } = await visit({ viewport: phone })
  const whole = await page.title()
  await page.getByRole('button', { name: 'Does it affect me?' }).last().click()
  await page.getByRole('dialog').waitFor()
  await isSound(page)
  await page.getByRole('checkbox').last().check()
  await page.getByRole('button', { name: 'Speak for these' }).click()
  await page.getByText(/For your 1 of \d+ services/).waitFor()
  assert.match(page.url(), /\?(.*&)?mine=[\w-]+$/)
  const own = await page.title()
  await page.goto(BASE)
  await mounted(page)
  await page.waitForFunction((title) => document.title === title, own)
  await isSound(page)
  await page.getByRole('button', { name: 'Change' }).click()
  await page.getByRole('button', { name: 'Speak for all' }).click()
  await page.waitForFunction((title) => document.title === title, whole)
})

test('who was away is told of what they missed, where nothing moves for it', async () => {
  const { page } = await visitor()
  const [seen, slug] = [Date.now() - 86_400_000 * 13, 'main']
  await page.addInitScript(
    ([at, name]) => {
      const key = `signalbox-visit-${name}`
      if (localStorage.getItem(key) === null) {
        localStorage.setItem(key, JSON.stringify({ since: null, began: at, seen: at }))
      }
    },
    [seen, slug] as const,
  )
  await page.goto(BASE)
  await mounted(page)
  const banner = await page.locator('.banner').boundingBox()
  await page.getByText(/\d+ incidents? while you were away/).click()
  assert.match((await page.locator('.visit a').first().getAttribute('href'))!, /^incident\//)
  assert.deepEqual(await page.locator('.banner').boundingBox(), banner)
  await isSound(page)
})

test('a reader can ask to be told when it is back', async () => {
  const { page } = await visit({ permissions: ['notifications'] })
  await page.getByRole('button', { name: 'Tell me when it is back' }).click()
  await page.getByText('This tab will tell you').waitFor()
  await isSound(page)
  await page.getByRole('button', { name: 'Never mind' }).click()
  await page.getByRole('button', { name: 'Tell me when it is back' }).waitFor()
})

test('a language is an address, and is asked for again on the next visit', async () => {
  const { page } = await visit()
  await page.getByLabel('Language').selectOption('de')
  await page.waitForURL(/lang=de/)
  await page.goto(BASE)
  await page.waitForURL(/lang=de/)
  await mounted(page)
  await page.waitForFunction(() => new URLSearchParams(location.search).get('lang') === 'de')
})
