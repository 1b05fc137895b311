// On the dev server nobody writes words into the page: they come from the English catalogue.

import { defineNuxtPlugin } from '#imports'

import { isWritten, speak } from '#layer/utils/language'

export default defineNuxtPlugin(async () => {
  if (!import.meta.dev || isWritten()) return
  const { default: english } = await import('../../../../src/signalbox/pages/catalogues/en.json')
  speak('en', english.shared)
})
