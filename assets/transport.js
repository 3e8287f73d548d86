/* How files travel: small ones in one request, large ones in pieces.
 *
 * A large file continues where it stopped after a lost connection, a reload of the page (the same
 * file is dropped again) and a restart of the server: the server says how much of it is there.
 * Every piece carries its SHA-256 where the browser can compute one.
 */
(function () {
  "use strict";

  const WAITS = [500, 1000, 2000, 4000]; // before another try, in milliseconds
  const LONG_WAITS = [...WAITS, 8000, 15000, ...Array(10).fill(30000)];
  const PASSING = [0, 408, 429, 502, 503, 504]; // the same request may succeed a little later
  const EDGE = 65536; // bytes at both ends of a file by which it is known again
  const DEEPEST = 20;
  const MOST = 2000; // files of a dropped folder
  const HIDDEN = /^(\.|~\$|thumbs\.db$|desktop\.ini$)/i;

  class Stopped extends Error {}

  function headers(more) {
    return { "X-CSRF-Token": window.picholine.csrfToken(), Accept: "application/json", ...more };
  }

  async function sha256(blob) {
    if (!window.crypto || !window.crypto.subtle) return "";
    const digest = await window.crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async function fingerprint(file) {
    const ends = new Blob([file.slice(0, EDGE), file.slice(Math.max(0, file.size - EDGE))]);
    return `${file.lastModified}-${await sha256(ends)}`;
  }

  /* One request; fulfilled with {status, answer} whatever the status, 0 when none arrived. */
  function request(trip, method, address, body, more, progress) {
    return new Promise((fulfil, reject) => {
      if (trip.stopped) { reject(new Stopped()); return; }
      const sent = new XMLHttpRequest();
      trip.request = sent;
      sent.open(method, address);
      Object.entries(headers(more)).forEach(([name, value]) => sent.setRequestHeader(name, value));
      if (progress) sent.upload.onprogress = (event) => progress(event.loaded);
      sent.onload = () => fulfil({ status: sent.status, answer: parsed(sent.responseText) });
      sent.onerror = sent.ontimeout = () => fulfil({ status: 0, answer: {} });
      sent.onabort = () => reject(new Stopped());
      sent.send(body);
    });
  }

  function parsed(body) {
    try { return JSON.parse(body) || {}; } catch { return {}; }
  }

  function json(trip, address, body) {
    return request(trip, "POST", address, JSON.stringify(body),
      { "Content-Type": "application/json" });
  }

  /* Wait before another try; coming back online ends the wait. */
  function pause(trip, wait) {
    return new Promise((fulfil, reject) => {
      const end = () => {
        clearTimeout(timer);
        window.removeEventListener("online", end);
        if (trip.stopped) reject(new Stopped()); else fulfil();
      };
      const timer = setTimeout(end, wait);
      trip.wake = end;
      window.addEventListener("online", end);
    });
  }

  /* Ask until there is an answer that another try would not change. */
  async function insist(trip, ask, waits) {
    for (let round = 0; ; round += 1) {
      const found = await ask();
      const busy = ["upload.busy", "upload.damaged"].includes(found.answer.code);
      const passing = (PASSING.includes(found.status) && found.answer.code !== "upload.many") || busy;
      if (!passing || round === waits.length) return found;
      trip.tell.waiting(waits[round] / 1000);
      await pause(trip, waits[round]);
      trip.tell.waiting(0);
    }
  }

  function whole(trip) {
    const { file, tell } = trip;
    const address = `/uploads?name=${encodeURIComponent(file.name)}`;
    const type = { "Content-Type": "application/octet-stream" };
    return insist(trip, () => request(trip, "POST", address, file, type, tell.progress), WAITS);
  }

  async function pieces(trip) {
    const { file, tell } = trip;
    const named = { name: file.name, size: file.size, fingerprint: await fingerprint(file) };
    const begun = await insist(trip, () => json(trip, "/uploads/begin", named), LONG_WAITS);
    if (begun.status !== 200) return begun;
    tell.began(begun.answer.key);
    const address = `/uploads/${begun.answer.key}`;
    let offset = begun.answer.offset;
    tell.progress(offset);
    while (offset < file.size) {
      const piece = file.slice(offset, offset + trip.size);
      const stated = { "Content-Type": "application/octet-stream",
        "X-Piece-SHA256": await sha256(piece) };
      const at = offset;
      const told = (sent) => tell.progress(at + sent);
      const put = () => request(trip, "PUT", `${address}?offset=${at}`, piece, stated, told);
      const found = await insist(trip, put, LONG_WAITS);
      const known = found.status === 200 || found.answer.code === "upload.offset";
      if (!known) return found;
      offset = found.answer.offset;
      tell.progress(offset);
    }
    return insist(trip, () => json(trip, `${address}/finish`, {}), LONG_WAITS);
  }

  /* Send a file.
   *
   * tell: progress(bytes), began(key), waiting(seconds), done({status, answer}), stopped(),
   * unreadable() when the file was changed or moved on this machine meanwhile.
   * Returns the trip; trip.stop() ends it, what arrived stays on the server.
   */
  function send(file, size, tell) {
    const trip = { file, size, tell, stopped: false, request: null, wake: null };
    trip.stop = () => {
      trip.stopped = true;
      if (trip.request) trip.request.abort();
      if (trip.wake) trip.wake();
    };
    (file.size > size ? pieces(trip) : whole(trip)).then(
      (found) => tell.done(found),
      (error) => { if (error instanceof Stopped) tell.stopped(); else tell.unreadable(error); }
    );
    return trip;
  }

  /* What the server still holds of files that did not arrive whole. */
  async function unfinished() {
    try {
      const answer = await fetch("/uploads/unfinished", { cache: "no-store" });
      return answer.ok ? await answer.json() : [];
    } catch {
      return [];
    }
  }

  function cancel(key) {
    return fetch(`/uploads/${key}/cancel`, { method: "POST", headers: headers() }).catch(() => null);
  }

  function discard(key) {
    return fetch(`/uploads/${key}`, { method: "DELETE", headers: headers() }).catch(() => null);
  }

  /* ---- folders ------------------------------------------------------------------------------ */

  function fileOf(entry) {
    return new Promise((fulfil) => entry.file(fulfil, () => fulfil(null)));
  }

  function batch(reader) {
    return new Promise((fulfil) => reader.readEntries(fulfil, () => fulfil([])));
  }

  async function walk(entry, found, depth) {
    if (HIDDEN.test(entry.name) || found.length >= MOST) return;
    if (entry.isFile) {
      const file = await fileOf(entry);
      if (file) found.push({ file, path: entry.fullPath.replace(/^\//, "") });
      return;
    }
    if (depth === DEEPEST) return;
    const reader = entry.createReader();
    for (let some = await batch(reader); some.length; some = await batch(reader)) {
      for (const inside of some) await walk(inside, found, depth + 1);
    }
  }

  /* The files of a drop, those in folders with their path; to be called while the drop lasts. */
  function dropped(transfer) {
    const items = Array.from(transfer.items || []).filter((item) => item.kind === "file");
    const entries = items.map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry());
    if (!entries.some((entry) => entry && entry.isDirectory)) {
      return Promise.resolve(Array.from(transfer.files, (file) => ({ file, path: "" })));
    }
    const plain = items.map((item) => item.getAsFile());
    return (async () => {
      const found = [];
      for (const [place, entry] of entries.entries()) {
        if (entry && entry.isDirectory) await walk(entry, found, 0);
        else if (plain[place]) found.push({ file: plain[place], path: "" });
      }
      return found;
    })();
  }

  /* The files of a chooser of folders. */
  function chosen(files) {
    return Array.from(files, (file) => ({ file, path: file.webkitRelativePath || "" }))
      .filter(({ path, file }) => !(path || file.name).split("/").some((name) => HIDDEN.test(name)))
      .slice(0, MOST);
  }

  window.picholineTransport = { send, unfinished, cancel, discard, dropped, chosen };
})();
