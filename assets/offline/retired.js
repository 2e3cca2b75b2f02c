// In place of the worker that keeps the book on the reader's device, where it is not wanted: lets go of all that one kept.
"use strict";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", event => event.waitUntil((async () => {
  const { pathname } = new URL(self.registration.scope);
  const names = (await caches.keys()).filter(name => name.startsWith(`book ${pathname} `));
  await Promise.all(names.map(name => caches.delete(name)));
  const pages = await self.clients.matchAll({ type: "window" });
  await self.registration.unregister();
  // Pages that the book's own worker gave may be old.
  for (const page of pages) page.navigate(page.url);
})()));
