// The API's own pages: drawn from files of this installation, also where there is no network.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { BASE, visitor } from './browser.ts'

for (const [name, drawn] of [
  ['docs', '.swagger-ui .opblock'],
  ['redoc', '#redoc-container h1, redoc h1, .redoc-wrap h1'],
]) {
  test(`/${name} draws the API without asking anybody else`, async () => {
    const { page, requests, complaints } = await visitor()
    await page.goto(`${BASE}${name}`)
    await page.locator(drawn!).first().waitFor()
    assert.match(await page.locator('body').innerText(), /Status Page/)
    const origin = new URL(BASE).origin
    assert.deepEqual(
      requests.filter((address) => !/^(data|blob):/.test(address) && new URL(address).origin !== origin),
      [],
    )
    assert.deepEqual(complaints, [])
  })
}
