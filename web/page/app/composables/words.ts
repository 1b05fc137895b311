// Where do the page's words come from? The server writes them into the page, or names a file that browsers keep.

import { speak, type Words } from '#layer/utils/language'

import { pollDelay } from './poll'

/** Where the words are; null where they are written into the page, or nobody named them. */
export function wordsLink(): HTMLLinkElement | null {
  const named = document.getElementById('page-words')
  return named instanceof HTMLLinkElement ? named : null
}

/** Speak the words of that file, as soon as it can be had: until then the page stays as the server wrote it. */
export async function speakFrom({ href, dataset }: HTMLLinkElement): Promise<void> {
  for (let failures = 1; ; failures += 1) {
    const words = await fetchWords(href)
    if (words !== null) return speak(dataset.lang!, words)
    await new Promise((resolve) => setTimeout(resolve, pollDelay(failures, Math.random())))
  }
}

async function fetchWords(href: string): Promise<Words | null> {
  try {
    const answer = await fetch(href)
    return answer.ok ? ((await answer.json()) as Words) : null
  } catch {
    return null // no network
  }
}
