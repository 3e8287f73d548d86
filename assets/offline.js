/* Without a server: the last views stay readable, with a plain word about how old they are. Online
   nothing comes from here: answers are kept as they arrive, and read only when none arrives.
   Must be loaded before shell.js, which adds the security token to what is asked through here. */
(function () {
  "use strict";
  const plain = window.fetch.bind(window);
  const CALLBACK = "/_dash-update-component";
  const SHAPE = ["/_dash-layout", "/_dash-dependencies"];
  const VIEWS = "picholine-views";
  const READER = "picholine_reader"; // in local storage: whose answers are kept
  const NOBODY = "none";
  const MOST = 300; // answers
  const MOST_BYTES = 24e6;
  const LARGEST = 2e6;
  const PING_MS = 4000;
  const PING_WAIT_MS = 5000;
  const REST_MS = 10000;
  // What shows data; whatever somebody presses is asked of the server or not at all.
  const SHOWS = /^(url|theme|data-version|[\w-]+-(query|visited|shown|described))\./;
  const able = Boolean(window.caches && window.crypto && window.crypto.subtle);
  let state = "online";
  let last = Date.now(); // of the newest answer that is on the screen
  let used = false; // something kept is on the screen
  let missed = ""; // what was asked for and is not kept: "page", "view" or nothing
  let leaving = false;
  let timer = 0;

  const byId = (id) => document.getElementById(id);
  const desk = () => window.picholine.desk;

  /* Keeping ------------------------------------------------------------------------------------- */
  async function digest(text) {
    const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function asked(path, body) {
    if (SHAPE.includes(path)) return path;
    const { output, inputs, state: rest, changedPropIds } = JSON.parse(body);
    if (!(changedPropIds || []).every((name) => SHOWS.test(name))) return "";
    return JSON.stringify([output, inputs, rest]);
  }

  async function addressOf(path, body) {
    if (!able) return "";
    const text = asked(path, body);
    return text && `/kept/${await digest(text)}`;
  }

  async function isOurs(reader) {
    if (localStorage.getItem(READER) !== reader) {
      await caches.delete(VIEWS); // another person, or other rights
      localStorage.setItem(READER, reader);
    }
    return reader !== NOBODY;
  }

  async function keep(path, body, answer) {
    const reader = answer.headers.get("X-Picholine-Reader");
    const address = reader && await addressOf(path, body);
    if (!address || !await isOurs(reader)) return;
    const text = await answer.text();
    if (text.length > LARGEST) return;
    const headers = { "Content-Type": "application/json", "X-Kept-At": String(Date.now()),
      "X-Kept-Bytes": String(text.length) };
    const views = await caches.open(VIEWS);
    await views.delete(address); // what was asked last stands last
    await views.put(address, new Response(text, { headers }));
    clearTimeout(timer);
    timer = setTimeout(trim, REST_MS);
  }

  async function trim() {
    const views = await caches.open(VIEWS);
    let count = 0;
    let bytes = 0;
    for (const request of (await views.keys()).reverse()) {
      const found = await views.match(request);
      const size = Number(found && found.headers.get("X-Kept-Bytes"));
      count += size ? 1 : 0;
      bytes += size;
      if (size && (count > MOST || bytes > MOST_BYTES)) await views.delete(request);
    }
  }

  const later = (work) => (window.requestIdleCallback || setTimeout)(() => work().catch(() => {}));

  /* Asking -------------------------------------------------------------------------------------- */
  async function ping() {
    const stop = new AbortController();
    const late = setTimeout(() => stop.abort(), PING_WAIT_MS);
    try {
      return (await plain("/manifest.webmanifest", { cache: "no-store", signal: stop.signal })).ok;
    } catch {
      return false;
    } finally {
      clearTimeout(late);
    }
  }

  async function instead(path, body, error) {
    if (leaving || (error && error.name === "AbortError") || await ping()) throw error;
    const address = await addressOf(path, body);
    const found = address && await caches.match(address, { cacheName: VIEWS });
    const { output } = path === CALLBACK ? JSON.parse(body) : {};
    if (found) {
      if (/-shown\./.test(output || "")) {
        last = Number(found.headers.get("X-Kept-At"));
        missed = "";
      }
      used = true;
      down();
      return found;
    }
    if (path !== CALLBACK) throw error;
    if (/-slot\./.test(output)) missed = "page";
    else if (/-shown\./.test(output)) missed = missed || "view";
    down();
    return new Response(null, { status: 204 }); // Dash changes nothing
  }

  window.fetch = async function (target, options) {
    const address = new URL(target && target.url ? target.url : target, location.href);
    const path = address.pathname;
    if (address.origin !== location.origin || ![CALLBACK, ...SHAPE].includes(path)) {
      return plain(target, options);
    }
    const body = options && options.body;
    let answer;
    try {
      answer = await plain(target, options);
    } catch (error) {
      return instead(path, body, error);
    }
    if (answer.status === 200 && able) {
      const copy = answer.clone();
      last = Date.now();
      later(() => keep(path, body, copy));
    }
    if (state === "offline") up();
    return answer;
  };

  /* Telling ------------------------------------------------------------------------------------- */
  function banner() {
    const main = byId("main");
    if (!main || !window.picholine || !window.picholine.desk) return;
    let box = byId("offline-banner");
    if (!box) {
      box = document.createElement("div");
      box.id = "offline-banner";
      box.className = "offline-banner";
      box.setAttribute("role", "status");
      main.prepend(box);
    }
    const { element, word } = desk();
    const { lang } = document.documentElement;
    const time = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang,
      { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }).format(last);
    const more = { page: word("offlinePage"), view: word("offlineView"), "": word("offlineNeeds") }[missed];
    const again = element("button", "btn btn-sm btn-outline-primary", word("offlineAgain"), { type: "button" });
    again.addEventListener("click", look);
    const title = missed === "page" ? [] : [element("strong", "", word("offline", { time }))];
    box.replaceChildren(...title, element("span", "", more), again);
  }

  function lock(on) {
    document.documentElement.toggleAttribute("data-offline", on);
    document.documentElement.toggleAttribute("data-missed", on && Boolean(missed));
    const bar = byId("filter-bar");
    if (bar) bar.inert = on;
  }

  function down() {
    if (state !== "offline") setTimeout(watch, PING_MS);
    state = "offline";
    lock(true);
    banner();
  }

  async function look() {
    if (await ping()) up();
    else down();
  }

  async function watch() {
    if (state !== "offline") return;
    await look();
    lock(state === "offline"); // parts that were not there yet
    if (state === "offline") setTimeout(watch, PING_MS);
  }

  function up() {
    if (state === "online") return;
    state = "online";
    const stale = used || missed;
    used = false;
    missed = "";
    lock(false);
    const box = byId("offline-banner");
    if (box) box.remove();
    document.dispatchEvent(new CustomEvent("picholine-online"));
    if (!stale) return;
    if (!document.querySelector("dialog[open], #intake-pill:not([hidden])")) location.reload();
    else window.picholine.toast(desk().word("onlineAgain"), "success");
  }

  /* What needs the server says so. */
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element && event.target.closest(
      ".export-link, #import-open, .import-open, [data-language], .retry");
    if (state !== "offline" || !target) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    window.picholine.toast(desk().word("offlineNeeds"), "danger");
  }, true);

  document.addEventListener("desk-routed", () => {
    missed = ""; // of the page before
    if (state === "offline") down();
  });
  window.addEventListener("pagehide", () => { leaving = true; });
  window.addEventListener("pageshow", () => { leaving = false; });
  ["online", "offline"].forEach((name) => window.addEventListener(name, async () => {
    if (await ping()) up();
    else down();
  }));

  /* The service worker and new editions --------------------------------------------------------- */
  const CHECK_MS = 15 * 60 * 1000;
  const meta = (name) => (document.querySelector(`meta[name="picholine-${name}"]`) || {}).content || "";

  /* What this first visit has loaded, from the browser's own cache: the worker saw none of it. And
     the manual, which is needed most when something does not work. */
  async function keepFiles() {
    const files = await caches.open(`picholine-files-${meta("build")}`);
    const loaded = performance.getEntriesByType("resource").map((entry) => new URL(entry.name))
      .filter((address) => address.origin === location.origin
        && /^\/(assets|_dash-component-suites)\//.test(address.pathname))
      .map((address) => address.pathname + address.search);
    const late = `?v=${meta("build")}`;
    const manual = [`/manual/${document.documentElement.lang}?v=${meta("manual")}`,
      `/assets/late/manual.js${late}`, `/assets/late/manual.css${late}`];
    for (const address of new Set([...loaded, ...manual])) {
      if (!await files.match(address)) await files.add(address).catch(() => {});
    }
  }

  function announce(registration) {
    if (byId("update-note")) return;
    const { element, word } = desk();
    const now = element("button", "btn btn-sm btn-primary", word("updateNow"), { type: "button" });
    const not = element("button", "btn btn-sm btn-outline-primary", word("updateLater"), { type: "button" });
    const box = element("div", "update-note", [element("span", "", word("updateReady")), now, not],
      { id: "update-note", role: "status" });
    now.addEventListener("click", () => {
      navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
      if (registration.waiting) registration.waiting.postMessage("take-over");
      else location.reload();
    });
    not.addEventListener("click", () => box.remove());
    document.body.append(box);
  }

  async function install() {
    const registration = await navigator.serviceWorker.register("/worker.js");
    const ready = () => {
      if (registration.waiting && navigator.serviceWorker.controller) announce(registration);
    };
    registration.addEventListener("updatefound", () => {
      const coming = registration.installing;
      if (coming) coming.addEventListener("statechange", ready);
    });
    ready();
    const check = () => registration.update().catch(() => {});
    setInterval(check, CHECK_MS);
    document.addEventListener("picholine-online", check);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) check(); });
    await navigator.serviceWorker.ready;
    later(keepFiles);
  }

  if (able && navigator.serviceWorker) {
    window.addEventListener("load", () => setTimeout(() => later(install), PING_MS));
  }
})();
