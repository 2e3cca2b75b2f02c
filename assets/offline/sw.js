// Keeps the book on the reader's device, one whole version at a time. The press puts in the list of the version's files:
// path, digest and size of each, which of them are the shell, and which a page needs (its own HTML last). A version has
// a cache of its own. Nothing enters it whose digest is not the list's, and a page's HTML enters it after all that the
// page needs, so that a page that is found here is whole.
"use strict";

const book = __BOOK__;

const scope = new URL(self.registration.scope);
// Another copy of the book may lie at the same origin.
const prefix = `book ${scope.pathname} `;
const own = `${prefix}${book.version}`;
const notebook = `${prefix}notes`;
const files = new Map(book.files.map(([path, digest, size]) => [path, { digest, size }]));
const total = book.files.reduce((sum, [, , size]) => sum + size, 0);
const shell = book.shell.map(index => book.files[index][0]);
const pages = new Map(Object.entries(book.pages).map(([page, parts]) => [page, parts.map(index => book.files[index][0])]));
const AT_ONCE = 6;

// Paths below the scope. A folder means its page; what comes after a question mark means nothing to a file.
const pathOf = ({ pathname }) => pathname.slice(scope.pathname.length).replace(/(^|\/)$/, "$1index.html");
const pageOf = path => path.replace(/(^|\/)index\.html$/, "$1");
const addressOf = path => new URL(pageOf(path) || "./", scope).href;
// Such a name says what is in the file, so that any version's is right.
const namesContent = path => /-[0-9a-f]{16}\.\w+$/.test(path);

class Changed extends Error {}

async function digestOf(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).slice(0, 16);
  return Array.from(digest, byte => byte.toString(16).padStart(2, "0")).join("");
}

// Notes that outlive a version: whether all is wanted, which versions were in use, and the open pages of other versions
// (with the name of their cache, or with none for those that came from the network).

async function recall() {
  const kept = await (await caches.open(notebook)).match(scope.href);
  return { all: false, active: "", used: [], others: {}, ...(await kept?.json()) };
}

let turn = Promise.resolve();
function note(change) {
  turn = turn.catch(() => {}).then(async () => {
    const notes = await recall();
    change(notes);
    await (await caches.open(notebook)).put(scope.href, new Response(JSON.stringify(notes)));
    others = Promise.resolve(notes.others);
  });
  return turn;
}

let others = null;
async function otherVersion(client) {
  others ??= recall().then(notes => notes.others).catch(() => ({}));
  return (await others)[client];
}

// Files

async function find(cache, path) {
  try {
    return await (await caches.open(cache)).match(addressOf(path));
  } catch {
    // A storage that cannot be read is as good as an empty one.
    return undefined;
  }
}

let listing = null;
function held() {
  listing ??= (async () => {
    const requests = await (await caches.open(own)).keys();
    return new Set(requests.map(({ url }) => pathOf(new URL(url))));
  })();
  listing.catch(() => (listing = null));
  return listing;
}

function verified(bytes, response, digest) {
  const headers = new Headers(response.headers);
  // The bytes are unpacked, and there is one answer for everyone.
  for (const name of ["content-encoding", "content-length", "transfer-encoding", "vary"]) headers.delete(name);
  headers.set("x-digest", digest);
  return new Response(bytes, { headers });
}

// The file as another version kept it, if it has not changed since.
async function inherit(path, digest) {
  for (const name of await caches.keys()) {
    if (!name.startsWith(prefix) || name === own) continue;
    const kept = await find(name, path);
    if (kept?.headers.get("x-digest") === digest) return kept;
  }
  return undefined;
}

async function obtain(path) {
  const { digest } = files.get(path);
  // The browser's own cache may hold what was loaded long ago under a name that says nothing of the content.
  for (const cache of [namesContent(path) ? "default" : "no-cache", "reload"]) {
    const response = await fetch(addressOf(path), { cache });
    if (!response.ok && response.status < 500) throw new Changed(path);
    if (!response.ok) throw new TypeError(`${path}: ${response.status}`);
    const bytes = await response.arrayBuffer();
    if (await digestOf(bytes) === digest) return verified(bytes, response, digest);
  }
  throw new Changed(path);
}

const underWay = new Map();
function keep(path) {
  if (!underWay.has(path)) {
    const arrival = (async () => {
      if ((await held()).has(path)) return;
      const response = await inherit(path, files.get(path).digest) ?? await obtain(path);
      await (await caches.open(own)).put(addressOf(path), response);
      (await held()).add(path);
    })();
    underWay.set(path, arrival.finally(() => underWay.delete(path)));
  }
  return underWay.get(path);
}

