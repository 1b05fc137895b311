// Is what the server wrote on the screen? The app starts after that: starting takes one long breath, in which a slow
// device could not even say that it has painted.

import { defineNuxtPlugin } from '#imports'

const PATIENCE = 200 // milliseconds for which a frame is waited for; a tab in the background gets none

export default defineNuxtPlugin(
  () =>
    new Promise<void>((painted) => {
      requestAnimationFrame(() => setTimeout(painted))
      setTimeout(painted, document.hidden ? 0 : PATIENCE)
    }),
)
