/* Undo and redo over filters (addresses), layout and imports: one stack of steps per window. Going
   back in the browser is an undo too. An import is undone by its own service, after its question. */
(function () {
  "use strict";
  const desk = window.picholine.desk;
  const { word } = desk;
  const MOST = 200;
  const KEPT = "picholine.undo";
  const PRESSED = "import-pressed"; // the store that buttons of imports tell
  let last = null; // { path, search } as it was noted last
  let popped = false;
  let asked = null; // { action, id } of an import that was confirmed and is on its way

  function stacks() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(KEPT));
      if (kept && kept.done && kept.undone) return kept;
    } catch { /* nothing was kept */ }
    return { done: [], undone: [] };
  }

  const keep = (found) => sessionStorage.setItem(KEPT, JSON.stringify(found));

  function push(step) {
    const found = stacks();
    found.done = [...found.done, step].slice(-MOST);
    found.undone = [];
    keep(found);
  }

  /* Move the step on top of one stack to the other. */
  function shift(from, to, step) {
    const found = stacks();
    found[from].pop();
    found[to].push(step);
    keep(found);
  }

  const top = (which) => stacks()[which].at(-1);

  /* Addresses ---------------------------------------------------------------------------------- */
  const pairsOf = (search) => [...new URLSearchParams(search)];
  const holds = (pairs, [name, value]) => pairs.some(([n, v]) => n === name && v === value);
  const without = (pairs, others) => pairs.filter((pair) => !holds(others, pair));

  function note() {
    const now = { path: location.pathname, search: location.search };
    const before = last;
    last = now;
    const back = popped;
    popped = false;
    if (!before || before.path !== now.path || before.search === now.search) return;
    const is = (step, one, other) => step && step.kind === "address" && step.path === now.path
      && step[one] === before.search && step[other] === now.search;
    if (back && is(top("done"), "after", "before")) shift("done", "undone", top("done"));
    else if (back && is(top("undone"), "before", "after")) shift("undone", "done", top("undone"));
    else {
      const step = { kind: "address", path: now.path, before: before.search, after: now.search };
      push({ ...step, label: labelOf(step) });
    }
  }

  function nameOf(name, value) {
    const options = desk.props("filter-" + name.replace(/^(not|cross)\./, "")).options || [];
    const found = options.find((option) => option.value === value);
    if (found) return found.title || String(found.label);
    const chip = [...document.querySelectorAll("#filter-chips a.chip")].find((link) =>
      !holds(pairsOf(link.search), [name, value]) && holds(pairsOf(location.search), [name, value]));
    return chip ? [...chip.childNodes].filter((n) => n.nodeType === Node.TEXT_NODE)
      .map((n) => n.textContent).join("") || value : value;
  }

  function labelOf(step) {
    const names = desk.data().dimensions || {};
    const [before, after] = [pairsOf(step.before), pairsOf(step.after)];
    const changed = [...without(after, before), ...without(before, after)];
    const [name, value] = changed[0] || [];
    if (["period", "from", "to"].includes(name)) return word("stepPeriod");
    if (name === "compare") return word("stepCompare");
    const [, mark, bare] = /^(not\.|cross\.)?(.*)$/.exec(name || "");
    if (!names[bare]) return word("stepView");
    const text = word(holds(after, changed[0]) !== (mark === "not.") ? "stepFilter" : "stepWithout",
      { dimension: names[bare], name: nameOf(name, value) });
    return changed.length > 1 ? text + " …" : text;
  }

  function goTo(step, from, to) {
    const page = desk.openPage();
    const open = location.pathname === step.path;
    if (open && location.search === step[from]) { land(pairsOf(step[to]), step[to]); return; }
    const [before, after] = [pairsOf(step[from]), pairsOf(step[to])];
    const gone = without(before, after);
    const added = without(after, before);
    const shared = [...gone, ...added].every(([name]) => !belongs(step.path, name));
    if (open || (page && page.filters && shared)) {
      const kept = without(pairsOf(location.search), gone);
      land([...kept, ...without(added, kept)]);
    } else {
      last = { path: step.path, search: step[to] };
      desk.go(step.path + step[to]);
    }
  }

  function belongs(path, name) {
    const page = (desk.props("shell-pages").data || []).find(({ key }) => "/" + key === path);
    return Boolean(page && page.own.includes(name));
  }

  function land(pairs) {
    const text = new URLSearchParams(pairs).toString();
    last = { path: location.pathname, search: text ? "?" + text : "" };
    window.picholine.controls.navigate(pairs);
  }

  document.addEventListener("desk-routed", note);
  window.addEventListener("popstate", () => { popped = true; }, true);

  /* Imports: asked for by their question; the step moves when the data have changed. -------------- */
  const inverse = { import: "undo", redo: "undo", undo: "redo" };

  function askImport(id, action) {
    window.picholine_press(PRESSED, { action: "ask-" + action, id });
  }

  document.addEventListener("picholine-press", ({ detail: { store, press } }) => {
    if (store === PRESSED && ["undo", "redo"].includes(press.action)) asked = press;
  });

  function importChanged() {
    if (!asked) return;
    const { id, action } = asked;
    asked = null;
    const [done, undone] = [top("done"), top("undone")];
    const is = (step) => step && step.kind === "import" && String(step.id) === String(id);
    if (is(done) && inverse[done.action] === action) shift("done", "undone", done);
    else if (is(undone) && inverse[undone.action] !== action) shift("undone", "done", undone);
    else push({ kind: "import", id, action, label: word("stepImport", { name: id }) });
  }

  document.addEventListener("picholine-imported", async ({ detail: { job } }) => {
    try {
      const answer = await fetch(`/desk/imported/${job}`, { cache: "no-store" });
      const { imports } = await answer.json();
      imports.forEach(({ id, name }) =>
        push({ kind: "import", id, action: "import", label: word("stepImport", { name }) }));
    } catch { /* the list of imports has its own buttons */ }
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    picholine_desk: Object.assign({}, (window.dash_clientside || {}).picholine_desk, {
      importChanged: function () {
        importChanged();
        return window.dash_clientside.no_update;
      },
    }),
  });

  /* The two actions ---------------------------------------------------------------------------- */
  function turn(from, to, one, other, said) {
    const step = top(from);
    if (!step) return;
    if (step.kind === "import") {
      const undoing = from === "done";
      const action = undoing ? inverse[step.action] : inverse[inverse[step.action]];
      askImport(step.id, action);
      return;
    }
    shift(from, to, step);
    if (step.kind === "address") goTo(step, one, other);
    else if (desk.stepKinds[step.kind]) desk.stepKinds[step.kind](step[other === "before" ? "before" : "after"], step);
    else desk.applyLayout(step.name, step[other === "before" ? "before" : "after"]);
    desk.say(word(said, { step: step.label }));
  }

  desk.functions.undo = () => turn("done", "undone", "after", "before", "undone");
  desk.functions.redo = () => turn("undone", "done", "before", "after", "redone");
  const state = (which, name) => ({
    enabled: () => Boolean(top(which)),
    text: (action) => (top(which) ? word(name, { step: top(which).label }) : action.label),
  });
  desk.states["edit.undo"] = state("done", "undoStep");
  desk.states["edit.redo"] = state("undone", "redoStep");
  /* To another address that is no step: of another tab. */
  desk.jump = function (address) {
    const [path, search] = [address.split("?")[0], address.slice(address.split("?")[0].length)];
    last = { path, search };
    desk.go(address);
  };
  desk.pushLayout = (name, before, after, label) => push({ kind: "layout", name, before, after, label });
  desk.pushStep = push; // of another kind, which a script has said how to do
  desk.stepKinds = {}; // kind → what puts things into a state before or after a step
  desk.steps = stacks;
})();
