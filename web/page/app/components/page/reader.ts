// What does the page keep for its reader? Loaded in one piece once the page stands: nothing of it is there at first paint.

export { default as FooterPrefs } from './FooterPrefs.vue'
export { default as ReaderActs } from './ReaderActs.vue'
export { default as ReaderVisit } from './ReaderVisit.vue'
