/* A click on a mark of a chart filters the other tiles to what it stands for; with Ctrl or Cmd it is
   added, a second click takes it away, Esc takes all of it. Days become the period. Dragging over
   marks chooses all of them. It stands in the URL at once, with a mark of its own before the name. */
(function () {
  "use strict";
  const { navigate, propsOf } = window.picholine.controls;
  const desk = window.picholine.desk;
  const { functions, conditions } = desk;
  const DAY = 86_400_000;
  const PERIOD = ["period", "from", "to"];
  const LONG_MS = 400; // a finger that rests: before the browser, or `touch.js`, asks for a menu
  const STEADY_MS = 2000;
  const STIRS = ["wheel", "pointerdown", "keydown", "touchmove"]; // a person moves things now
  const HOVER_MS = 60;
  const FAR = 12; // pixels: one that moves does not
  const seen = new WeakMap(); // plot → its emitter, to which was listened
  let pressed = { x: 0, y: 0, add: false, button: 0, touch: false, told: false };
  let hold = 0;
  let swipe = null; // { plot, box, ends } of a finger that goes over months
  let held = false; // the menu was opened by a finger: what follows is no click
  let zoomed = null; // { to, before } the period a click chose, and the pairs of the one before

  const marks = () => propsOf("filter-spec").data;
  const pairsOf = () => [...new URLSearchParams(location.search)];
  const isCross = ([name]) => name.startsWith(marks().cross);
  const isPeriod = ([name]) => PERIOD.includes(name);
  const plotOf = (node) => node instanceof Element && node.closest(".panel-graph .js-plotly-plot");
  const able = () => Boolean((desk.openPage() || {}).cross);

  /* What a mark stands for ---------------------------------------------------------------------- */
  const markOf = (plot, point) => window.picholine.drill.mark(plot, point);

  const dayOf = (time) => new Date(time).toISOString().slice(0, 10);

  /* The last day of a bucket that begins on a day; nothing for buckets that calendars do not know. */
  function endOf(grain, first) {
    const [year, month] = first.split("-").map(Number);
    const months = { month: 1, quarter: 3, year: 12, campaign: 12 }[grain];
    if (months) return dayOf(Date.UTC(year, month - 1 + months, 1) - DAY);
    const days = { day: 1, week: 7 }[grain];
    return days && dayOf(Date.parse(first) + (days - 1) * DAY);
  }

  /* { members: { name: value }, from, to } of a part of an address; null where it says nothing. */
  function partsOf(own) {
    const names = desk.data().dimensions || {};
    const found = { members: {} };
    new URLSearchParams(own).getAll("cell").forEach((text) => {
      const dimension = text.slice(0, text.indexOf(":"));
      const value = text.slice(text.indexOf(":") + 1);
      const to = /^\d{4}-\d{2}-\d{2}$/.test(value) && endOf(dimension, value);
      if (to) Object.assign(found, { from: value, to });
      const name = [dimension, marks().own + dimension].find((one) => names[one]);
      if (name) found.members[name] = value || marks().none;
    });
    return found.from || Object.keys(found.members).length ? found : null;
  }

  /* Choosing ------------------------------------------------------------------------------------ */
  function choose(chosen, add) {
    const parts = chosen.map(partsOf).filter(Boolean);
    if (!parts.length) return;
    const days = parts.filter(({ from }) => from);
    const members = parts.some((part) => Object.keys(part.members).length);
    let pairs = pairsOf();
    if (members) pairs = crossed(pairs, parts, add);
    if (days.length) {
      const from = days.map((part) => part.from).sort()[0];
      const to = days.map((part) => part.to).sort().at(-1);
      pairs = spanned(pairs, from, to, !members);
    }
    navigate(pairs);
  }

  function crossed(pairs, parts, add) {
    const wanted = parts.flatMap(({ members }) => Object.entries(members))
      .map(([name, value]) => [marks().cross + name, value]);
    const before = pairs.filter(isCross);
    const has = (list, [name, value]) => list.some(([n, v]) => n === name && v === value);
    const all = wanted.every((pair) => has(before, pair));
    const others = before.filter((pair) => !has(wanted, pair));
    const now = add ? (all ? others : [...before, ...wanted])
      : all && !others.length ? [] : wanted;
    const once = now.filter((pair, place) => !has(now.slice(0, place), pair));
    return [...pairs.filter((pair) => !isCross(pair)), ...once];
  }

  const spanOf = (pairs) => ["from", "to"].map((key) => (pairs.find(([name]) => name === key) || [])[1]).join();

  /* Days become the period; the same ones again bring back the period before. */
  function spanned(pairs, from, to, toggles) {
    const others = pairs.filter((pair) => !isPeriod(pair));
    if (spanOf(pairs) === [from, to].join()) {
      return toggles && zoomed && zoomed.to === spanOf(pairs) ? [...zoomed.before, ...others] : pairs;
    }
    if (!zoomed || zoomed.to !== spanOf(pairs)) zoomed = { before: pairs.filter(isPeriod) };
    zoomed.to = [from, to].join();
    return [["period", "custom"], ["from", from], ["to", to], ...others];
  }

  function uncross() {
    const pairs = pairsOf();
    const kept = pairs.filter((pair) => !isCross(pair));
    const back = zoomed && zoomed.to === spanOf(pairs);
    navigate(back ? [...zoomed.before, ...kept.filter((pair) => !isPeriod(pair))] : kept);
    zoomed = null;
  }

  const isCrossed = () => pairsOf().some(isCross)
    || Boolean(zoomed && zoomed.to === spanOf(pairsOf()));

  /* The mouse and fingers ----------------------------------------------------------------------- */
  function clicked(plot, { points, event }) {
    if (held || pressed.button) return; // another button asks for the menu
    const found = (points || []).map((point) => markOf(plot, point)).find(Boolean);
    // One tap is told as that of a finger and as that of a mouse.
    if (!found || (pressed.touch && pressed.told)) return;
    pressed.told = true;
    if (able() && partsOf(found.own)) {
      steady(plot);
      choose([found.own], pressed.add || (event && event.ctrlKey));
    }
    // After the click has ended: it would close the menu it opens.
    else setTimeout(() => window.picholine.drill.menu(found.addresses), 0);
  }

  function brushed(plot, found) {
    if (!found || !found.points) return;
    const chosen = found.points.map((point) => markOf(plot, point)).filter(Boolean);
    window.Plotly.relayout(plot, { selections: [] });
    if (able()) choose(chosen.map(({ own }) => own), pressed.add);
  }

  /* What stands above a chart may need more or less room now: the mark stays under the mouse. */
  function steady(plot) {
    const main = document.getElementById("main");
    const { top } = plot.getBoundingClientRect();
    const watch = new ResizeObserver(() => {
      if (plot.isConnected) main.scrollTop += plot.getBoundingClientRect().top - top;
    });
    [plot.closest(".panel"), plot.closest(".slot"), document.getElementById("filter-bar")]
      .filter(Boolean).forEach((node) => watch.observe(node));
    const stop = () => {
      clearTimeout(timer);
      STIRS.forEach((kind) => document.removeEventListener(kind, stop, true));
      watch.disconnect();
    };
    const timer = setTimeout(stop, STEADY_MS);
    STIRS.forEach((kind) => document.addEventListener(kind, stop, true));
  }

  /* Plots come and go with their figures: before anything is done to one, it is listened to. */
  function listen(plot) {
    if (!plot || !plot.on || seen.get(plot) === plot._ev) return;
    seen.set(plot, plot._ev);
    plot.on("plotly_click", (found) => clicked(plot, found));
    plot.on("plotly_selected", (found) => brushed(plot, found));
  }

  ["pointerover", "pointerdown", "focusin"].forEach((kind) =>
    document.addEventListener(kind, (event) => listen(plotOf(event.target)), true));

  function menuAt(plot, x, y) {
    const found = (plot._hoverdata || []).map((point) => markOf(plot, point)).find(Boolean);
    if (found) window.picholine.drill.menu(found.addresses, x, y);
    return Boolean(found);
  }

  /* A finger hovers over nothing: what it rests on is found as for a mouse that comes by. */
  function pointAt(plot, { target, clientX, clientY }) {
    plot._dragging = false; // it has not moved
    target.dispatchEvent(new MouseEvent("mousemove", { clientX, clientY, bubbles: true, view: window }));
    hold = setTimeout(() => { held = menuAt(plot, clientX, clientY); }, HOVER_MS);
  }

  document.addEventListener("contextmenu", (event) => {
    const plot = plotOf(event.target);
    clearTimeout(hold);
    if (!plot || (!held && !menuAt(plot, event.clientX, event.clientY))) return;
    event.preventDefault();
    event.stopPropagation();
  }, true);

  document.addEventListener("pointerdown", (event) => {
    pressed = { x: event.clientX, y: event.clientY, add: event.ctrlKey || event.metaKey,
      button: event.button, touch: event.pointerType === "touch", told: false };
    clearTimeout(hold);
    held = false;
    const plot = plotOf(event.target);
    if (!plot || !plot._fullLayout) return;
    const touch = event.pointerType === "touch";
    // A finger that goes up or down moves the page: Plotly would keep it.
    plot._fullLayout.dragmode = touch ? false : plot.layout.dragmode;
    if (!touch) return;
    hold = setTimeout(() => pointAt(plot, event), LONG_MS);
    if (plot.layout.selectdirection === "h") swipe = { plot, box: null };
  }, true);

  /* A finger that goes sideways over months chooses them. */
  function swiped({ clientX }) {
    if (!swipe.box) {
      swipe.box = desk.element("div", "cross-swipe");
      swipe.plot.append(swipe.box);
    }
    const { left } = swipe.plot.getBoundingClientRect();
    const ends = [pressed.x, clientX].sort((one, other) => one - other);
    swipe.box.style.left = ends[0] - left + "px";
    swipe.box.style.width = ends[1] - ends[0] + "px";
    swipe.ends = ends;
  }

  function released(event) {
    const { plot, box, ends } = swipe || {};
    swipe = null;
    if (!box) return;
    pressed.told = true;
    box.remove();
    if (event.type !== "touchend") return;
    const { xaxis } = plot._fullLayout;
    const zero = plot.getBoundingClientRect().left + xaxis._offset;
    const [low, high] = ends.map((x) => xaxis.p2d(x - zero));
    const cells = plot.data.flatMap((trace) => {
      const found = (trace.meta && trace.meta.lines && trace.meta.lines.cells) || [];
      return found.filter((cell, place) => typeof cell === "string"
        && trace.x[place] > low - 0.5 && trace.x[place] < high + 0.5);
    });
    if (able() && cells.length) choose(cells, false);
  }

  ["touchend", "touchcancel"].forEach((kind) => document.addEventListener(kind, released, true));
  document.addEventListener("touchmove", (event) => {
    const [{ clientX, clientY }] = event.touches;
    const [aside, along] = [Math.abs(clientX - pressed.x), Math.abs(clientY - pressed.y)];
    if (!swipe || held) return;
    if (swipe.box || (aside > FAR && aside > along)) {
      event.preventDefault(); // the page stays where it is
      swiped({ clientX });
    } else if (along > FAR) swipe = null;
  }, { capture: true, passive: false });
  ["pointerup", "pointercancel", "scroll"].forEach((kind) =>
    document.addEventListener(kind, () => clearTimeout(hold), true));
  document.addEventListener("pointermove", ({ clientX, clientY }) => {
    if (Math.hypot(clientX - pressed.x, clientY - pressed.y) > FAR) clearTimeout(hold);
  }, true);

  /* The keyboard: a list of the marks of a tile --------------------------------------------------- */
  const textOf = (html) => {
    const found = new DOMParser().parseFromString(html || "", "text/html");
    return (found.querySelector("b") || found.body).textContent.trim();
  };

  function entriesOf(plot) {
    const found = new Map();
    plot.data.forEach((trace) => {
      const cells = trace.meta && trace.meta.lines && trace.meta.lines.cells;
      (cells || []).forEach((own, place) => {
        const parts = typeof own === "string" && partsOf(own);
        const text = parts && textOf([].concat(trace.customdata || [])[place]);
        if (text && !found.has(own)) found.set(own, { text, own, parts });
      });
    });
    const all = [...found.values()];
    return all.some(({ parts }) => parts.from) ? all : all.reverse(); // bars grow from below
  }

  function isChosen({ members, from, to }) {
    const pairs = pairsOf();
    const names = Object.entries(members);
    const has = ([name, value]) => pairs.some(([n, v]) => n === marks().cross + name && v === value);
    return from && !names.length ? spanOf(pairs) === [from, to].join() : names.every(has);
  }

  const plotIn = (panel) => panel && panel.querySelector(".panel-graph .js-plotly-plot");
  const listable = (panel) => {
    const plot = plotIn(panel);
    return Boolean(plot && plot.offsetParent && able() && plot.data && entriesOf(plot).length);
  };

  function openList(tile) {
    desk.popup(entriesOf(plotIn(tile)).map(({ text, own, parts }) => ({
      text, checked: isChosen(parts), act: (event) => choose([own], event && event.ctrlKey),
    })), tile.querySelector(".panel-title") || tile, { label: desk.word("marks"), back: tile });
  }

  document.addEventListener("keydown", (event) => {
    const { openPage, layers, isTyping, tileOf } = desk;
    if (event.defaultPrevented || event.isComposing || !openPage()) return;
    const tile = tileOf(event.target);
    if (event.key === "Enter" && tile === event.target && listable(tile) && !layers.length) {
      openList(tile);
      event.preventDefault();
    }
    if (event.key !== "Escape" || layers.length || isTyping(event.target) || !able()) return;
    if (tile && tile !== event.target) return; // first out of what is inside the tile
    if (document.querySelector(".drill-menu, dialog[open], details.menu-holder[open], .desk-pending")) return;
    if (document.body.classList.contains("drawer-shown") || !isCrossed()) return;
    uncross();
    event.preventDefault();
  });

  const tile = () => desk.tileMeant() || desk.tileOf(document.activeElement);
  functions.tileMarks = () => openList(tile());
  conditions.tileMarks = () => listable(tile());
  functions.uncross = uncross;
  conditions.crossed = () => able() && isCrossed();

  desk.cross = { able, choose: (own) => choose([own], false) };
})();
