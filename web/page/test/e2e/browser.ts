// How does a script open the page? BASE_URL says which, CHROMIUM names the browser.

import { after, before } from 'node:test'

import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'

export const BASE = process.env.BASE_URL ?? 'http://127.0.0.1:8000/'

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']

let browser: Browser

before(async () => {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS })
})
after(() => browser.close())

export interface Visit {
  page: Page
  requests: string[] // every address that was asked for
  complaints: string[] // errors on the console: a refused script, a failed request, an exception
}

/** A new tab in a new profile, not yet on the page. */
export async function visitor(options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: 1100, height: 900 },
    timezoneId: 'UTC',
    serviceWorkers: 'block', // a script could not answer in its place
    ...options,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const visit: Visit = { page, requests: [], complaints: [] }
  page.on('request', (request) => visit.requests.push(request.url()))
  page.on('console', (message) => message.type() === 'error' && visit.complaints.push(message.text()))
  page.on('pageerror', (error) => visit.complaints.push(String(error)))
  return visit
}

/** A new tab on the page, its app running. */
export async function visit(options: BrowserContextOptions = {}): Promise<Visit> {
  const visitor_ = await visitor(options)
  await visitor_.page.goto(BASE)
  await mounted(visitor_.page)
  return visitor_
}

/** The same, whose clock goes on as we say, too: `page.clock.runFor`. */
export async function ticking(): Promise<Visit> {
  const visitor_ = await visitor()
  await visitor_.page.clock.install()
  await visitor_.page.goto(BASE)
  await mounted(visitor_.page)
  return visitor_
}

/** Wait until the app has taken over from what the server wrote. */
export async function mounted(page: Page): Promise<void> {
  await page.waitForSelector('#__nuxt .banner h1')
  await page.waitForSelector('#__nuxt-loader', { state: 'detached' })
}
