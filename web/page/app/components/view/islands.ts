// Which parts of a written view does a component of ours draw? Those marked `data-island`; each brings its data along.

import { createApp, h } from 'vue'

const KINDS: Record<string, () => Promise<{ default: object }>> = {
  chart: () => import('./ChartIsland.vue'),
}

export interface Islands {
  close: () => void
}

/** Draw them; what the server wrote inside goes once the component is there. */
export async function drawIslands(root: ParentNode, zone: string): Promise<Islands> {
  const places = [...root.querySelectorAll<HTMLElement>('[data-island]')]
  const apps = await Promise.all(
    places.map(async (place) => {
      const load = KINDS[place.dataset.island!]
      const data = place.querySelector('script[type="application/json"]')
      if (!load || !data) return null
      const { default: component } = await load()
      const host = place.querySelector('.island') ?? place.appendChild(document.createElement('div'))
      host.className = 'island'
      const app = createApp({ render: () => h(component, { data: JSON.parse(data.textContent) as unknown, zone }) })
      app.mount(host)
      return app
    }),
  )
  return { close: () => apps.forEach((app) => app?.unmount()) }
}
