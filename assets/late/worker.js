/* The service worker: files that never change under their address come from here, the page itself
   only when the server is gone. What the server computes is none of its business: offline.js keeps
   that, answer by answer. The server writes BUILD above this. */
"use strict";
const FILES = `picholine-files-${BUILD}`;
const VIEWS = "picholine-views"; // offline.js puts the answers there
const PAGE = "/kept/page";
const SHIPPED = ["/assets/", "/_dash-component-suites/", "/manual/"];

const isPage = (answer) => answer.ok && (answer.headers.get("Content-Type") || "").startsWith("text/html");

async function keepPage(answer) {
  if (isPage(answer)) await (await caches.open(VIEWS)).put(PAGE, answer);
}

self.addEventListener("install", (event) => {
  event.waitUntil(fetch("/", { credentials: "same-origin", cache: "no-store" }).then(keepPage).catch(() => {}));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith("picholine-files-") && name !== FILES)
      .map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

self.addEventListener("message", (event) => {
  if (event.data === "take-over") self.skipWaiting();
});

async function page(event) {
  try {
    const answer = await fetch(event.request);
    event.waitUntil(keepPage(answer.clone()));
    return answer;
  } catch (error) {
    const kept = await caches.match(PAGE, { cacheName: VIEWS });
    if (kept) return kept;
    throw error;
  }
}

async function file(event) {
  const files = await caches.open(FILES);
  const kept = await files.match(event.request);
  if (kept && (kept.headers.get("Cache-Control") || "").includes("immutable")) return kept;
  try {
    const answer = await fetch(event.request);
    if (answer.status === 200) event.waitUntil(files.put(event.request, answer.clone()));
    return answer;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (SHIPPED.some((start) => address.pathname.startsWith(start))) event.respondWith(file(event));
  else if (request.mode === "navigate" && !/[.]|^\/export/.test(address.pathname)) event.respondWith(page(event));
});
