// Pictures of one page: node screenshots.ts ADDRESS PREFIX

import { chromium, type BrowserContextOptions } from 'playwright-core'

const [address, prefix] = process.argv.slice(2)
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] })

const wide = { width: 1100, height: 900 }
const looks: Record<string, BrowserContextOptions> = {
  light: { viewport: wide, colorScheme: 'light' },
  dark: { viewport: wide, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: 'dark', deviceScaleFactor: 2 },
  narrow: { viewport: { width: 320, height: 640 }, colorScheme: 'light', deviceScaleFactor: 2 },
  'no-javascript': { viewport: wide, colorScheme: 'light', javaScriptEnabled: false },
  'forced-colors': { viewport: wide, forcedColors: 'active', colorScheme: 'dark' },
}

for (const [look, options] of Object.entries(looks)) {
  const page = await (await browser.newContext(options)).newPage()
  await page.goto(address!)
  await page.waitForSelector(options.javaScriptEnabled === false ? '.banner h1' : '#__nuxt .banner h1')
  await page.screenshot({ path: `${prefix}-${look}.png`, fullPage: !prefix!.endsWith('many') })
  await page.context().close()
}
await browser.close()
