/* A tile in a window of its own: it shows this tile alone, and both windows keep the same filters. */
(function () {
  "use strict";
  const desk = window.picholine.desk;
  const CHANNEL = "picholine-desk";
  const GROUP = "picholine.group";
  const [, tileId, group] = /^#tile=([^&]+)&group=(\w+)$/.exec(location.hash) || [];
  const channel = window.BroadcastChannel ? new BroadcastChannel(CHANNEL) : null;
  const me = Math.random().toString(36).slice(2);
  let heard = null; // the address another window of the group told last

  if (group) {
    sessionStorage.setItem(GROUP, group);
    document.documentElement.setAttribute("data-detached", "");
  }

  function ownGroup() {
    const kept = sessionStorage.getItem(GROUP);
    if (kept) return kept;
    const made = Math.random().toString(36).slice(2);
    sessionStorage.setItem(GROUP, made);
    return made;
  }

  desk.functions.tileDetach = function () {
    const tile = desk.tileOf(document.activeElement) || desk.tileMeant();
    const address = `${location.pathname}${location.search}#tile=${encodeURIComponent(tile.id)}&group=${ownGroup()}`;
    window.open(address, "", "popup,width=920,height=640");
  };
  desk.conditions.tileDetach = () => Boolean(channel) && !tileId && desk.conditions.tile();
  desk.functions.redock = () => window.close();
  desk.conditions.detached = () => Boolean(tileId);

  /* Filters told and taken: those of pages in general; a page's own ones only on the same page. */
  function told() {
    if (!channel || !sessionStorage.getItem(GROUP)) return;
    const now = location.pathname + location.search;
    if (now === heard) return;
    heard = now;
    channel.postMessage({ me, group: sessionStorage.getItem(GROUP), path: location.pathname, search: location.search });
  }

  function take({ data }) {
    const page = desk.openPage();
    if (data.me === me || data.group !== sessionStorage.getItem(GROUP) || !page || !page.filters) return;
    const pages = desk.props("shell-pages").data || [];
    const from = pages.find(({ key }) => "/" + key === data.path);
    if (!from || !from.filters) return;
    const shared = (pairs, own) => pairs.filter(([name]) => !own.includes(name));
    const theirs = [...new URLSearchParams(data.search)];
    const mine = [...new URLSearchParams(location.search)];
    const pairs = from === page ? theirs
      : [...shared(theirs, from.own), ...mine.filter(([name]) => page.own.includes(name))];
    const text = new URLSearchParams(pairs).toString();
    heard = location.pathname + (text ? "?" + text : "");
    window.picholine.controls.navigate(pairs);
  }

  if (channel) channel.addEventListener("message", take);
  document.addEventListener("desk-routed", told);

  /* The detached window shows its tile as soon as the page has been filled. */
  function showTile() {
    const tile = document.getElementById(decodeURIComponent(tileId));
    if (!tile) { setTimeout(showTile, 150); return; }
    tile.setAttribute("data-large", "");
    const title = tile.querySelector(".panel-title");
    document.title = `${title ? title.textContent : ""} – Picholine`;
    [100, 800].forEach((wait) => setTimeout(() => window.dispatchEvent(new Event("resize")), wait));
  }
  if (tileId) document.addEventListener("desk-routed", showTile, { once: true });
})();
