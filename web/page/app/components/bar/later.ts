// What is loaded once the page stands? Parts that nobody can use before, and that take no place of their own.

import { defineAsyncComponent, type Component } from 'vue'

let idle: Promise<void> | undefined

/** Resolves when the browser has nothing better to do. */
function standing(): Promise<void> {
  idle ??= new Promise((resolve) => {
    if (typeof requestIdleCallback === 'function') requestIdleCallback(() => resolve(), { timeout: 1_000 })
    else setTimeout(resolve, 200)
  })
  return idle
}

function later<T extends Component>(load: () => Promise<{ default: T }>): T {
  const loader = async () => (await standing().then(load)).default
  return defineAsyncComponent<T>({ loader, suspensible: false })
}

const parts = () => import('../page/parts')

export const FooterPrefs = later(() => parts().then((all) => ({ default: all.FooterPrefs })))
export const ReaderActs = later(() => parts().then((all) => ({ default: all.ReaderActs })))
export const ReaderVisit = later(() => parts().then((all) => ({ default: all.ReaderVisit })))
export const RowCursor = later(() => parts().then((all) => ({ default: all.RowCursor })))
export const RowList = later(() => import('./RowList.vue'))
export const SumText = later(() => import('./SumText.vue'))
