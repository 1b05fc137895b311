// Which language does a reader choose? The server writes the page in it, so a choice is an address: `?lang=`. This device
// remembers it without a cookie; site/theme.js asks for it again before the first paint.

import { ref, watch, type Ref } from 'vue'

import { LANGUAGES } from '#layer/utils/language'

import { remember } from './memory'

const KEY = 'signalbox-language' // also in site/theme.js

export interface LanguageChoice {
  code: string
  name: string // as its own speakers call it
}

export function useLanguage(): Ref<string> {
  const language = ref(document.documentElement.lang)
  watch(language, (chosen) => {
    remember(KEY, chosen)
    location.replace(inLanguage(location.href, chosen))
  })
  return language
}

/** An address, asking for that language. */
export function inLanguage(address: string, language: string): string {
  const asked = new URL(address)
  asked.searchParams.set('lang', language)
  return asked.href
}

/** A link to another view, in the language that was asked for here. */
export function linkTo(path: string, hash = ''): string {
  const asked = new URLSearchParams(location.search).get('lang')
  const mark = path.includes('?') ? '&' : '?'
  return `${path}${asked === null ? '' : `${mark}lang=${encodeURIComponent(asked)}`}${hash}`
}

/** The languages there are, by their own names. */
export function languages(): LanguageChoice[] {
  return LANGUAGES.map((code) => {
    const [language] = code.split('-')
    const name = new Intl.DisplayNames(code, { type: 'language' }).of(language!) ?? code
    return { code, name: name.charAt(0).toUpperCase() + name.slice(1) }
  })
}
