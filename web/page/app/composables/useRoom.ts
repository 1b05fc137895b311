// How wide is an element? Its width in pixels, followed; the most there could be until it is known.

import { onMounted, onUnmounted, ref, type Ref } from 'vue'

export function useRoom(element: Ref<HTMLElement | undefined>): Ref<number> {
  const room = ref(Infinity)
  let observer: ResizeObserver | undefined
  onMounted(() => {
    if (!element.value || typeof ResizeObserver === 'undefined') return
    room.value = element.value.clientWidth
    observer = new ResizeObserver(([entry]) => (room.value = entry!.contentRect.width))
    observer.observe(element.value)
  })
  onUnmounted(() => observer?.disconnect())
  return room
}
