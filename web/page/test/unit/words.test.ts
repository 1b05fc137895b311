import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { say } from '#layer/utils/language'

import { speakFrom, wordsLink } from '../../app/composables/words'

beforeEach(() => vi.useFakeTimers())

afterEach(() => {
  document.body.innerHTML = ''
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('the words of a page', () => {
  it('are those of the file that the server named, as soon as it can be had', async () => {
    document.body.innerHTML = '<link id="page-words" data-lang="de" href="/sub/api/words?lang=de&amp;v=a1">'
    const answers = [
      () => Promise.reject(new TypeError('network')),
      () => Promise.resolve(new Response('busy', { status: 503 })),
      () => Promise.resolve(new Response('{"banner.label":"Aktueller Status"}')),
    ]
    const asked: string[] = []
    vi.stubGlobal('fetch', (address: string) => {
      asked.push(new URL(address).pathname + new URL(address).search)
      return answers.shift()!()
    })
    const spoken = speakFrom(wordsLink()!)
    await vi.advanceTimersByTimeAsync(60_000)
    await spoken
    expect(asked).toEqual(Array(3).fill('/sub/api/words?lang=de&v=a1'))
    expect(say('banner.label')).toBe('Aktueller Status')
  })

  it('are in the page itself where no file is named', () => {
    document.body.innerHTML = '<script type="application/json" id="page-words" data-lang="en">{}</script>'
    expect(wordsLink()).toBeNull()
  })
})
