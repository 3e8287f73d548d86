/* The search over everything: commands and pages from the register, the rest from the server. An
   answer to an older text is dropped; what was chosen lately comes first. */
(function () {
  "use strict";
  const desk = window.picholine.desk;
  const { element, word } = desk;
  const PAUSE_MS = 90;
  const RECENT = 8;
  const KEPT = "picholine.recent";
  const answers = new Map(); // text → hits, as long as the page is open
  let shown = null; // { layer, box, input, list, items, place, asked }

  function recent() {
    try { return JSON.parse(localStorage.getItem(KEPT)) || []; } catch { return []; }
  }

  function remember(item) {
    const kept = { id: item.id, hit: item.hit };
    const others = recent().filter((one) => one.id !== item.id);
    localStorage.setItem(KEPT, JSON.stringify([kept, ...others].slice(0, RECENT)));
  }

  /* How well a label answers a text, and which of its letters do; null where it does not. A run of
     letters and the beginnings of words count most. */
  function match(label, wanted) {
    const text = desk.folded(label);
    if (text.length !== label.length) return text.includes(wanted) ? { score: 1, marks: [] } : null;
    const whole = text.indexOf(wanted);
    if (whole >= 0) {
      const begins = whole === 0 ? 60 : /[\s’'(-]/.test(text[whole - 1]) ? 40 : 15;
      const marks = [...wanted].map((_letter, n) => whole + n);
      return { score: 100 + begins - label.length / 10, marks };
    }
    const marks = [];
    let from = 0;
    let score = 0;
    for (const letter of wanted.replaceAll(" ", "")) {
      const place = text.indexOf(letter, from);
      if (place < 0) return null;
      if (place === from && from) score += 4;
      else if (place === 0 || /[\s’'(-]/.test(text[place - 1])) score += 6;
      else score -= 2;
      marks.push(place);
      from = place + 1;
    }
    return score > 0 ? { score: score - label.length / 10, marks } : null;
  }

  function ofAction(action) {
    return {
      id: "action:" + action.key, label: desk.text(action), icon: action.icon || "start",
      kind: word(action.menu === "go" ? "page" : "command"),
      keys: action.keys ? desk.keyText(action.keys[0]) : "", act: () => desk.run(action.key),
    };
  }

  function ofHit(hit) {
    const [name, value] = hit.filters || [];
    return {
      id: "hit:" + (name ? name + "=" + value : hit.address), hit, label: hit.label, icon: hit.icon,
      kind: hit.kind, detail: hit.detail,
      act: () => (name ? desk.filterTo(name, value)
        : hit.whole ? desk.go(hit.address) : desk.goFiltered(hit.address)),
      other: name && hit.address ? () => desk.goFiltered(hit.address) : null,
    };
  }

  const offered = () => desk.actions()
    .filter((action) => action.key !== "edit.search" && action.menu !== "tile" && desk.enabled(action))
    .map(ofAction);

  function found(text) {
    const wanted = desk.folded(text).trim();
    const lately = recent().map((one) => one.id);
    if (!wanted) {
      const all = offered();
      const last = recent().map((one) =>
        (one.hit ? ofHit(one.hit) : all.find((item) => item.id === one.id))).filter(Boolean);
      return [...last.map((item) => ({ ...item, lately: true })),
        ...all.filter((item) => !lately.includes(item.id))];
    }
    const hits = (answers.get(wanted) || []).map((hit, place) => ({ ...ofHit(hit), place }));
    return [...offered(), ...hits].map((item) => {
      const how = match(item.label, wanted)
        || (item.hit ? { score: 20 - item.place / 10, marks: [] } : null);
      if (!how) return null;
      const first = lately.indexOf(item.id);
      const score = how.score - (item.place || 0) / 10 + (first < 0 ? 0 : 30 - first);
      return { ...item, marks: how.marks, score };
    }).filter(Boolean).sort((a, b) => b.score - a.score).slice(0, 40);
  }

  /* Drawing ------------------------------------------------------------------------------------ */
  function marked(label, marks) {
    const made = element("span", "palette-label");
    let run = "";
    let on = false;
    const flush = () => {
      if (run) made.append(on ? element("mark", "", run) : run);
      run = "";
    };
    [...label].forEach((letter, place) => {
      const now = (marks || []).includes(place);
      if (now !== on) flush();
      on = now;
      run += letter;
    });
    flush();
    return made;
  }

  function optionOf(item, place) {
    const parts = [desk.iconOf(item.icon), marked(item.label, item.marks)];
    if (item.detail) parts.push(element("span", "palette-detail", item.detail));
    parts.push(element("span", "palette-kind", item.lately ? word("searchRecent") : item.kind));
    if (item.keys) parts.push(element("kbd", "", item.keys));
    const made = element("div", "palette-item", parts,
      { role: "option", id: `palette-${place}`, "aria-selected": "false" });
    made.addEventListener("click", () => choose(place));
    made.addEventListener("mousemove", () => { if (shown.place !== place) point(place); });
    return made;
  }

  function point(place) {
    const nodes = [...shown.list.querySelectorAll(".palette-item")];
    shown.place = nodes.length ? (place + nodes.length) % nodes.length : -1;
    nodes.forEach((node, n) => node.setAttribute("aria-selected", String(n === shown.place)));
    if (shown.place < 0) { shown.input.removeAttribute("aria-activedescendant"); return; }
    shown.input.setAttribute("aria-activedescendant", `palette-${shown.place}`);
    nodes[shown.place].scrollIntoView({ block: "nearest" });
  }

  function draw(waiting) {
    const text = shown.input.value;
    const before = shown.moved && shown.items[shown.place] && shown.items[shown.place].id;
    shown.items = found(text);
    shown.list.replaceChildren(...shown.items.map(optionOf));
    if (!shown.items.length && !waiting) {
      shown.list.append(element("p", "palette-none", word("searchNone", { text })));
    }
    // What the keyboard stands on stays under it when an answer comes.
    const place = before ? shown.items.findIndex((item) => item.id === before) : 0;
    point(Math.max(0, place));
  }

  function choose(place, other) {
    const item = shown.items[place];
    if (!item || (other && !item.other)) return;
    desk.closeLayer(shown.layer);
    remember(item);
    if (other) item.other();
    else item.act();
  }

  /* Asking ------------------------------------------------------------------------------------- */
  async function ask(text) {
    const wanted = desk.folded(text).trim();
    const mine = shown;
    const turn = (mine.asked += 1);
    if (!wanted || answers.has(wanted)) { draw(false); return; }
    draw(true);
    await new Promise((done) => setTimeout(done, PAUSE_MS));
    if (shown !== mine || mine.asked !== turn) return;
    try {
      const answer = await fetch("/desk/find?" + new URLSearchParams({ q: text.trim() }));
      if (!answer.ok) throw new Error(String(answer.status));
      answers.set(wanted, (await answer.json()).hits);
    } catch {
      if (shown === mine && mine.asked === turn) desk.say(word("searchFailed"));
    }
    if (shown === mine && mine.asked === turn) draw(false);
  }

  function keys(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step) {
      const last = shown.items.length - 1;
      shown.moved = true;
      point(Math.abs(step) > 1 ? Math.max(0, Math.min(last, shown.place + step)) : shown.place + step);
    } else if (event.key === "Enter" && !event.isComposing) choose(shown.place, event.altKey);
    else if (event.key !== "Tab") return;
    event.preventDefault();
    event.stopPropagation();
  }

  function open() {
    if (shown) return;
    answers.clear(); // what was found is of one state of the data
    const input = element("input", "palette-input", null, {
      type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list",
      "aria-autocomplete": "list", "aria-label": word("searchLabel"), autocomplete: "off",
      placeholder: word("searchLabel"), spellcheck: "false",
    });
    const list = element("div", "palette-list", null,
      { role: "listbox", id: "palette-list", "aria-label": word("searchLabel") });
    const hint = element("p", "palette-hint", word("searchHint"));
    const box = element("div", "desk-box palette", [
      element("div", "palette-head", [desk.iconOf("search"), input]), list, hint],
    { role: "dialog", "aria-modal": "true", "aria-label": word("searchLabel") });
    const holder = element("div", "desk-cover", box);
    const layer = desk.openLayer(holder, () => {
      holder.remove();
      shown = null;
    });
    shown = { layer, input, list, items: [], place: 0, asked: 0, moved: false };
    document.body.append(holder);
    input.addEventListener("input", () => {
      shown.moved = false;
      ask(input.value);
    });
    input.addEventListener("keydown", keys);
    holder.addEventListener("pointerdown", (event) => {
      if (event.target === holder) desk.closeLayer(layer);
    });
    input.focus();
    draw(false);
  }

  desk.functions.palette = open;
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("#palette-open")) open();
  });
})();
