// What shape says a state? One filled path each on a 16 × 16 grid, holes by the even-odd rule. Shape carries the
// meaning, colour repeats it.

import type { State } from '../api/page.ts'

const DISC = 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Z'

export const GLYPHS: Record<State, string> = {
  operational: `${DISC}M4.2 8.1l1.2-1.2 1.7 1.7 3.5-3.5 1.2 1.2L7.1 11z`,
  'no-data': `${DISC}M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3ZM5 7h6v2H5z`,
  maintenance: 'M8 .5 15.5 8 8 15.5.5 8zM7.2 4.8v2.4H4.8v1.6h2.4v2.4h1.6V8.8h2.4V7.2H8.8V4.8z',
  degraded: 'M8 1.2 15.4 14.6H.6ZM7.2 5.6v4.6h1.6V5.6zM7.2 11.4V13h1.6v-1.6z',
  partial: `${DISC}M8 3v10A5 5 0 0 1 8 3z`,
  major:
    'M1.5 1.5h13v13h-13zM4.5 5.7 6.8 8l-2.3 2.3 1.2 1.2L8 9.2l2.3 2.3 1.2-1.2L9.2 8l2.3-2.3-1.2-1.2L8 6.8 5.7 4.5z',
}
