// Each component of the page by itself: axe finds nothing. Colours and whole pages are for test/e2e/axe.test.ts.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import { enableAutoUnmount, flushPromises, mount } from '@vue/test-utils'
import axe from 'axe-core'
import { afterEach, expect, it } from 'vitest'
import { h, type Component } from 'vue'

import type { Maintenance } from '#layer/api/page'

import CurrentNotices from '../../app/components/notices/CurrentNotices.vue'
import IncidentCard from '../../app/components/notices/IncidentCard.vue'
import IncidentUpdate from '../../app/components/notices/IncidentUpdate.vue'
import MaintenanceCard from '../../app/components/notices/MaintenanceCard.vue'
import NoticeTitle from '../../app/components/notices/NoticeTitle.vue'
import PastIncidents from '../../app/components/notices/PastIncidents.vue'
import WrittenText from '../../app/components/notices/WrittenText.vue'
import BannerActs from '../../app/components/page/BannerActs.vue'
import FooterPrefs from '../../app/components/page/FooterPrefs.vue'
import OfflineNote from '../../app/components/page/OfflineNote.vue'
import PageHeader from '../../app/components/page/PageHeader.vue'
import PageLegend from '../../app/components/page/PageLegend.vue'
import ReaderActs from '../../app/components/page/ReaderActs.vue'
import ReaderVisit from '../../app/components/page/ReaderVisit.vue'
import ServiceChoice from '../../app/components/page/ServiceChoice.vue'
import SinceVisit from '../../app/components/page/SinceVisit.vue'
import StatusBanner from '../../app/components/page/StatusBanner.vue'
import TimeCard from '../../app/components/time/TimeCard.vue'
import TimeText from '../../app/components/time/TimeText.vue'
import { GENERATED, item, page } from './documents'
import { incident } from './notices'

const FOLDERS = ['notices', 'page', 'time']

/** Parts of the page that the browser reads as they stand together. */
const TOGETHER = /^(LivePage|Service(List|Group|Row)|(Bar|Row).*)$/

enableAutoUnmount(afterEach)

const when = { now: GENERATED, zone: 'UTC', pages: 'Europe/Budapest' }
const at = '2026-11-24T13:30:00Z'
const work: Maintenance = {
  id: 'mail',
  title: 'Mail move',
  html: '<p>Mail moves.</p>',
  starts_at: '2026-11-27T22:00:00Z',
  ends_at: '2026-11-27T23:00:00Z',
  planned_end_at: '2026-11-27T23:00:00Z',
  expected: 'brief',
  affected: ['Email'],
}
const past = { days: 14, calm: 12, more: 1, listed: [{ day: '2026-11-23', incidents: [incident()] }] }
const groups = [{ name: 'Core', state: 'operational', items: [item(), item({ id: 'web', name: 'Web' })], uptime: null }]
const trouble = page({ incidents: [incident()], maintenance: [work] })
const footer = { zones: [{ id: 'UTC', words: 'UTC' }], theme: 'system', zone: 'UTC', language: 'en' }

const cases: Record<string, [Component, Record<string, unknown>]> = {
  CurrentNotices: [CurrentNotices, { document: trouble, ...when }],
  IncidentCard: [IncidentCard, { incident: incident(), heading: 'h2', ...when }],
  IncidentUpdate: [() => h('ol', h(IncidentUpdate, { update: incident().updates[0]!, incident: 'k3v9', ...when })), {}],
  MaintenanceCard: [MaintenanceCard, { work, ...when }],
  NoticeTitle: [NoticeTitle, { heading: 'h2', state: 'major', title: 'Down', href: 'incident/k3v9' }],
  PastIncidents: [PastIncidents, { past, ...when }],
  WrittenText: [WrittenText, { html: '<p>Written</p>' }],
  BannerActs: [BannerActs, { chosen: 1, total: 9, isBad: true, isAsked: true }],
  FooterPrefs: [FooterPrefs, { ...footer, onChoose: () => undefined }],
  OfflineNote: [OfflineNote, { online: false }],
  PageHeader: [PageHeader, { title: 'Acme' }],
  PageLegend: [PageLegend, {}],
  ReaderActs: [ReaderActs, { document: trouble, total: 9, told: false }],
  ReaderVisit: [ReaderVisit, { document: trouble, now: GENERATED }],
  ServiceChoice: [ServiceChoice, { groups, ids: ['api'] }],
  SinceVisit: [SinceVisit, { document: trouble, away: { from: 0, until: GENERATED } }],
  StatusBanner: [StatusBanner, { document: trouble, ...when }],
  TimeCard: [TimeCard, { at, pages: 'Europe/Budapest' }],
  TimeText: [TimeText, { at, ...when }],
}

it.each(Object.entries(cases))('axe finds nothing: %s', async (_name, [component, props]) => {
  mount(component, { props, attachTo: document.body })
  await flushPromises()
  const { violations } = await axe.run(document.body, { rules: { region: { enabled: false } } })
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
})

it('every component is read', () => {
  const components = join(import.meta.dirname, '../../app/components')
  const found = FOLDERS.flatMap((folder) => readdirSync(join(components, folder)))
    .filter((file) => file.endsWith('.vue'))
    .map((file) => file.slice(0, -'.vue'.length))
  expect(found.filter((name) => !TOGETHER.test(name)).sort()).toEqual(Object.keys(cases).sort())
})