async function keepAll(paths) {
  const waiting = paths.values();
  let trouble = null;
  // After a failure nothing new is begun, and what is under way comes to its end.
  const work = async () => {
    for (const path of waiting) {
      if (trouble) return;
      await keep(path).catch(error => (trouble ??= error));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (trouble) throw trouble;
}

async function keepPages(names) {
  const known = names.filter(name => pages.has(name)).map(name => pages.get(name));
  await keepAll(known.flatMap(parts => parts.slice(0, -1)));
  // Other files come in from the shell: it is whole since the installation, or there was no room for it.
  await keepAll(shell);
  await keepAll(known.map(parts => parts.at(-1)));
}

async function forget(cache) {
  if (cache === own) listing = null;
  await caches.delete(cache);
}

// A version comes in whole, with every page that was kept of the one before, or not at all. Where there is no room for
// that, the shell is enough, or nothing, and the book is read from the network.
async function install() {
  const { active } = await recall().catch(() => ({}));
  const before = active ? await (await caches.open(active)).keys() : [];
  const kept = before.map(({ url }) => pageOf(pathOf(new URL(url)))).filter(page => pages.has(page));
  for (const names of [kept, []]) {
    try {
      await keepAll(shell);
      return await keepPages(names);
    } catch (error) {
      await forget(own).catch(() => {});
      if (problem(error) !== "full") throw error;
    }
  }
  return undefined;
}

const openPages = async () => {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  return windows.filter(({ url }) => url.startsWith(scope.href)).map(({ id }) => id);
};

// Pages that are open keep the version that they came with.
async function activate() {
  const open = await openPages();
  await note(notes => {
    if (notes.active && notes.active !== own) for (const id of open) notes.others[id] ??= notes.active;
    notes.used = [...new Set([...notes.used, own])];
    notes.active = own;
  });
  await sweep();
  await self.clients.claim();
}

// Lets go of versions that no open page has come with.
async function sweep() {
  const [open, notes] = [await openPages(), await recall()];
  const closed = Object.keys(notes.others).filter(id => !open.includes(id));
  const needed = new Set([own, notebook, ...open.map(id => notes.others[id])]);
  // What was never in use may be a version that is just coming in.
  const isComing = self.registration.installing || self.registration.waiting;
  const names = (await caches.keys()).filter(name => name.startsWith(prefix) && !needed.has(name));
  const gone = names.filter(name => notes.used.includes(name) || !isComing);
  await Promise.all(gone.map(forget));
  if (!closed.length && !gone.length) return;
  await note(latest => {
    for (const id of closed) delete latest.others[id];
    latest.used = latest.used.filter(name => !gone.includes(name));
  });
}

// Answers

async function heldPages() {
  const paths = await held();
  return [...pages.keys()].filter(page => paths.has(pages.get(page).at(-1)));
}

async function navigate(event, url, path) {
  const kept = await find(own, path);
  if (kept) return kept;
  const folder = `${path}/index.html`;
  if (files.has(folder) && (await find(own, folder))) return Response.redirect(`${url.pathname}/${url.search}`);
  try {
    const response = await fetch(event.request);
    if (files.has(path) && response.ok) event.waitUntil(judge(response.clone(), path, event.resultingClientId));
    return response;
  } catch {
    return withoutNetwork(path);
  }
}

// A page from the network may be another version's. Then its requests are none of this one's business.
async function judge(response, path, client) {
  if (await digestOf(await response.arrayBuffer()) === files.get(path).digest) return;
  await note(notes => (notes.others[client] = ""));
  await self.registration.update();
}

async function withoutNetwork(path) {
  const [, code] = /^(en|zh)\//.exec(path) ?? [null, navigator.language.startsWith("zh") ? "zh" : "en"];
  const page = await find(own, `offline/${code}.html`);
  if (!page) return Response.error();
  const open = new Set(await heldPages());
  const lines = (await page.text()).replaceAll("__ROOT__", scope.pathname).split("\n");
  const pageIn = line => /^<li data-page="([^"]*)"/.exec(line)?.[1];
  const isAny = lines.some(line => open.has(pageIn(line)));
  const shown = lines.filter(line => {
    const listed = pageIn(line);
    return listed === undefined ? !(isAny && line.startsWith("<li data-none")) : open.has(listed);
  });
  const headers = { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" };
  return new Response(shown.join("\n"), { status: 503, headers });
}

async function load(event, path) {
  if (namesContent(path)) {
    // A page's workers do not say whose they are, and need not.
    const kept = await caches.match(addressOf(path)).catch(() => undefined);
    if (kept) return kept;
  } else {
    const other = await otherVersion(event.clientId);
    // A page that came from the network goes on with it.
    if (other === "") return fetch(event.request);
    const kept = await find(other ?? own, path);
    if (kept || other) return kept ?? Response.error();
  }
  const response = await fetch(event.request);
  if (!files.has(path) || response.status !== 200) return response;
  const { digest } = files.get(path);
  if (!namesContent(path)) {
    // A piece of another version would not fit this page.
    const bytes = await response.arrayBuffer();
    if (await digestOf(bytes) === digest) return verified(bytes, response, digest);
    event.waitUntil(self.registration.update());
    return Response.error();
  }
  const copy = response.clone();
  event.waitUntil((async () => {
    const bytes = await copy.arrayBuffer();
    if (await digestOf(bytes) !== digest) return;
    await (await caches.open(own)).put(addressOf(path), verified(bytes, copy, digest));
    (await held()).add(path);
  })().catch(() => {
    // It is not kept, that is all; who asks for it to be kept is told why not.
  }));
  return response;
}

// What pages ask

function problem(error) {
  if (error instanceof Changed) return "changed";
  return error.name === "QuotaExceededError" ? "full" : error instanceof TypeError ? "offline" : "failed";
}

async function state() {
  const paths = await held();
  const { all } = await recall();
  const bytes = book.files.reduce((sum, [path, , size]) => sum + (paths.has(path) ? size : 0), 0);
  const isWhole = book.files.every(([path]) => paths.has(path));
  return { version: book.version, all, isWhole, bytes, total, pages: await heldPages() };
}

// The next few files on the way to all of them, in one language first, page by page.
async function more(code) {
  const paths = await held();
  const isFirst = page => Number(!page.startsWith(`${code}/`));
  const order = [...pages.keys()].sort((one, other) => isFirst(one) - isFirst(other));
  for (const parts of [shell, ...order.map(page => pages.get(page)), [...files.keys()]]) {
    const missing = parts.filter(path => !paths.has(path));
    // A page's own HTML waits until the rest has come.
    const next = missing.length > 1 ? missing.slice(0, -1).slice(0, AT_ONCE) : missing;
    if (next.length) return keepAll(next);
  }
  return undefined;
}

async function remove() {
  const cache = await caches.open(own);
  // What came last goes first: no page is ever left without what it needs.
  const extra = [...await held()].reverse().filter(path => !shell.includes(path));
  for (const path of extra) await cache.delete(addressOf(path));
  listing = null;
  // Last, for a full storage takes no note before there is room again.
  await note(notes => (notes.all = false));
}

const actions = {
  state: () => {},
  // The page that asks has taken the place of another, whose version may be needed no more.
  keep: ({ pages: names }) => sweep().then(() => keepPages(names)),
  all: ({ wanted }) => note(notes => (notes.all = wanted)),
  more: ({ code }) => more(code),
  remove,
  renew: () => self.skipWaiting(),
};

async function answer(message) {
  let trouble = null;
  try {
    await actions[message.ask](message);
  } catch (error) {
    trouble = problem(error);
    if (trouble === "changed") self.registration.update().catch(() => {});
  }
  try {
    return { ...(await state()), trouble };
  } catch (error) {
    return { trouble: trouble ?? problem(error) };
  }
}

self.addEventListener("install", event => event.waitUntil(install()));
self.addEventListener("activate", event => event.waitUntil(activate()));
self.addEventListener("message", event => {
  const [port] = event.ports;
  if (!Object.hasOwn(actions, event.data?.ask)) return;
  event.waitUntil(answer(event.data).then(reply => port?.postMessage(reply)));
});
self.addEventListener("fetch", event => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || !url.href.startsWith(scope.href)) return;
  const path = pathOf(url);
  if (request.mode === "navigate") {
    const page = navigate(event, url, path);
    event.respondWith(page);
    event.waitUntil(page.then(sweep).catch(() => {}));
  } else if (files.has(path) || namesContent(path)) {
    event.respondWith(load(event, path));
  }
});
