// How soon does a phone on a slow line show the page, and does anything move? The median of some visits, each new.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { BASE, visitor } from './browser.ts'
import { still } from './still.ts'

const RUNS = Number(process.env.RUNS ?? 3)
const LINE = { offline: false, latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 }
const SLOWER = 4 // times, than this machine
const PHONE = { viewport: { width: 412, height: 823 }, deviceScaleFactor: 1.75, isMobile: true, hasTouch: true }
const LIMITS = { lcp: Number(process.env.LCP ?? 1_000), cls: 0.01 } // milliseconds; a share of the window

interface Visit {
  lcp: number // milliseconds
  cls: number
  ready: number // milliseconds until the app runs
  bytes: number // over the line, headers and all
}

async function look(path: string): Promise<Visit> {
  const { page } = await visitor(PHONE)
  const client = await page.context().newCDPSession(page)
  let bytes = 0
  client.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength))
  await client.send('Network.enable')
  await client.send('Network.emulateNetworkConditions', LINE)
  await client.send('Emulation.setCPUThrottlingRate', { rate: SLOWER })
  await page.addInitScript(() => {
    const seen = { lcp: 0, cls: 0 }
    Object.assign(window, { seen })
    new PerformanceObserver((list) => (seen.lcp = list.getEntries().at(-1)!.startTime)).observe({
      type: 'largest-contentful-paint',
      buffered: true,
    })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.cls += (entry as unknown as { value: number }).value
    }).observe({ type: 'layout-shift', buffered: true })
  })
  await page.goto(BASE + path)
  await page.waitForSelector('#__nuxt-loader', { state: 'detached' })
  const ready = await page.evaluate(() => performance.now())
  await page.waitForSelector('#__nuxt .page-footer select, #__nuxt .wall-detail') // comes with all else that comes later
  await still(page)
  const seen = await page.evaluate(() => (window as unknown as { seen: { lcp: number; cls: number } }).seen)
  await page.context().close()
  return { ...seen, ready, bytes }
}

function median(values: number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!
}

for (const path of (process.env.PATHS ?? '?z=60m').split(' ')) {
  test(`a phone at 1.6 Mbit/s, 150 ms and a quarter of this machine shows ${path}`, async (context) => {
    const visits: Visit[] = []
    for (let run = 0; run < RUNS; run += 1) visits.push(await look(path))
    const [lcp, cls, ready, bytes] = (['lcp', 'cls', 'ready', 'bytes'] as const).map((name) =>
      median(visits.map((visit) => visit[name])),
    ) as [number, number, number, number]
    context.diagnostic(
      `LCP ${lcp.toFixed(0)} ms (${visits.map((visit) => visit.lcp.toFixed(0)).join(', ')})   CLS ${cls.toFixed(4)}   ` +
        `the app runs after ${ready.toFixed(0)} ms   ${(bytes / 1_000).toFixed(1)} kB`,
    )
    assert.ok(cls <= LIMITS.cls, `layout shift ${cls}`)
    assert.ok(lcp <= LIMITS.lcp, `LCP ${lcp} ms`)
  })
}
