import tailwindcss from '@tailwindcss/vite'

import { licences } from './site/licences'

// A public page that stays small: no router, no module, no auto-import. site/finish.ts turns the output into a template.
export default defineNuxtConfig({
  extends: ['../shared'],
  compatibilityDate: '2026-11-01',
  ssr: false,
  pages: false,
  telemetry: false,
  devtools: { enabled: false },
  imports: { autoImport: false },
  components: false,
  css: ['~/assets/main.css'],
  buildId: 'page', // builds of one source are equal, so the hash of the inline script is too
  spaLoadingTemplate: true,
  features: { noScripts: false },
  experimental: {
    appManifest: false,
    checkOutdatedBuildInterval: false,
    clientFallback: false,
    emitRouteChunkError: false,
    entryImportMap: false,
    payloadExtraction: false,
    viewTransition: false,
  },
  app: { head: { charset: 'utf-8', viewport: 'width=device-width, initial-scale=1', htmlAttrs: { lang: 'en' } } },
  runtimeConfig: { public: { api: '' } }, // NUXT_PUBLIC_API: where the API is, if not beside the page
  $development: { runtimeConfig: { public: { api: 'http://127.0.0.1:8000/' } } },
  hooks: {
    // Nothing here asks by Nuxt's own fetch, and the head is written by the server: neither is worth its bytes.
    'app:resolve': (app) => {
      app.plugins = app.plugins.filter(({ src }) => !/head\/runtime\/plugins\/unhead/.test(src))
    },
    'app:templates': (app) => {
      for (const one of app.templates)
        if (one.filename === 'fetch.mjs') one.getContents = () => 'export const $fetch = undefined'
    },
  },
  vite: {
    plugins: [tailwindcss(), licences()],
    define: { __VUE_OPTIONS_API__: 'false' },
  },
  typescript: {
    strict: true,
    typeCheck: false,
    tsConfig: {
      compilerOptions: { paths: { vue: ['../node_modules/vue'], vitest: ['../node_modules/vitest'] } }, // for the layer, which has no libraries of its own
      include: ['../test/**/*', '../site/**/*', '../../shared/test/**/*'],
    },
  },
})
