// Nothing is drawn before it can be said. On the dev server nobody names words: they come from the English catalogue.

import { defineNuxtPlugin } from '#imports'

import { isSpoken, speak } from '#layer/utils/language'

import { speakFrom, wordsLink } from '../composables/words'

export default defineNuxtPlugin(async () => {
  const link = wordsLink()
  if (link !== null) await speakFrom(link)
  if (!import.meta.dev || isSpoken()) return
  const { default: english } = await import('../../../../src/signalbox/pages/catalogues/en.json')
  speak('en', english.shared)
})
