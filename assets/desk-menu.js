/* Menus: one that opens at a place (context menus, the menu of a phone), and the menu bar. */
(function () {
  "use strict";
  const desk = window.picholine.desk;
  const { element } = desk;
  let bar = null; // { item, layer } of the menu bar's open menu
  let before = null; // where the keyboard was before it went to the bar
  let typed = { text: "", at: 0 };

  const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  /* An entry: { text, keys, icon, checked, enabled, section, act }; a title: { title }. */
  function entryOf(item, choose) {
    if (item.title) return element("div", "menu-title", item.title, { role: "presentation" });
    const kind = item.checked === null || item.checked === undefined ? "menuitem" : "menuitemradio";
    const mark = element("span", "menu-mark", item.checked ? desk.iconOf("check")
      : item.icon ? desk.iconOf(item.icon) : "");
    const made = element("button", "menu-item", [mark, element("span", "menu-text", item.text)],
      { type: "button", role: kind, tabindex: "-1" });
    if (kind !== "menuitem") made.setAttribute("aria-checked", String(item.checked));
    if (item.keys) made.append(element("kbd", "", item.keys));
    if (item.enabled === false) made.setAttribute("aria-disabled", "true");
    else made.addEventListener("click", (event) => choose(item, event));
    return made;
  }

  function listed(items, choose) {
    const nodes = [];
    items.forEach((item, place) => {
      if (place && !items[place - 1].title && item.section !== items[place - 1].section) {
        nodes.push(element("div", "menu-line", null, { role: "separator" }));
      }
      nodes.push(entryOf(item, choose));
    });
    return nodes;
  }

  /* Open a menu beside a node or at a point; items as above. */
  function popup(items, place, options = {}) {
    typed = { text: "", at: 0 }; // what was typed in another menu is no beginning here
    const box = element("div", "menu desk-menu", null, { role: "menu", tabindex: "-1" });
    if (options.label) box.setAttribute("aria-label", options.label);
    const layer = desk.openLayer(box, () => {
      box.remove();
      if (options.closed) options.closed();
    });
    layer.light = true;
    layer.own = options.own;
    if (options.back) layer.back = options.back;
    box.append(...listed(items, (item, event) => {
      desk.closeLayer(layer);
      item.act(event);
    }));
    document.body.append(box);
    const from = place instanceof Element ? place.getBoundingClientRect() : null;
    const { width, height } = box.getBoundingClientRect();
    const x = from ? from.left : place.x;
    const y = from ? from.bottom + 4 : place.y;
    box.style.left = Math.max(4, Math.min(x, innerWidth - width - 4)) + "px";
    box.style.top = Math.max(4, Math.min(y, innerHeight - height - 4)) + "px";
    box.addEventListener("keydown", (event) => move(event, box, layer, options));
    box.addEventListener("mousemove", (event) => {
      const item = event.target.closest(".menu-item");
      if (item && item !== document.activeElement) item.focus({ preventScroll: true });
    });
    (entries(box)[options.last ? entries(box).length - 1 : 0] || box).focus();
    return layer;
  }

  const entries = (box) => [...box.querySelectorAll(".menu-item")];

  function move(event, box, layer, options) {
    const all = entries(box);
    const place = all.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const goal = { Home: 0, PageUp: 0, End: all.length - 1, PageDown: all.length - 1 }[event.key];
    if (step) all[(place + step + all.length) % all.length].focus();
    else if (goal !== undefined) all[goal].focus();
    else if (event.key === "Tab") desk.closeLayer(layer);
    else if (event.key.startsWith("Arrow") && options.aside) options.aside(event.key);
    else if (event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey) {
      begin(all, place, event.key);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /* What is typed goes to the next entry that begins so. */
  function begin(all, place, key) {
    const now = Date.now();
    typed = { text: now - typed.at < 700 ? typed.text + key : key, at: now };
    const start = typed.text.length > 1 ? place : place + 1;
    const turned = [...all.slice(start), ...all.slice(0, start)];
    const found = turned.find((one) =>
      folded(one.querySelector(".menu-text").textContent).startsWith(folded(typed.text)));
    if (found) found.focus();
  }

  /* An action of the register as an entry. */
  function itemOf(action) {
    return {
      text: desk.text(action), keys: action.keys ? desk.keyText(action.keys[0]) : "",
      icon: action.icon, checked: desk.checked(action), enabled: desk.enabled(action),
      section: `${action.menu}.${action.section || 0}`,
      act: (event) => desk.run(action.key, event),
    };
  }

  const itemsOf = (menu) => desk.actions().filter((action) => action.menu === menu)
    .sort((one, other) => (one.section || 0) - (other.section || 0)).map(itemOf);

  /* The bar ------------------------------------------------------------------------------------ */
  const items = () => [...document.querySelectorAll("#desk-menubar .menubar-item")];

  function openBar(item, last) {
    const back = bar ? bar.back : document.activeElement;
    if (bar) desk.closeLayer(bar.layer, true);
    item.setAttribute("aria-expanded", "true");
    const found = itemsOf(item.dataset.menu);
    const layer = popup(found.length ? found : [{ text: desk.word("nothing"), enabled: false }], item, {
      label: item.textContent, own: item, last,
      back: back && back.closest("#desk-menubar") ? item : back,
      aside: (key) => openBar(beside(item, key === "ArrowRight" ? 1 : -1)),
      closed: () => {
        item.setAttribute("aria-expanded", "false");
        bar = null;
      },
    });
    bar = { item, layer, back };
    rove(item);
  }

  function leaveBar() {
    const back = before && before.isConnected && before !== document.body ? before : null;
    (back || document.getElementById("main")).focus({ preventScroll: true });
    before = null;
  }

  function beside(item, step) {
    const all = items();
    return all[(all.indexOf(item) + step + all.length) % all.length];
  }

  function rove(item) {
    items().forEach((other) => { other.tabIndex = other === item ? 0 : -1; });
  }

  const narrow = () => {
    const button = document.getElementById("desk-menu-button");
    return button && button.offsetParent ? button : null;
  };

  /* On a narrow window all menus stand in one, under their names. */
  function openAll(button) {
    const all = desk.data().menus.flatMap(([menu, title]) => {
      const found = itemsOf(menu).filter((item) => item.enabled);
      return found.length ? [{ title, section: menu }, ...found] : [];
    });
    button.setAttribute("aria-expanded", "true");
    popup(all, button, {
      label: desk.word("menu"), own: button, back: button,
      closed: () => button.setAttribute("aria-expanded", "false"),
    });
  }

  desk.functions.menuBar = function () {
    if (narrow()) { openAll(narrow()); return; }
    const first = items()[0];
    before = document.activeElement;
    rove(first);
    first.focus();
  };

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    const item = target.closest(".menubar-item");
    if (item) {
      if (bar && bar.item === item) desk.closeLayer(bar.layer);
      else openBar(item);
    } else if (target.closest("#desk-menu-button")) {
      const button = narrow();
      if (button.getAttribute("aria-expanded") === "true") desk.closeLayer(desk.layers.at(-1));
      else openAll(button);
    }
  });

  document.addEventListener("mouseover", (event) => {
    const item = bar && event.target instanceof Element && event.target.closest(".menubar-item");
    if (item && item !== bar.item) openBar(item);
  });

  document.addEventListener("keydown", (event) => {
    const item = event.target instanceof Element && event.target.closest(".menubar-item");
    if (!item || desk.layers.some((layer) => !layer.soft)) return;
    if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      const next = beside(item, event.key === "ArrowRight" ? 1 : -1);
      rove(next);
      next.focus();
    } else if (["ArrowDown", "ArrowUp"].includes(event.key)) openBar(item, event.key === "ArrowUp");
    else if (event.key === "Escape") leaveBar();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);

  Object.assign(desk, { popup, itemsOf, itemOf, folded });
})();
