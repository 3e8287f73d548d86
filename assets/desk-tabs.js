/* Tabs: several analyses open at once, each an address with its own filters and its own place. The
   strip is there as soon as there are two of them. */
(function () {
  "use strict";
  const desk = window.picholine.desk;
  const { element, word } = desk;
  const KEPT = "picholine.tabs";
  const MOST = 20;
  let tabs = []; // { id, address, title, scroll }
  let active = 0; // place of the open one
  let dragged = null;

  const address = () => location.pathname + location.search;
  const main = () => document.getElementById("main");

  function keep() {
    const text = JSON.stringify({ tabs, active });
    sessionStorage.setItem(KEPT, text);
    localStorage.setItem(KEPT, text);
  }

  function restored() {
    for (const store of [sessionStorage, localStorage]) {
      try {
        const kept = JSON.parse(store.getItem(KEPT));
        if (kept && kept.tabs.length) return kept;
      } catch { /* nothing was kept */ }
    }
    return { tabs: [], active: 0 };
  }

  const made = () => ({ id: Date.now().toString(36), address: address(), title: "", scroll: 0 });

  function begin() {
    const kept = restored();
    tabs = kept.tabs.length > 1 ? kept.tabs : [];
    active = Math.min(kept.active, tabs.length - 1);
    const same = tabs.findIndex((tab) => tab.address === address());
    if (tabs.length && same >= 0) active = same;
    else if (!tabs.length || location.pathname !== "/") {
      tabs.push(made());
      active = tabs.length - 1;
    }
    later();
  }

  const later = () => [300, 1500].forEach((wait) => setTimeout(rename, wait));

  /* What a tab is called: its page, and the first of its filters. */
  function title() {
    const page = (document.getElementById("page-title") || {}).textContent || "";
    const chips = [...document.querySelectorAll("#filter-chips a.chip")];
    const shown = desk.openPage() && desk.openPage().filters && chips.length;
    if (!shown) return page;
    const first = [...chips[0].childNodes].filter((n) => n.nodeType === Node.TEXT_NODE)
      .map((n) => n.textContent).join("");
    return `${page} – ${first}${chips.length > 1 ? ` +${chips.length - 1}` : ""}`;
  }

  function note() {
    if (document.documentElement.hasAttribute("data-detached")) return;
    if (!tabs.length) { begin(); return; }
    tabs[active].address = address();
    later();
    keep();
  }

  function rename() {
    if (!tabs[active] || tabs[active].address !== address()) return;
    tabs[active].title = title();
    keep();
    draw();
  }

  function show(place) {
    const tab = tabs[place];
    if (!tab || place === active) return;
    if (tabs[active]) tabs[active].scroll = main().scrollTop;
    active = place;
    desk.jump(tab.address);
    [60, 400].forEach((wait) => setTimeout(() => {
      if (tabs[active] === tab) main().scrollTop = tab.scroll;
    }, wait));
    keep();
    draw();
  }

  function open(where) {
    if (tabs.length >= MOST) return;
    rename();
    const tab = { ...made(), address: where || address(), title: where ? "" : title() };
    tabs.splice(active + 1, 0, tab);
    show(active + 1);
    draw();
  }

  function close(place) {
    if (tabs.length < 2) return;
    const [gone] = tabs.splice(place, 1);
    if (place === active) {
      active = -1;
      show(Math.min(place, tabs.length - 1));
    } else if (place < active) active -= 1;
    keep();
    draw();
    const strip = document.querySelector("#desk-tabs [aria-selected=true]");
    if (strip && gone) desk.say(word("tabClosed", { title: gone.title }));
  }

  function move(from, to) {
    if (to < 0 || to >= tabs.length || from === to) return;
    const open_ = tabs[active];
    tabs.splice(to, 0, ...tabs.splice(from, 1));
    active = tabs.indexOf(open_);
    keep();
    draw();
  }

  function tabOf(tab, place) {
    const shut = element("span", "tab-close i i-close", null, { title: word("close") });
    const node = element("button", "desk-tab", [element("span", "desk-tab-text", tab.title || "…"), shut], {
      type: "button", role: "tab", "aria-selected": String(place === active), draggable: "true",
      tabindex: place === active ? "0" : "-1", title: `${tab.title} (t ${place + 1})`,
    });
    node.dataset.place = place;
    return node;
  }

  function draw() {
    const strip = document.getElementById("desk-tabs");
    if (!strip) return;
    const focused = strip.contains(document.activeElement);
    strip.hidden = tabs.length < 2;
    strip.replaceChildren(...(strip.hidden ? [] : tabs.map(tabOf)));
    if (focused && !strip.hidden) strip.querySelector("[aria-selected=true]").focus();
  }

  const placeOf = (node) => {
    const tab = node instanceof Element && node.closest(".desk-tab");
    return tab ? Number(tab.dataset.place) : -1;
  };

  document.addEventListener("click", (event) => {
    const place = placeOf(event.target);
    if (place < 0) return;
    if (event.target.closest(".tab-close")) close(place);
    else show(place);
  });
  document.addEventListener("auxclick", (event) => {
    if (event.button === 1 && placeOf(event.target) >= 0) close(placeOf(event.target));
  });
  document.addEventListener("keydown", (event) => {
    const place = placeOf(event.target);
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (place < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (step && event.shiftKey) move(place, place + step);
    else if (step) show((place + step + tabs.length) % tabs.length);
    else if (event.key === "Delete") close(place);
    else return;
    event.preventDefault();
  });
  document.addEventListener("dragstart", (event) => {
    dragged = placeOf(event.target);
    if (dragged >= 0) event.dataTransfer.effectAllowed = "move";
  });
  document.addEventListener("dragover", (event) => {
    if (dragged >= 0 && placeOf(event.target) >= 0) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const place = placeOf(event.target);
    if (dragged >= 0 && place >= 0) {
      event.preventDefault();
      move(dragged, place);
    }
    dragged = -1;
  });

  /* Links of the navigation: their own menu. */
  document.addEventListener("contextmenu", (event) => {
    const link = event.target instanceof Element && event.target.closest(".nav-link");
    if (!link) return;
    event.preventDefault();
    const where = new URL(link.href);
    desk.popup([
      { text: word("openTab"), icon: "tab", act: () => open(where.pathname + where.search) },
      { text: word("openWindow"), icon: "window", act: () => window.open(link.href, "_blank") },
    ], event.clientX ? { x: event.clientX, y: event.clientY } : link, { label: link.textContent });
  });

  desk.functions.tabNew = () => open();
  desk.functions.tabClose = () => close(active);
  desk.functions.tabStep = (step) => show((active + Number(step) + tabs.length) % tabs.length);
  desk.functions.tabNumber = (_told, event) => show(Number(event.key) - 1);
  desk.conditions.tabs = () => tabs.length > 1;
  document.addEventListener("desk-routed", note);
})();
