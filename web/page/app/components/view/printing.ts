// What does a printed view say that one on a screen need not? When it was printed, where it is, and where its links lead.

import { listed, say } from '#layer/utils/language'
import { written } from '#layer/utils/time'

const TOLD = [
  '.view-list',
  '.view-lead',
  '.notice-title',
  '.notice-when',
  '.notice-body',
  '.row-name',
  '.row-downtime',
  '.events',
]

/** Write it, as of now. */
export function writeForPrint(root: ParentNode): void {
  const line = root.querySelector('[data-printed]')
  if (line) line.textContent = listed([say('footer.printed', { time: written(Date.now(), 0, 'UTC') }), location.href])
  for (const link of root.querySelectorAll<HTMLAnchorElement>(TOLD.map((one) => `main ${one} a`).join())) {
    link.dataset.address = link.href
  }
}
