// The tab tells the state too: title and icon follow the headline.

import { watchEffect } from 'vue'

import type { PageDocument } from '#layer/api/page'
import { tabTitle } from '#layer/utils/headline'

import { siteBase } from './page-source'

export function useTab(page: () => PageDocument | null): void {
  watchEffect(() => {
    const shown = page()
    if (shown === null) return
    document.title = tabTitle(shown.page.title, shown.headline)
    icon().href = `${siteBase()}favicon/${shown.headline.state}.svg`
  })
}

function icon(): HTMLLinkElement {
  const found = document.querySelector<HTMLLinkElement>('#favicon')
  if (found !== null) return found
  const made = Object.assign(document.createElement('link'), { id: 'favicon', rel: 'icon', type: 'image/svg+xml' })
  document.head.append(made)
  return made
}
