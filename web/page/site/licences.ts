// Whose work does the bundle contain? Their licences ask to be passed on with it.

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

interface Bundle {
  [file: string]: { type: string; moduleIds?: readonly string[] }
}

/** A Vite plugin: writes the licences of all bundled packages beside the scripts. */
export function licences() {
  return {
    name: 'licences',
    applyToEnvironment: ({ name }: { name: string }) => name === 'client',
    generateBundle(this: { emitFile: (file: object) => void }, _options: unknown, bundle: Bundle) {
      const modules = Object.values(bundle).flatMap((chunk) => chunk.moduleIds ?? [])
      const folders = new Set(modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []))
      const source = [...folders].sort().map(licence).join('\n')
      if (source !== '') this.emitFile({ type: 'asset', fileName: '_nuxt/LICENCES.txt', source })
    },
  }
}

/** Name and licence of the package in that folder. */
export function licence(folder: string): string {
  if (!existsSync(join(folder, 'package.json'))) return ''
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
    string,
    string
  >
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice)(\.|$)/i.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8').trim())
  return [`${name} ${version} (${license})`, ...texts, ''].join('\n\n')
}
