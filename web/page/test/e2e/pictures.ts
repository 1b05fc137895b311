// Pictures of views: node pictures.ts ADDRESS FOLDER SHOTS
// SHOTS is JSON: name, path, look, what has to be there, where the picture begins (none: at the top) and
// how high it is (none: all of the page).
// What is not served is said in a line `missing NAME: STATUS PATH`, and left out.

import { chromium, type BrowserContextOptions, type Page } from 'playwright-core'

import { still } from './still.ts'

interface Shot {
  name: string
  path: string
  look: string
  awaits: string
  height: number | null
  above: string | null
}

const [address, folder, shots] = process.argv.slice(2)
const wide = { viewport: { width: 1100, height: 900 } }
const looks: Record<string, BrowserContextOptions> = {
  light: { ...wide, colorScheme: 'light' },
  dark: { ...wide, colorScheme: 'dark' },
  grey: { ...wide, colorScheme: 'light', bypassCSP: true },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: 'dark', deviceScaleFactor: 2 },
  wall: { viewport: { width: 1280, height: 720 }, colorScheme: 'dark' },
}

async function draw(page: Page, shot: Shot): Promise<void> {
  const answer = await page.goto(new URL(shot.path, address).href)
  if (answer?.status() !== 200) {
    console.log(`missing ${shot.name}: ${answer?.status()} ${shot.path}`)
    return
  }
  await page.waitForSelector(shot.awaits, { timeout: 20_000 })
  if (shot.look === 'grey') await page.addStyleTag({ content: 'html { filter: grayscale(1) }' })
  await still(page)
  const width = looks[shot.look]!.viewport!.width
  const top = shot.above === null ? null : await page.locator(shot.above).first().boundingBox()
  const y = Math.max(0, (top?.y ?? 0) - 60)
  const clip = shot.height === null ? undefined : { x: 0, y, width, height: shot.height }
  await page.screenshot({ path: `${folder}/${shot.name}.png`, fullPage: true, ...(clip && { clip }) })
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] })
for (const shot of JSON.parse(shots!) as Shot[]) {
  const page = await (await browser.newContext({ timezoneId: 'Europe/Budapest', ...looks[shot.look] })).newPage()
  await draw(page, shot)
  await page.context().close()
}
await browser.close()
