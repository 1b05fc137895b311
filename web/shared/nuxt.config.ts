// The layer that both web builds stand on: tokens, glyphs, the bar, words. It adds no module.
import { fileURLToPath } from 'node:url'

export default defineNuxtConfig({
  alias: { '#layer': fileURLToPath(new URL('./app', import.meta.url)) },
})
