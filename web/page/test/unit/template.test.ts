import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { favicon, template, token } from '../../site/template'

const BUILT =
  '<!DOCTYPE html><html  lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
  '<link rel="stylesheet" href="/_nuxt/a.css" crossorigin><script type="module" src="/_nuxt/a.js"></script>' +
  '<link rel="prefetch" as="script" crossorigin href="/_nuxt/view.js"></head>' +
  '<body><div id="__nuxt"></div><div id="__nuxt-loader"><!--snapshot--></div><div id="teleports"></div>' +
  '<script>window.__NUXT__={}</script>' +
  '<script type="application/json" data-nuxt-data="nuxt-app" id="__NUXT_DATA__">[1]</script></body></html>'

describe('the template', () => {
  const page = template(BUILT, 'theme()\n')

  it('has each marker once, in the order that the server fills them', () => {
    const markers = page.match(/<!--[\w-]+-->/g)
    expect(markers).toEqual(['<!--head-->', '<!--snapshot-->', '<!--page-data-->'])
  })

  it('leaves no address that is not below the base', () => {
    expect([...page.matchAll(/(?:href|src)="([^"#]*)/g)].map(([, address]) => address)).toEqual([
      '%BASE%_nuxt/a.css',
      '%BASE%_nuxt/a.js',
    ])
    expect(page).toContain('data-base="%BASE%"')
  })

  it('keeps markers out of scripts, so that their hashes are fixed', () => {
    const scripts = [...page.matchAll(/<script>(.*?)<\/script>/g)].map(([, script]) => script)
    expect(scripts).toEqual(['theme()', 'window.__NUXT__={}'])
  })

  it('has no inline style, which the policy refuses', () => {
    expect(page).not.toMatch(/\sstyle=|<style/)
  })

  it('refuses a page that Nuxt builds differently', () => {
    expect(() => template('<html></html>', '')).toThrow(/does this Nuxt write it differently/)
  })
})

it('an icon is the state’s shape in its two colours', () => {
  const css = readFileSync(join(import.meta.dirname, '../../../shared/app/assets/tokens.css'), 'utf8')
  const svg = favicon('M0 0h1v1z', ...token(css, 'major-solid'))
  expect(svg).toContain('#8c001c')
  expect(svg).toContain('#f53b4b')
  expect(() => token(css, 'nothing')).toThrow(/no --nothing/)
})
