/* The filter bar: a pick changes in the URL what was picked and nothing else, at once. The server
   describes the URL, and a description that another pick has overtaken is left aside. */
(function () {
  "use strict";
  const { navigate, propsOf, isEdited, own } = window.picholine.controls;
  const DATES = { "filter-from": "from", "filter-to": "to" };
  const CUSTOM = "custom";
  const seen = {}; // id → value of a list, as a person or a description left it last
  let described = null;
  let ownLists = [];

  const OWN_LIST = "filter-own."; // of a company's own dimension; its component's id has parts
  const spec = () => propsOf("filter-spec").data;
  const isOwn = (id) => id.startsWith(OWN_LIST);
  const idOf = (id) => (isOwn(id) ? { type: "filter-own", key: id.slice(OWN_LIST.length) } : id);
  const isThere = (id) => Boolean(window.dash_component_api.getLayout(idOf(id)));
  const same = (one, other) => JSON.stringify(one || []) === JSON.stringify(other || []);

  function isDay(text) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
    const day = new Date(text + "T00:00:00Z");
    return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
  }

  /* What the URL says, by the rules of `parse_filters`; what cannot be read counts as absent. */
  function read() {
    const { period, compare, dimensions: shipped, own: mark, without, cross } = spec();
    const pairs = [...new URLSearchParams(location.search)].filter(([, value]) => value !== "");
    const isMarked = (name) =>
      [mark, without, cross].some((one) => name.startsWith(one) && name !== one);
    const marked = [...new Set(pairs.map(([name]) => name).filter(isMarked))];
    const dimensions = [...shipped, ...marked];
    const all = (name) => pairs.filter(([key]) => key === name).map(([, value]) => value);
    const last = (name, allowed) => all(name).filter(allowed).pop();
    const from = last("from", isDay);
    const to = last("to", isDay);
    const names = ["period", "from", "to", "compare", ...dimensions];
    return {
      period: last("period", (v) => period.includes(v)) || (from || to ? CUSTOM : period[0]),
      from,
      to,
      compare: last("compare", (v) => compare.includes(v)) || compare[0],
      values: Object.fromEntries(dimensions.map((key) => [key, [...new Set(all(key))]])),
      others: pairs.filter(([key]) => !names.includes(key)),
    };
  }

  /* The pairs by the rules of `FilterState.to_pairs`, then those of the page itself. */
  function written(state) {
    const { period, compare, dimensions: shipped } = spec();
    const marked = Object.keys(state.values).filter((name) => !shipped.includes(name)).sort();
    const dimensions = [...shipped, ...marked];
    const pairs = [];
    if (state.period !== period[0]) pairs.push(["period", state.period]);
    if (state.period === CUSTOM) {
      ["from", "to"].filter((key) => state[key]).forEach((key) => pairs.push([key, state[key]]));
    }
    if (state.compare !== compare[0]) pairs.push(["compare", state.compare]);
    dimensions.forEach((key) => state.values[key].forEach((value) => pairs.push([key, value])));
    return [...pairs, ...state.others];
  }

  /* Own days start from the period that was shown before. */
  function withDays(state) {
    const [from, to] = (described && described.span) || [];
    return { ...state, period: CUSTOM, from: state.from || from, to: state.to || to };
  }

  function changed(state, name, before, value) {
    if (name === "period") return value === CUSTOM ? withDays(state) : { ...state, period: value };
    if (name === "compare") return { ...state, compare: value };
    const gone = (before || []).filter((one) => !(value || []).includes(one));
    const kept = (state.values[name] || []).filter((one) => !gone.includes(one));
    const added = (value || []).filter((one) => !(before || []).includes(one));
    return { ...state, values: { ...state.values, [name]: [...new Set([...kept, ...added])] } };
  }

  /* A list has another value: a person's pick where no description has put it there. */
  function pick(...values) {
    const { lists } = spec();
    const own = window.dash_clientside.callback_context.inputs_list[lists.length];
    const ids = [...lists, ...own.map(({ id }) => OWN_LIST + id.key)];
    const now = [...values.slice(0, lists.length), ...values[lists.length]];
    drawn(ids.filter(isOwn));
    const picks = ids
      .map((id, place) => ({ id, name: id.slice("filter-".length), value: now[place] }))
      .filter(({ id, value }) => !same(seen[id], value));
    let state = read();
    picks.forEach(({ id, name, value }) => {
      state = changed(state, name, seen[id], value);
      seen[id] = value;
    });
    if (picks.length) {
      navigate(written(state));
      show(described);
    }
    return window.dash_clientside.no_update;
  }

  /* Lists of own dimensions come and go with their definitions; then all of them are drawn anew,
     without a value, which is nobody's pick. */
  function drawn(ids) {
    if (same([...ids].sort(), [...ownLists].sort())) return;
    [...ids, ...ownLists].forEach((id) => delete seen[id]);
    ownLists = ids;
    show(described);
  }

  function sendDay(control) {
    const state = read();
    const name = DATES[control.id];
    if (!control.value || (state.period === CUSTOM && state[name] === control.value)) {
      restoreDay(control); // a date that cannot be read changes nothing
      return;
    }
    navigate(written(withDays({ ...state, [name]: control.value })));
  }

  function restoreDay(control) {
    const value = read()[DATES[control.id]] || null;
    if (propsOf(control.id).value !== value) {
      window.dash_clientside.set_props(control.id, { value });
    }
  }

  own({ owns: (control) => control.id in DATES, send: sendDay, restore: restoreDay });

  /* Values and options travel together: a list drops a value without its option. */
  function show(found) {
    described = found;
    // Of another URL by now: the description of this one is on its way.
    if (!found || (found.search || "") !== (propsOf("url").search || "")) return;
    Object.entries(found.values).forEach(([id, value]) => {
      if (!isThere(id)) return; // the list of an own dimension that is not drawn yet
      const now = propsOf(idOf(id)).value;
      if (id in DATES ? isEdited(id) : !same(now, seen[id])) return; // just picked: see `pick`
      const options = found.options[id];
      if (!(id in DATES)) seen[id] = value;
      if (isOwn(id) && !ownLists.includes(id)) ownLists = [...ownLists, id];
      window.dash_clientside.set_props(idOf(id), options ? { options, value } : { value });
    });
  }

  function follow(found) {
    show(found);
    return window.dash_clientside.no_update;
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    picholine_filters: { pick, follow },
  });
})();
