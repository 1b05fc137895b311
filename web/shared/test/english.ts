// Tests read English, unless they speak something else.

import { beforeEach } from 'vitest'

import english from '../../../src/signalbox/pages/catalogues/en.json'
import { speak } from '../app/utils/language'

beforeEach(() => speak('en', english.shared))
speak('en', english.shared)
