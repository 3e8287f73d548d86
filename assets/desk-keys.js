/* Keys: the register's shortcuts, one after the other where two belong together; the map of them;
   arrows between tiles. Nothing acts while somebody types. */
(function () {
  "use strict";
  const desk = window.picholine.desk;
  const { element, word } = desk;
  const PENDING_MS = 2500;
  const TYPED = "input:not([type=checkbox]):not([type=radio]):not([type=button]), textarea, select, "
    + "[contenteditable=true], .dash-dropdown-content, .dash-dropdown[aria-expanded=true]"; // a list
  // that is opening has no field yet, and what is typed is meant for it
  let pending = null; // { key, timer }

  /* In a cell that can be edited a letter begins the edit. */
  function isEditable(cell) {
    const root = cell.closest(".ag-root-wrapper").closest("[id]");
    try {
      const api = window.dash_ag_grid.getApi(root.id);
      const row = api.getDisplayedRowAtIndex(Number(cell.closest(".ag-row").getAttribute("row-index")));
      return api.getColumn(cell.getAttribute("col-id")).isCellEditable(row);
    } catch {
      return true; // of a grid nobody knows: its keys are its own
    }
  }

  function isTyping(target) {
    if (!(target instanceof Element)) return false;
    const cell = target.closest(".ag-cell");
    return Boolean(target.closest(TYPED)) || Boolean(cell && isEditable(cell));
  }

  /* A key as the register spells it: a sign by itself, or with what is held. */
  function spelled(event) {
    const mod = desk.MAC ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
    const held = event.ctrlKey || event.metaKey || event.altKey;
    const name = event.key.length === 1 ? event.key.toUpperCase() : event.key;
    if (!held && event.key.length === 1) return event.shiftKey && name !== event.key.toLowerCase()
      && /[A-Z]/.test(event.key) ? "Shift+" + name : event.key;
    return [mod && "Mod", event.shiftKey && "Shift", event.altKey && "Alt", name]
      .filter(Boolean).join("+");
  }

  function settle() {
    if (!pending) return;
    clearTimeout(pending.timer);
    pending.hint.remove();
    pending = null;
  }

  function begin(key) {
    settle();
    const hint = element("div", "desk-pending", word("keysPending", { key }), { role: "status" });
    document.body.append(hint);
    pending = { key, hint, timer: setTimeout(settle, PENDING_MS) };
  }

  const keysOf = (action) => action.keys || [];

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.repeat && pending) return;
    if (["Control", "Shift", "Alt", "Meta", "Dead"].includes(event.key)) return;
    const key = spelled(event);
    const held = event.ctrlKey || event.metaKey;
    const covered = desk.layers.some((layer) => !layer.soft) || document.querySelector("dialog[open], .drill-menu");
    if (covered || (isTyping(event.target) && !(held && key === "Mod+K") && key !== "F1")) { settle(); return; }
    if (pending && event.key === "Escape") { settle(); event.preventDefault(); return; }
    const wanted = pending ? `${pending.key} ${key}` : key;
    const found = desk.actions().find((action) => keysOf(action).includes(wanted));
    const begins = !pending && desk.actions().some((action) =>
      keysOf(action).some((keys) => keys.startsWith(key + " ")));
    settle();
    if (begins) begin(key);
    else if (!found || !desk.run(found.key, event)) return;
    event.preventDefault();
    event.stopPropagation();
  });

  /* The map ------------------------------------------------------------------------------------ */
  function row(label, keys) {
    const some = keys.length > 3 ? [keys[0], "…", keys[keys.length - 1]] : keys;
    const shown = some.map((one) => element("kbd", "", /^[a-z] .$/.test(one)
      ? one.replace(" ", ` ${word("keysThen")} `) : desk.keyText(one)));
    return element("div", "keys-row", [element("dt", "", label), element("dd", "", shown)]);
  }

  function group(title, rows) {
    return element("section", "keys-group", [element("h3", "", title), element("dl", "", rows)]);
  }

  desk.functions.keys = function () {
    const named = desk.actions().filter((action) => keysOf(action).length);
    const groups = [...desk.data().menus, ["tile", word("tile")]].map(([menu, title]) => {
      const found = named.filter((action) => action.menu === menu);
      return found.length && group(title, found.map((a) => row(a.label, keysOf(a))));
    });
    const menuless = named.filter((action) => !action.menu).map((a) => row(a.label, keysOf(a)));
    const always = group(word("keysElse"), [
      row(word("keysArrows"), ["← ↑ ↓ →"]), row(word("keysEnter"), ["Enter"]),
      row(word("keysEscape"), ["Esc"]), ...menuless,
    ]);
    const close = element("button", "icon-button", desk.iconOf("close"),
      { type: "button", "aria-label": word("close") });
    const head = element("header", "keys-head", [
      element("h2", "", word("keysTitle"), { id: "keys-title" }), close]);
    const box = element("div", "desk-box keys-map", [
      head, element("div", "keys-groups", [...groups.filter(Boolean), always])], {
      role: "dialog", "aria-modal": "true", "aria-labelledby": "keys-title", tabindex: "-1" });
    const holder = element("div", "desk-cover", box);
    const layer = desk.openLayer(holder, () => holder.remove());
    document.body.append(holder);
    close.addEventListener("click", () => desk.closeLayer(layer));
    holder.addEventListener("pointerdown", (event) => {
      if (event.target === holder) desk.closeLayer(layer);
    });
    holder.addEventListener("keydown", (event) => {
      if (event.key === "Tab") { event.preventDefault(); close.focus(); }
    });
    box.focus();
  };

  /* Tiles: one of them is reached by Tab, arrows go to its neighbours, Enter goes into it. -------- */
  const tiles = () => [...document.querySelectorAll(".slot:not([hidden]) .panel")]
    .filter((panel) => panel.offsetParent);
  const tileOf = (node) => node instanceof Element && node.closest(".panel");
  desk.conditions.tiles = () => tiles().length > 0;

  function focusTile(tile) {
    tiles().forEach((other) => { other.tabIndex = other === tile ? 0 : -1; });
    tile.focus({ preventScroll: true });
    tile.scrollIntoView({ block: "nearest" });
  }

  desk.functions.tile = function (step) {
    const all = tiles();
    const place = all.indexOf(tileOf(document.activeElement));
    const next = place < 0 ? (step > 0 ? 0 : all.length - 1) : place + Number(step);
    focusTile(all[Math.max(0, Math.min(all.length - 1, next))]);
  };

  /* The nearest tile that lies in the direction of an arrow. */
  function neighbour(tile, key) {
    const from = tile.getBoundingClientRect();
    const across = key === "ArrowLeft" || key === "ArrowRight";
    const sign = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
    const distance = (other) => {
      const to = other.getBoundingClientRect();
      const along = across
        ? sign * (to.left + to.width / 2 - from.left - from.width / 2)
        : sign * (to.top - from.top);
      const aside = across ? Math.abs(to.top - from.top)
        : Math.abs(to.left + to.width / 2 - from.left - from.width / 2);
      return along > 8 && (!across || aside < from.height) ? along + aside * 2 : Infinity;
    };
    const found = tiles().filter((other) => other !== tile)
      .map((other) => [distance(other), other]).sort((a, b) => a[0] - b[0])[0];
    return found && found[0] < Infinity ? found[1] : null;
  }

  const INSIDE = ".ag-cell[tabindex], .ag-header-cell[tabindex], a[href], button:not([hidden]), "
    + "summary, [tabindex='0']";

  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!(target instanceof Element) || isTyping(target) || desk.layers.some((layer) => !layer.soft)) return;
    const tile = tileOf(target);
    if (!tile) return;
    if (event.key === "Escape" && target !== tile && !tile.hasAttribute("data-large")) {
      if (!document.querySelector(".drill-menu, dialog[open], details.menu-holder[open]")) focusTile(tile);
    } else if (target === tile && event.key.startsWith("Arrow")) {
      const next = neighbour(tile, event.key);
      if (next) focusTile(next);
      event.preventDefault();
    } else if (target === tile && event.key === "Enter") {
      const body = tile.querySelector(".panel-body");
      const first = [...body.querySelectorAll(INSIDE), ...tile.querySelectorAll(INSIDE)]
        .find((node) => node.offsetParent);
      if (first) first.focus();
      event.preventDefault();
    }
  });

  Object.assign(desk, { isTyping, spelled, tiles, tileOf, focusTile });
})();
