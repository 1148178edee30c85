// Caches the app's files for offline use. The build writes the two constants.

const FILES = [];
const CACHE = `micrograph-${"development"}`;

self.addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(FILES);
  };
  event.waitUntil(keep());
});

self.addEventListener("activate", (event) => {
  const clean = async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("micrograph-") && name !== CACHE) await caches.delete(name);
    }
    await self.clients.claim();
  };
  event.waitUntil(clean());
});

// A cached file is served at once; a page that is not cached by name (index.html, a query) is the app.
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
  const answer = async () => {
    const cache = await caches.open(CACHE);
    const page = request.mode === "navigate" ? await cache.match("./") : undefined;
    const known = page ?? (await cache.match(request));
    if (known) return known;
    const response = await fetch(request);
    if (response.ok && request.url.endsWith(".safetensors")) {
      await cache.put(request, response.clone());
    }
    return response;
  };
  event.respondWith(answer());
});
