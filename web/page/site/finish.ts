// What does the Python package carry? The template, hashed assets with compressed twins, icons, and the scripts of /docs.

import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

import { transform } from 'lightningcss'

import { GLYPHS } from '../../shared/app/utils/glyphs.ts'
import { licence } from './licences.ts'
import { favicon, template, token } from './template.ts'

const HERE = import.meta.dirname
const BUILT = join(HERE, '../.output/public')
const SITE = join(HERE, '../../../src/signalbox/pages/site')
const TOKENS = join(HERE, '../../shared/app/assets/tokens.css')

const DOCS = {
  'swagger-ui-dist': ['swagger-ui-bundle.js', 'swagger-ui.css'],
  redoc: ['bundles/redoc.standalone.js'],
}

rmSync(SITE, { recursive: true, force: true })
mkdirSync(join(SITE, 'favicon'), { recursive: true })
mkdirSync(join(SITE, 'docs'))

cpSync(join(BUILT, '_nuxt'), join(SITE, '_nuxt'), { recursive: true })
cpSync(join(HERE, 'sw.js'), join(SITE, 'sw.js'))
const theme = readFileSync(join(HERE, 'theme.js'), 'utf8')
writeFileSync(join(SITE, 'index.html'), template(readFileSync(join(BUILT, 'index.html'), 'utf8'), theme))

const tokens = readFileSync(TOKENS, 'utf8')
for (const [state, d] of Object.entries(GLYPHS)) {
  writeFileSync(join(SITE, `favicon/${state}.svg`), favicon(d, ...token(tokens, `${state}-solid`)))
}

// Redoc shows its maker's mark from its maker's server. Ours asks nobody: an empty picture instead.
const FOREIGN = 'https://cdn.redoc.ly/redoc/logo-mini.svg'
const EMPTY = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=='

// The views beside the page have a sheet of their own, so that the page itself loads less.
const views = readFileSync(join(HERE, '../../shared/app/assets/views.css'))
writeFileSync(join(SITE, 'views.css'), transform({ filename: 'views.css', code: views, minify: true }).code)

const { resolve } = createRequire(import.meta.url)
for (const [name, files] of Object.entries(DOCS)) {
  const folder = dirname(resolve(`${name}/package.json`))
  for (const file of files) {
    const script = readFileSync(join(folder, file), 'utf8')
    const own = script.replace(/\n\/[/*]# sourceMappingURL=[^\n]*\s*$/, '').replaceAll(FOREIGN, EMPTY)
    writeFileSync(join(SITE, 'docs', basename(file)), own)
  }
  writeFileSync(join(SITE, 'docs', `LICENCE.${name}.txt`), licence(folder))
}

for (const folder of ['_nuxt', 'docs'])
  readdirSync(join(SITE, folder)).forEach((name) => compress(join(SITE, folder, name)))

compress(join(SITE, 'views.css'))

/** Write `.gz` and `.br` beside a file, each where it saves something. */
function compress(path: string): void {
  const bytes = readFileSync(path)
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY }
  const twins = { gz: gzipSync(bytes, { level: 9 }), br: brotliCompressSync(bytes, { params: quality }) }
  for (const [suffix, twin] of Object.entries(twins)) {
    if (twin.length < bytes.length) writeFileSync(`${path}.${suffix}`, twin)
  }
}
