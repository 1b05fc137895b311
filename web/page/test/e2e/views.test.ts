// Every view of a real server, in every look: readable by everybody, nothing sideways, nothing on the console, and made
// better by the app without losing what the server wrote.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import axe from 'axe-core'
import type { BrowserContextOptions, Page } from 'playwright-core'

import { BASE, visitor, type Visit } from './browser.ts'

const WIDE = { width: 1100, height: 900 }
const PHONE = { width: 320, height: 640 } // also what 1 280 px are at 400 %
const PLAIN = { colorScheme: 'light', forcedColors: 'none' } as const

const LOOKS: Record<string, (page: Page) => Promise<void>> = {
  light: async (page) => page.emulateMedia(PLAIN),
  dark: async (page) => page.emulateMedia({ ...PLAIN, colorScheme: 'dark' }),
  'forced colours': async (page) => page.emulateMedia({ ...PLAIN, forcedColors: 'active' }),
  '320 px': async (page) => {
    await page.emulateMedia(PLAIN)
    await page.setViewportSize(PHONE)
  },
}

let known: Promise<string[]> | undefined

/** Addresses of every kind of view there is, below the page. */
function views(): Promise<string[]> {
  return (known ??= find())
}

async function find(): Promise<string[]> {
  const { page } = await visitor({ javaScriptEnabled: false })
  const linked = async (path: string, link: string) => {
    await page.goto(BASE + path)
    return (await page.locator(`a[href*="${link}"]`).first().getAttribute('href'))!.replace(/^(\.\/|\.\.\/)*/, '')
  }
  const incident = (await linked('history', 'incident/')).replace(/#.*/, '')
  const monitor = await linked('?z=90d', 'monitor/')
  const id = monitor.replace('monitor/', '').replace(/\/.*/, '')
  const yesterday = new Date(Date.now() - 86_400_000).toISOString()
  const [day, moment] = [yesterday.slice(0, 10), `${yesterday.slice(0, 16)}Z`]
  await page.context().close()
  return [
    '?z=60m',
    '?z=24h',
    '?z=90d',
    incident,
    'history',
    `history/${day.slice(0, 7)}?monitor=${id}&q=the`,
    `day/${day}`,
    `monitor/${id}`,
    `monitor/${id}?z=7d`,
    `monitor/${id}/receipt?window=90d`,
    'was-it-me',
    `was-it-me?monitor=${id}&at=${yesterday.slice(0, 16)}`,
    `@${moment}`,
    'wall',
    'how-we-measure',
  ]
}

const COLOURS = ['color-contrast', 'link-in-text-block'] // the rules that another colour scheme can break

/** What is wrong by axe, by all its rules or some, and what is too wide. */
async function faults(page: Page, rules: string[] = []): Promise<string[]> {
  if (await page.evaluate(() => !('axe' in window))) await page.evaluate(axe.source)
  const { violations } = await page.evaluate(
    async (some) =>
      (window as unknown as { axe: typeof axe }).axe.run(document, {
        resultTypes: ['violations'],
        ...(some.length > 0 && { runOnly: { type: 'rule', values: some } }),
      }),
    rules,
  )
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  return [
    ...violations.flatMap(({ id, nodes }) =>
      nodes.slice(0, 2).map((node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary}`),
    ),
    ...(overflow > 0 ? [`${overflow} px too wide`] : []),
  ]
}

/** The app runs, and what it adds to the view is there. */
async function running(page: Page, view: string): Promise<void> {
  await page.waitForSelector('#__nuxt main, #__nuxt .wall')
  await page.waitForSelector('#__nuxt-loader', { state: 'detached' })
  if (view.startsWith('?'))
    await page.waitForSelector('.bar-range', { state: 'attached' }) // groups in which all is well are folded
  else if (view === 'wall') await page.waitForSelector('#__nuxt main.wall .wall-detail')
  else await page.waitForSelector('#__nuxt .page-footer select')
  if (/^monitor\/[^/]+$/.test(view)) await page.waitForSelector('.island canvas')
}

async function open(one: Visit, view: string): Promise<void> {
  const answer = await one.page.goto(BASE + view)
  assert.equal(answer?.status(), 200, view)
}

/** Go through all views; what is wrong with any of them is told at once. */
async function everywhere(options: BrowserContextOptions, look: (one: Visit, view: string) => Promise<string[]>) {
  const one = await visitor(options)
  one.page.setDefaultTimeout(10_000)
  const found: Record<string, string[]> = {}
  for (const view of await views()) {
    one.complaints.length = 0
    const wrong = await look(one, view).catch((error: unknown) => [String(error)])
    if (wrong.length + one.complaints.length > 0) found[view] = [...wrong, ...one.complaints]
  }
  assert.deepEqual(found, {})
}

test('axe finds nothing on any view in any look', async () => {
  await everywhere({}, async (one, view) => {
    await one.page.setViewportSize(WIDE)
    await open(one, view)
    await running(one.page, view)
    const found: string[] = []
    for (const [name, wear] of Object.entries(LOOKS)) {
      await wear(one.page)
      const rules = name === 'dark' || name === 'forced colours' ? COLOURS : []
      found.push(...(await faults(one.page, rules)).map((fault) => `${name}: ${fault}`))
    }
    return found
  })
})

test('axe finds nothing on any view that is read from right to left, on a phone', async () => {
  await everywhere({ viewport: PHONE }, async (one, view) => {
    await open(one, `${view}${view.includes('?') ? '&' : '?'}lang=ar`)
    await running(one.page, view)
    assert.equal(await one.page.locator('html').getAttribute('dir'), 'rtl')
    return faults(one.page)
  })
})

test('any view is read without JavaScript', async () => {
  const { page } = await visitor({ javaScriptEnabled: false })
  for (const view of await views()) {
    await page.goto(BASE + view)
    const words = await page.locator('body').innerText()
    assert.ok(words.length > 100, `${view}: ${words}`)
    assert.ok(await page.locator('h1').first().isVisible(), view)
    assert.ok(await page.locator('a[href]').first().isVisible(), view)
  }
})

test('axe finds nothing on what the server wrote', async () => {
  await everywhere({ viewport: PHONE }, async (one, view) => {
    await one.page.route('**/*.js', (route) => route.abort()) // axe itself needs a browser that runs scripts
    await open(one, view)
    const found = await faults(one.page)
    one.complaints.length = 0 // of the scripts that did not come
    return found
  })
})

test('the app keeps the markup of the view that the server wrote', async () => {
  const written = await visitor({ javaScriptEnabled: false })
  const one = await visitor()
  for (const view of (await views()).filter((each) => !each.startsWith('?') && each !== 'wall')) {
    const structure = (page: Page) =>
      page
        .locator('main')
        .first()
        .evaluate((main) => [...main.querySelectorAll('*:not(.island, .island *)')].map(({ localName }) => localName))
    await written.page.goto(BASE + view)
    await open(one, view)
    await running(one.page, view)
    assert.deepEqual(await structure(one.page), await structure(written.page), view)
  }
})

test('a link to what there is not is answered 404, by a page', async () => {
  const { page } = await visitor()
  for (const path of ['incident/none', 'monitor/none', 'day/2026-02-31', 'history/2026-13', '@yesterday', 'none']) {
    const answer = await page.goto(BASE + path)
    assert.equal(answer?.status(), 404, path)
    assert.match((await answer.allHeaders())['content-type']!, /^text\/html/, path)
    assert.ok((await page.locator('h1').first().innerText()).length > 3, path)
  }
})
