/* The desk's register in the browser: what can be done, whether it can be done now, doing it; and
   the layers that lie over the page, of which Esc closes the topmost. */
(function () {
  "use strict";
  const MAC = /Mac|iPhone|iPad/.test(navigator.platform);
  const functions = {}; // name → what it does; told what the action says
  const conditions = {}; // name → whether it holds now
  const states = {}; // key of an action → { text(action), checked(action), enabled(action) }
  const layers = []; // { box, close, back }, the topmost last

  const props = (id) => {
    try {
      return window.dash_component_api.getLayout(id).props || {};
    } catch {
      return {}; // there is no such component, or not yet
    }
  };
  const data = () => props("desk-actions").data || { actions: [], menus: [], words: {} };
  const actions = () => data().actions;
  const find = (key) => actions().find((action) => action.key === key);
  const openPage = () => {
    const key = location.pathname === "/" ? "" : location.pathname.split("/")[1];
    const pages = props("shell-pages").data || [];
    return pages.find((page) => page.key === key) || (key ? null : pages[0]);
  };

  function word(name, values) {
    const text = data().words[name] || "";
    return Object.entries(values || {}).reduce(
      (all, [key, value]) => all.replaceAll(`{${key}}`, value), text);
  }

  function state(action, what, otherwise) {
    const own = states[action.key] || states[action.key.split("-")[0]] || {};
    return own[what] ? own[what](action) : otherwise;
  }

  function enabled(action) {
    const page = openPage();
    if (action.pages && !(page && action.pages.includes(page.key))) return false;
    if (action.when && !(conditions[action.when] && conditions[action.when](page))) return false;
    if (action.press && !document.querySelector(action.press)) return false;
    return state(action, "enabled", true);
  }

  const text = (action) => state(action, "text", action.label);
  const checked = (action) => state(action, "checked", null);

  /* An address of this application, without loading it anew. */
  function go(address) {
    history.pushState({}, "", address);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  }

  function run(key, event) {
    const action = find(key);
    if (!action || !enabled(action)) return false;
    document.dispatchEvent(new CustomEvent("desk-ran", { detail: key }));
    if (action.run) functions[action.run](action.told, event);
    else if (action.address) go(action.address);
    else document.querySelector(action.press).click();
    return true;
  }

  /* Keys as they stand on the keyboard of this machine. */
  const SIGNS = MAC
    ? { Mod: "⌘", Shift: "⇧", Alt: "⌥", Enter: "↩" }
    : { Mod: "Ctrl", Shift: "Shift", Alt: "Alt", Enter: "Enter" };
  const keyText = (keys) => (/^[+]$/.test(keys) ? keys : keys.split("+")
    .map((part) => SIGNS[part] || (/^[a-z] /.test(part) ? part : part)).join(MAC ? "" : "+"));

  function element(tag, className, content, attributes) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (content !== undefined && content !== null) made.append(...[].concat(content));
    Object.entries(attributes || {}).forEach(([name, value]) => made.setAttribute(name, value));
    return made;
  }

  const iconOf = (name) => element("span", `i i-${name}`, null, { "aria-hidden": "true" });

  /* Layers: what is opened last is closed first, and gives the keyboard back. */
  function openLayer(box, closed) {
    const layer = { box, closed, back: document.activeElement };
    layers.push(layer);
    return layer;
  }

  function closeLayer(layer, quiet) {
    const place = layers.indexOf(layer);
    if (place < 0) return;
    layers.splice(place, 1);
    layer.closed();
    if (!quiet && layer.back && layer.back.isConnected) layer.back.focus({ preventScroll: true });
  }

  document.addEventListener("keydown", (event) => {
    const top = layers[layers.length - 1];
    if (event.key !== "Escape" || !top || event.isComposing) return;
    if (document.querySelector(".drill-menu, .dash-dropdown-content")) return; // lies higher
    event.preventDefault();
    event.stopImmediatePropagation();
    closeLayer(top);
  }, true);

  document.addEventListener("pointerdown", (event) => {
    const top = layers[layers.length - 1];
    const target = event.target instanceof Element ? event.target : document.body;
    if (top && top.light && !top.box.contains(target) && !(top.own && top.own.contains(target))) {
      closeLayer(top, true);
    }
  }, true);

  function say(words) {
    const holder = document.getElementById("desk-said");
    if (holder) holder.textContent = words;
  }

  window.picholine = Object.assign({}, window.picholine, {
    desk: {
      MAC, props, data, actions, find, openPage, word, enabled, text, checked, go, run, keyText,
      element, iconOf, openLayer, closeLayer, say, layers, functions, conditions, states,
    },
  });
})();
