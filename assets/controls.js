/* Controls whose value lives in the URL. What a person does to them goes into the URL at once,
   from the events that only people cause; what a program fills in never does. So no answer of
   the server, however late, can take away what somebody chose or is typing. */
(function () {
  "use strict";
  const PAUSE_MS = 600; // on its way to a date the keyboard passes other dates
  const FIRST_YEAR = 1000; // 0002, 0020 and 0202 come before 2025
  const owners = []; // { owns(control), send(control), restore(control) }
  const edited = new Set(); // ids of controls with a text that was not sent yet
  const pauses = new Map(); // id of a date → timer

  /* The window comes first: who asks for the location in the same moment finds this change. */
  function navigate(pairs) {
    const text = new URLSearchParams(pairs).toString();
    const search = text ? "?" + text : "";
    if (search === location.search) return;
    history.pushState({}, "", location.pathname + search + location.hash);
    window.dash_clientside.set_props("url", { search: location.search, href: location.href });
  }

  /* Whether a name of the URL is one of the filter bar's, by the rules of `is_filter_name`. */
  function isFilter(name) {
    const { dimensions, own: mark, without, cross } = propsOf("filter-spec").data;
    return ["period", "from", "to", "compare", ...dimensions].includes(name)
      || [mark, without, cross].some((one) => name.startsWith(one));
  }

  /* The properties a component has now. */
  function propsOf(id) {
    const found = window.dash_component_api.getLayout(id);
    return (found && found.props) || {};
  }

  function ownerOf(target) {
    const control = target instanceof Element && target.matches("input[id], select[id]");
    return control && owners.find((owner) => owner.owns(target));
  }

  function isEdited(id) {
    const focused = document.activeElement && document.activeElement.id === id;
    return edited.has(id) && (focused || pauses.has(id));
  }

  function isHalf(control) {
    return control.type === "date" && control.validity.badInput;
  }

  function settle(control) {
    clearTimeout(pauses.get(control.id));
    pauses.delete(control.id);
    edited.delete(control.id);
    const owner = ownerOf(control);
    if (control.closest("[hidden]")) return; // of another page by now
    if (isHalf(control)) owner.restore(control);
    else owner.send(control);
  }

  function settleLater(control) {
    clearTimeout(pauses.get(control.id));
    pauses.set(control.id, setTimeout(() => {
      pauses.delete(control.id);
      const typing = isHalf(control) || (control.value && parseInt(control.value) < FIRST_YEAR);
      if (!typing) settle(control);
    }, PAUSE_MS));
  }

  /* Before the components see an event, and may put another value into the control. */
  function listen(kind, act) {
    document.addEventListener(kind, (event) => {
      if (ownerOf(event.target)) act(event.target, event);
    }, true);
  }

  listen("input", (control) => edited.add(control.id));
  listen("change", (control) => {
    if (control.type === "date") settleLater(control);
    else if (control.tagName === "SELECT") settle(control);
  });
  listen("keydown", (control, event) => {
    if (event.key === "Enter" && !event.isComposing && control.tagName === "INPUT") settle(control);
  });
  listen("focusout", (control) => {
    if (edited.has(control.id)) settle(control);
  });

  /* Tabs and chips are links that were drawn for one URL and change one thing in it. Where the URL
     has moved on since, they change that thing in the present one. */
  const pairsOf = (search) => [...new URLSearchParams(search)];
  const holds = (pairs, [name, value]) => pairs.some(([n, v]) => n === name && v === value);

  function follow(link, drawnFor, wholeNames) {
    const [before, after] = [pairsOf(drawnFor), pairsOf(link.search)];
    const gone = before.filter((pair) => !holds(after, pair));
    const added = after.filter((pair) => !holds(before, pair));
    const names = [...gone, ...added].map(([name]) => name);
    const leaves = wholeNames ? ([name]) => names.includes(name) : (pair) => holds(gone, pair);
    navigate([...pairsOf(location.search).filter((pair) => !leaves(pair)), ...added]);
  }

  document.addEventListener("click", (event) => {
    if (event.metaKey || event.shiftKey || event.altKey || event.ctrlKey) return;
    const link = event.target instanceof Element && event.target.closest("a.tab, a.chip");
    if (!link) return;
    const open = link.parentElement.querySelector("a.tab.active");
    const drawnFor = open ? open.search : propsOf("filter-described").data.search;
    if (drawnFor === location.search) return;
    event.preventDefault();
    event.stopPropagation();
    follow(link, drawnFor, Boolean(open));
  }, true);

  window.picholine = Object.assign({}, window.picholine, {
    controls: { navigate, propsOf, isEdited, isFilter, own: (owner) => owners.push(owner) },
  });
})();
