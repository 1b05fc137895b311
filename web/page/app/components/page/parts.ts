// Which parts of the page come once it stands? All in one piece: nothing of it is there at first paint.

export { default as RowCursor } from '../bar/RowCursor.vue'
export { default as FooterPrefs } from './FooterPrefs.vue'
export { default as ReaderActs } from './ReaderActs.vue'
export { default as ReaderVisit } from './ReaderVisit.vue'
