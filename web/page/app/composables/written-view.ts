// Which view did the server write into the page, and what does it say?

/** The view's name; '' for the page itself. */
export function writtenView(): string {
  return island()?.dataset.view ?? ''
}

/** May it change while somebody reads it? */
export function isLiveView(): boolean {
  return island()?.dataset.live !== undefined
}

/** What the server wrote for the eye, taken out of its place before the app's start clears that. */
export function takeWritten(): Node[] {
  const loader = document.getElementById('__nuxt-loader')
  const nodes = [...(loader?.childNodes ?? [])]
  nodes.forEach((node) => node.remove())
  return nodes
}

function island(): HTMLElement | null {
  return document.getElementById('page-data')
}
