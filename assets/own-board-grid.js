/* Tiles of a board are moved and resized: by the mouse and by touch at their grip and corner, by the
   arrows at the grip (with Shift: resized). Nothing overlaps, nothing floats; see
   `core/services/board_layout.py`. */
(function () {
  "use strict";
  const desk = window.picholine.desk;
  const [COLUMNS, LEAST, MOST_HEIGHT, DEEPEST] = [12, 2, 40, 2000];
  const EDGE = 56; // pixels at the edges of the page at which it scrolls along
  const PAUSE_MS = 600; // after the last arrow the place is kept

  const grid = () => document.getElementById("board-tiles");
  const tiles = () => [...grid().querySelectorAll(".board-tile")];
  const clamp = (value, low, high) => Math.max(low, Math.min(high, value));
  const numbers = (text) => (text.match(/\d+/g) || []).map(Number);

  /* Where a tile stands, from its style: "3 / span 6". */
  function placeOf(tile) {
    const [x, w] = numbers(tile.style.gridColumn);
    const [y, h] = numbers(tile.style.gridRow);
    return { x: x - 1, y: y - 1, w, h };
  }

  const styleOf = ({ x, y, w, h }) => ({
    gridColumn: `${x + 1} / span ${w}`, gridRow: `${y + 1} / span ${h}`, "--h": String(h),
  });

  function bounded({ x, y, w, h }) {
    const wide = clamp(w, LEAST, COLUMNS);
    return {
      x: clamp(x, 0, COLUMNS - wide), y: clamp(y, 0, DEEPEST),
      w: wide, h: clamp(h, LEAST, MOST_HEIGHT),
    };
  }

  const beside = (one, other) => one.x < other.x + other.w && other.x < one.x + one.w;
  const byReading = ([, one], [, other]) => one.y - other.y || one.x - other.x;

  /* Every tile as far up as those before it leave room. */
  function risen(entries) {
    const found = new Map();
    entries.forEach(([key, place]) => {
      const over = [...found.values()].filter((other) => beside(place, other));
      found.set(key, { ...place, y: Math.max(0, ...over.map((other) => other.y + other.h)) });
    });
    return found;
  }

  /* The layout with one tile elsewhere: it goes before a tile when it is past that one's middle. */
  function arranged(before, key, wanted) {
    const place = bounded(wanted);
    const down = place.y > before.get(key).y;
    const others = [...before].filter(([other]) => other !== key).sort(byReading);
    const first = others.findIndex(([, other]) => beside(place, other) && (down
      ? place.y + place.h <= other.y + other.h / 2
      : place.y < other.y + other.h / 2));
    const at = first < 0 ? others.length : first;
    const listed = [...others.slice(0, at), [key, place], ...others.slice(at)];
    return risen([...risen(listed)].sort(byReading));
  }

  const layout = () => new Map(tiles().map((tile) => [tile.dataset.tile, placeOf(tile)]));

  function show(places) {
    tiles().forEach((tile) => {
      const style = styleOf(places.get(tile.dataset.tile));
      tile.style.gridColumn = style.gridColumn;
      tile.style.gridRow = style.gridRow;
      tile.style.setProperty("--h", style["--h"]);
    });
  }

  /* The components are told, so that what is drawn next starts from here; the server keeps it. */
  function keep(before, places) {
    const moved = [...places].filter(([key, place]) =>
      JSON.stringify(place) !== JSON.stringify(before.get(key)));
    if (!moved.length) return;
    const board = tiles()[0].dataset.board;
    tiles().forEach((tile) => window.dash_clientside.set_props(
      JSON.parse(tile.id), { style: styleOf(places.get(tile.dataset.tile)) }));
    const told = moved.map(([key, { x, y, w, h }]) => [key, [x, y, w, h]]);
    window.picholine_press("boards-pressed", {
      action: "layout", id: Number(board), places: Object.fromEntries(told),
    });
  }

  function say({ x, y, w, h }) {
    const values = { column: x + 1, row: y + 1, width: w, height: h };
    desk.say(Object.entries(values).reduce(
      (text, [name, value]) => text.replace(`{${name}}`, value), grid().dataset.said));
  }

  const measured = () => window.dispatchEvent(new Event("resize"));
  const gripOf = (node) => node instanceof Element && node.closest(".board-grip, .board-corner");
  const isNarrow = () => getComputedStyle(grid()).gridTemplateColumns.split(" ").length < COLUMNS;

  /* By pointer --------------------------------------------------------------------------------- */
  document.addEventListener("pointerdown", (event) => {
    const grip = gripOf(event.target);
    if (!grip || event.button || isNarrow()) return;
    event.preventDefault();
    grip.focus({ preventScroll: true });
    const tile = desk.tileOf(grip);
    const key = tile.dataset.tile;
    const sizes = grip.classList.contains("board-corner");
    const before = layout();
    const start = before.get(key);
    const main = document.getElementById("main");
    const gap = parseFloat(getComputedStyle(grid()).rowGap);
    const across = (grid().clientWidth + gap) / COLUMNS;
    const along = parseFloat(getComputedStyle(grid()).gridAutoRows) + gap;
    const from = { x: event.clientX, y: event.clientY + main.scrollTop };
    let places = before;
    grip.setPointerCapture(event.pointerId);
    tile.setAttribute("data-moving", "");

    function follow(move) {
      if (move.clientY > innerHeight - EDGE) main.scrollTop += EDGE / 4;
      else if (move.clientY < EDGE * 2) main.scrollTop -= EDGE / 4;
      const dx = Math.round((move.clientX - from.x) / across);
      const dy = Math.round((move.clientY + main.scrollTop - from.y) / along);
      const wanted = sizes
        ? { ...start, w: clamp(start.w + dx, LEAST, COLUMNS - start.x), h: start.h + dy }
        : { ...start, x: start.x + dx, y: start.y + dy };
      places = arranged(before, key, wanted);
      show(places);
    }

    function leave(event) {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopImmediatePropagation();
      places = before;
      show(before);
      grip.releasePointerCapture(grip.pointer);
    }

    grip.pointer = event.pointerId;
    grip.addEventListener("pointermove", follow);
    document.addEventListener("keydown", leave, true);
    grip.addEventListener("lostpointercapture", () => {
      grip.removeEventListener("pointermove", follow);
      document.removeEventListener("keydown", leave, true);
      tile.removeAttribute("data-moving");
      keep(before, places);
      say(places.get(key));
      measured();
    }, { once: true });
  });

  /* By the arrows: what follows quickly is one step. --------------------------------------------- */
  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  let waiting = null; // { before, timer }

  function settle() {
    if (!waiting) return;
    clearTimeout(waiting.timer);
    const { before } = waiting;
    waiting = null;
    keep(before, layout());
    measured();
  }

  document.addEventListener("keydown", (event) => {
    const grip = gripOf(event.target);
    const step = STEPS[event.key];
    if (!grip || !step || event.ctrlKey || event.metaKey || event.altKey || isNarrow()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const key = desk.tileOf(grip).dataset.tile;
    const now = layout();
    const start = now.get(key);
    const sizes = event.shiftKey || grip.classList.contains("board-corner");
    const [dx, dy] = step;
    const places = arranged(now, key, sizes
      ? { ...start, w: clamp(start.w + dx, LEAST, COLUMNS - start.x), h: start.h + dy }
      : { ...start, x: start.x + dx, y: start.y + passing(now, key, dy) });
    if (waiting) clearTimeout(waiting.timer);
    waiting = { before: waiting ? waiting.before : now, timer: setTimeout(settle, PAUSE_MS) };
    show(places);
    say(places.get(key));
    desk.tileOf(grip).scrollIntoView({ block: "nearest" });
  }, true);
  document.addEventListener("focusout", (event) => { if (gripOf(event.target)) settle(); });

  /* How far up or down the nearest tile in the way is passed. */
  function passing(now, key, sign) {
    if (!sign) return 0;
    const place = now.get(key);
    const ways = [...now].filter(([other, there]) => other !== key && beside(place, there))
      .map(([, there]) => there);
    if (sign < 0) {
      const over = ways.filter((there) => there.y + there.h <= place.y).sort((a, b) => b.y - a.y)[0];
      return over ? over.y - place.y : -1;
    }
    const under = ways.filter((there) => there.y >= place.y + place.h).sort((a, b) => a.y - b.y)[0];
    return under ? under.y + under.h - place.y - place.h : 1;
  }
})();
