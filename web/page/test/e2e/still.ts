// When does nothing move any more?

import type { Page } from 'playwright-core'

const FRAMES = 10 // in a row in which all is the same

/** Wait until fonts and charts are there, animations are over, and the page is laid out the same for some frames. */
export async function still(page: Page): Promise<void> {
  await page.evaluate(async (frames) => {
    await document.fonts.ready
    const frame = () => new Promise((done) => requestAnimationFrame(done))
    const isDrawn = () =>
      [...document.querySelectorAll('[data-island]')].every((one) => one.querySelector('.island > *')) &&
      document.getAnimations().every((one) => one.playState !== 'running')
    const layout = () =>
      [...document.querySelectorAll('body *')]
        .map((one) => one.getBoundingClientRect())
        .map(({ x, y, width, height }) => `${x} ${y} ${width} ${height}`)
        .join()
    for (let same = 0, before = ''; same < frames;) {
      await frame()
      const now = layout()
      same = isDrawn() && now === before ? same + 1 : 0
      before = now
    }
  }, FRAMES)
}
