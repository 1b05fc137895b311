// Light, dark, or what the system says; remembered on this device. site/theme.js applies it before the first paint.

import { ref, watch, type Ref } from 'vue'

import { forget, recall, remember } from './memory'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const KEY = 'signalbox-theme' // also in site/theme.js

export function useTheme(): Ref<Theme> {
  const theme = ref<Theme>(THEMES.find((known) => known === recall(KEY)) ?? 'system')
  watch(
    theme,
    (chosen) => {
      if (chosen === 'system') {
        forget(KEY)
        delete document.documentElement.dataset.theme
      } else {
        remember(KEY, chosen)
        document.documentElement.dataset.theme = chosen
      }
    },
    { immediate: true },
  )
  return theme
}
