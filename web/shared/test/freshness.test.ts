import { describe, expect, it } from 'vitest'

import type { PageDocument } from '../app/api/page'
import { age, asOf, freshness, isStale } from '../app/utils/freshness'
import { clock, isZone, span } from '../app/utils/time'

const NEWEST = Date.parse('2026-11-24T14:00:00Z')
const MINUTE = 60_000

const page = (newest: string | null = '2026-11-24T14:00:00Z'): PageDocument => ({
  page: { slug: 'main', title: 'Acme', timezone: 'UTC', zoom: '60m', language: null },
  generated_at: '2026-11-24T14:00:05Z',
  newest_result_at: newest,
  stale_after_s: 180,
  headline: { code: 'operational', state: 'operational', affected: 0, total: 1, no_data: 0, names: [], recent: null },
  incidents: [],
  maintenance: [],
  scale: null,
  groups: [],
  past: null,
})

describe('freshness', () => {
  it.each([
    [0, 'Updated just now'],
    [89_000, 'Updated just now'],
    [90_000, 'Data is 1 minute old'],
    [2 * MINUTE + 59_000, 'Data is 2 minutes old'],
    [3 * MINUTE, 'Last confirmed 3 minutes ago'],
    [12 * MINUTE, 'Last confirmed 12 minutes ago'],
    [61 * MINUTE, 'Last confirmed 1 hour ago'],
    [49 * 60 * MINUTE, 'Last confirmed 2 days ago'],
    [-5_000, 'Updated just now'],
  ])('%d ms after the newest result it says "%s"', (old, words) => {
    expect(freshness(page(), NEWEST + old)).toBe(words)
  })

  it('says nothing before the first result', () => {
    expect(freshness(page(null), NEWEST)).toBe('')
    expect(age(page(null), NEWEST)).toBeNull()
    expect(isStale(page(null), NEWEST + 1e9)).toBe(false)
  })

  it('withdraws the headline once the data are too old, and not before', () => {
    expect(asOf(page(), NEWEST + 179_999).headline.code).toBe('operational')
    expect(asOf(page(), NEWEST + 180_000).headline).toMatchObject({ code: 'stale', state: 'no-data' })
  })

  it('believes a server that calls its own data stale', () => {
    const stale = { ...page(), headline: { ...page().headline, code: 'stale' as const } }
    expect(isStale(stale, NEWEST)).toBe(true)
  })
})

describe('time', () => {
  it('is read in the zone asked for', () => {
    expect(clock(NEWEST, 'UTC')).toBe('14:00')
    expect(clock(NEWEST, 'Europe/Budapest')).toBe('15:00')
    expect(clock(Date.parse('2026-11-24T00:00:00Z'), 'UTC')).toBe('00:00')
  })

  it('knows which zones exist', () => {
    expect(isZone('Asia/Kolkata')).toBe(true)
    expect(isZone('Moon/Tranquility')).toBe(false)
  })

  it('is never said to be shorter than a minute', () => {
    expect(span(10_000)).toBe('1 minute')
  })
})
