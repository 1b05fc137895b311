import { fileURLToPath } from 'node:url'

import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

export default defineConfig({
  plugins: [vue()],
  resolve: {
    alias: { '#layer': path('../shared/app'), '~': path('./app') },
    dedupe: ['vue'],
  },
  server: { fs: { allow: [path('..')] } },
  test: {
    environment: 'happy-dom',
    include: ['test/unit/**/*.test.ts', '../shared/test/**/*.test.ts'],
    root: path('.'),
    setupFiles: [path('../shared/test/english.ts')],
    env: { TZ: 'UTC' },
  },
})
