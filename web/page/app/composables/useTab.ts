// The tab tells the state too: title, icon and, where the page is installed, the number on its icon follow the headline.

import { watchEffect } from 'vue'

import type { Headline, PageDocument } from '#layer/api/page'
import { bannerWords, tabTitle } from '#layer/utils/headline'

import { siteBase } from './page-source'

/** `isBack`: a reader who asked to be told that it is back has not looked since. */
export function useTab(page: () => PageDocument | null, isBack: () => boolean = () => false): void {
  watchEffect(() => {
    const shown = page()
    if (shown === null) return
    const title = tabTitle(shown.page.title, shown.headline)
    document.title = isBack() ? `✓ ${bannerWords(shown.headline, [], Date.now()).words} | ${title}` : title
    icon().href = `${siteBase()}favicon/${shown.headline.state}.svg`
    badge(shown.headline)
  })
}

function icon(): HTMLLinkElement {
  const found = document.querySelector<HTMLLinkElement>('#favicon')
  if (found !== null) return found
  const made = Object.assign(document.createElement('link'), { id: 'favicon', rel: 'icon', type: 'image/svg+xml' })
  document.head.append(made)
  return made
}

/** A browser in which the page is not installed has no badge, or refuses one: nothing is lost. */
function badge({ code, affected }: Headline): void {
  const counts = ['major-all', 'major', 'partial', 'degraded', 'incident'].includes(code)
  const asked = counts ? navigator.setAppBadge?.(affected) : navigator.clearAppBadge?.()
  asked?.catch(() => undefined)
}
