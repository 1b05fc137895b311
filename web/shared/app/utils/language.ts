// In which language is the page read, and how does that language say something? The server picks it and writes its words
// into the page; numbers, plurals and the names of days and months are Intl's. Latin digits everywhere.

import type english from '../../../../src/signalbox/pages/catalogues/en.json'

/** The languages there are, as the server names them (pages/language.py). */
export const LANGUAGES = ['en', 'de', 'fr', 'es', 'pt-BR', 'hu', 'ja', 'zh-Hans', 'ar'] as const

export type Words = typeof english.shared
export type Key = keyof Words
type Counted = { [K in Key]: Words[K] extends string ? never : K }[Key]
export type Said = Exclude<Key, Counted>
export type Values = Readonly<Record<string, string | number>>

type Text = string | Readonly<Record<string, string>> // plural forms: one, few, many, other, …
type Catalogue = Readonly<Record<string, Text>>

interface Language {
  locale: string // for Intl
  words: Catalogue
  plurals: Intl.PluralRules
  numbers: Intl.NumberFormat
}

let spoken: Language | undefined

/** Speak a language from now on. Only tests, the build and the dev server choose; elsewhere the server did. */
export function speak(code: string, words: Catalogue): void {
  const locale = `${code === 'en' ? 'en-GB' : code}-u-nu-latn`
  spoken = { locale, words, plurals: new Intl.PluralRules(locale), numbers: new Intl.NumberFormat(locale) }
}

/** Does anybody speak yet, or did the server write its words into the page? */
export function isSpoken(): boolean {
  return spoken !== undefined || Boolean(island()?.textContent)
}

/** The text of that key with its holes filled. */
export function say(key: Said, values: Values = {}): string {
  const text = language().words[key] ?? key
  return filled(typeof text === 'string' ? text : text.other!, values)
}

/** The text of that key in the plural form of `n`, which is `{n}`. */
export function count(key: Key, n: number, values: Values = {}): string {
  const { words, plurals } = language()
  const forms = words[key] ?? key
  const form = typeof forms === 'string' ? forms : (forms[plurals.select(n)] ?? forms.other!)
  return filled(form, { n: number(n), ...values })
}

/** As people write it: "1,234.5", "1.234,5". */
export function number(n: number): string {
  return language().numbers.format(n)
}

/** "99.98" as "99.98%", "99,98 %", with the decimals that it came with. */
export function percent(text: string): string {
  const decimals = text.split('.')[1]?.length ?? 0
  const options = { style: 'percent', minimumFractionDigits: decimals, maximumFractionDigits: decimals } as const
  return new Intl.NumberFormat(locale(), options).format(Number(text) / 100).replaceAll('\u200E', '')
}

/** "API, Docs and 3 more". */
export function listed(names: readonly string[], more = 0): string {
  const said = names.join(say('list.comma'))
  return more > 0 ? count('list.more', more, { names: said }) : said
}

/** The language for Intl, Latin digits asked for. */
export function locale(): string {
  return language().locale
}

function filled(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (hole, name: string) => String(values[name] ?? hole))
}

function language(): Language {
  if (spoken === undefined) {
    const words = island()
    speak(words?.dataset.lang ?? 'en', JSON.parse(words?.textContent || '{}') as Catalogue)
  }
  return spoken!
}

function island(): HTMLElement | null {
  return typeof document === 'undefined' ? null : document.getElementById('page-words')
}
