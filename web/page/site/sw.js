// Keeps the page for readers without a network: what the server says comes first, what was kept only where it says nothing.
const CACHE = 'signalbox-1'
const PATIENCE = 4000 // milliseconds that the network has, where something was kept
const MOST = 80 // answers kept
const ROOT = new URL(registration.scope).pathname

addEventListener('install', () => skipWaiting())
addEventListener('activate', (event) => event.waitUntil(begin()))
addEventListener('fetch', (event) => {
  const { method, mode, url } = event.request
  const { origin, pathname } = new URL(url)
  if (method !== 'GET' || origin !== location.origin || !pathname.startsWith(ROOT)) return
  const path = pathname.slice(ROOT.length)
  if (path.startsWith('_nuxt/') || path === 'api/words')
    event.respondWith(kept(event.request).then((found) => found ?? fresh(event)))
  else if (path === 'api/page' || path === 'page.json' || path.startsWith('favicon/')) event.respondWith(network(event))
  else if (mode === 'navigate' && !/^(api|ack|admin|docs|redoc|openapi|signals|healthz|readyz)\b|\.\w+$/.test(path))
    event.respondWith(network(event))
})

async function begin() {
  for (const name of await caches.keys()) if (/^signalbox-/.test(name) && name !== CACHE) await caches.delete(name)
  await clients.claim()
}

// What a page loaded before it was ours: itself and its assets.
addEventListener('message', (event) =>
  event.waitUntil(Promise.all(event.data.map((url) => fetchInto(url).catch(() => null)))),
)

async function fetchInto(url) {
  const answer = await fetch(url)
  if (answer.status === 200) await keep(url, answer)
}

const kept = async (request) => (await caches.open(CACHE)).match(request, { ignoreVary: true })

async function fresh(event) {
  const answer = await fetch(event.request)
  if (answer.status === 200 && !answer.redirected) event.waitUntil(keep(event.request, answer.clone()))
  return answer
}

async function keep(request, answer) {
  const cache = await caches.open(CACHE)
  await cache.put(request, answer)
  for (const old of (await cache.keys()).slice(0, -MOST)) await cache.delete(old)
}

async function network(event) {
  const answer = fresh(event)
  event.waitUntil(answer.catch(() => null))
  const late = new Promise((_, reject) => setTimeout(reject, PATIENCE))
  return Promise.race([answer, late]).catch(async () => {
    const found = await kept(event.request)
    if (!found) return answer
    const headers = new Headers(found.headers)
    headers.delete('date') // nobody may take it for the time now
    headers.set('x-kept', '1')
    return new Response(found.body, { headers })
  })
}
