// What time is it on the server? Every ten seconds, and at once when the tab comes back or the clocks turn out to differ.

import { onMounted, onUnmounted, ref, watch, type Ref } from 'vue'

const TICK = 10_000 // milliseconds: how late an age on the page may be

/** The moment by the server's clock; `skew` says how far that is ahead of this device, in milliseconds. */
export function useClock(skew: Ref<number>): Ref<number> {
  const now = ref(Date.now() + skew.value)
  const tick = () => {
    now.value = Date.now() + skew.value
  }
  let timer: ReturnType<typeof setInterval>
  watch(skew, tick)
  onMounted(() => {
    timer = setInterval(tick, TICK)
    document.addEventListener('visibilitychange', tick)
  })
  onUnmounted(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', tick)
  })
  return now
}
