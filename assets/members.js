/* Products, customers, suppliers and countries: a link to a member's page wherever its name stands
   in a grid, in the menu of a figure, and the list's search, whose text lives in the URL. */
(function () {
  "use strict";
  const { navigate, propsOf, isEdited, isFilter, own } = window.picholine.controls;
  const PAUSE_MS = 250; // after the last letter
  const CONTROL = /^(.+)-member-(search|sort)$/;
  const NAMES = { search: "q", sort: "sort" };
  const DEFAULTS = { search: "", sort: "-net_sales" };
  let pause = 0; // the timer while somebody is typing
  let sent = null; // the text that was sent last
  let typing = false; // the URL holds a part of what is being typed: the rest replaces it

  /* Links ------------------------------------------------------------------------------------ */
  function pages() {
    const words = document.getElementById("member-words");
    return words ? JSON.parse(words.dataset.pages) : {};
  }

  const addressOf = (page, value, filters) =>
    `/${page}?` + new URLSearchParams([...filters, ["member", value]]);

  /* A name in a grid. */
  const renderers = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  renderers.PcMember = function (props) {
    const value = props.data && props.data._members && props.data._members[props.of];
    if (value === undefined || value === null || !props.value) return props.value;
    const href = addressOf(props.page, value, new URLSearchParams(props.filters));
    return window.React.createElement("a", { href, className: "member-link", tabIndex: -1 }, props.value);
  };

  /* The members a figure's lines belong to, from the address of these lines: { text, href }. */
  function membersOf(address) {
    const known = pages();
    const pairs = [...new URLSearchParams((address || "").split("?")[1] || "")];
    const filters = pairs.filter(([name]) => isFilter(name));
    return pairs
      .filter(([name]) => name === "cell" || name === "only")
      .map(([, text]) => [text.slice(0, text.indexOf(":")), text.slice(text.indexOf(":") + 1)])
      .filter(([dimension, value], place, all) =>
        known[dimension] && value && all.filter(([key]) => key === dimension).length === 1)
      .map(([dimension, value]) => ({
        text: known[dimension].open,
        href: addressOf(known[dimension].page, value, filters),
      }));
  }

  function go(href) {
    history.pushState({}, "", href);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    const main = document.getElementById("main");
    if (main) main.focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element && event.target.closest("a.member-link");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    go(link.getAttribute("href"));
  }, true);

  /* Enter on a cell with a name opens its page; in “Lines” it shows the row of the file. */
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.altKey || event.ctrlKey || event.metaKey) return;
    const cell = event.target instanceof Element && event.target.closest(".grid .ag-cell");
    const link = cell && !cell.closest("#lines-grid") && cell.querySelector("a.member-link");
    if (!link) return;
    event.preventDefault();
    event.stopPropagation();
    go(link.getAttribute("href"));
  }, true);

  /* Search and order of the list -------------------------------------------------------------- */
  const partOf = (control) => (CONTROL.exec(control.id) || [])[2];

  function changed(control) {
    const part = partOf(control);
    const pairs = new URLSearchParams(location.search);
    const value = part === "search" ? control.value : control.value.trim();
    if (value.trim() === (pairs.get(NAMES[part]) || DEFAULTS[part]).trim()) return null;
    if (!value.trim() || value === DEFAULTS[part]) pairs.delete(NAMES[part]);
    else pairs.set(NAMES[part], value.trim());
    return pairs;
  }

  function send(control) {
    clearTimeout(pause);
    pause = 0;
    if (partOf(control) === "search") sent = control.value.trim();
    const pairs = changed(control);
    if (!pairs) return;
    if (partOf(control) === "search" && typing) {
      const text = pairs.toString();
      history.replaceState({}, "", location.pathname + (text ? "?" + text : ""));
      window.dash_clientside.set_props("url", { search: location.search, href: location.href });
    } else navigate(pairs);
    typing = partOf(control) === "search";
  }

  function restore(control) {
    const part = partOf(control);
    const value = new URLSearchParams(location.search).get(NAMES[part]) || DEFAULTS[part];
    if (propsOf(control.id).value !== value) window.dash_clientside.set_props(control.id, { value });
  }

  own({ owns: (control) => Boolean(partOf(control)), send, restore });

  document.addEventListener("input", (event) => {
    const control = event.target instanceof Element && event.target.closest("input[id]");
    if (!control || partOf(control) !== "search") return;
    clearTimeout(pause);
    pause = setTimeout(() => send(control), PAUSE_MS);
  });
  document.addEventListener("focusin", () => {
    typing = false;
  });

  /* The URL changed: the controls follow; on a member's page there is nothing to search. */
  function fill(query, id) {
    if (query === null || query === undefined) return window.dash_clientside.no_update;
    const page = id.replace(/-member-filled$/, "");
    const pairs = new URLSearchParams(query);
    const tools = document.getElementById(`${page}-member-tools`);
    if (tools) tools.hidden = Boolean(pairs.get("member"));
    Object.keys(NAMES).forEach((part) => {
      const name = `${page}-member-${part}`;
      const focused = document.activeElement && document.activeElement.id === name;
      const value = pairs.get(NAMES[part]) || DEFAULTS[part];
      if (part === "search" ? focused && (pause || value === sent) : isEdited(name)) return;
      if (propsOf(name).value !== value) window.dash_clientside.set_props(name, { value });
    });
    return query;
  }

  /* The row of the file that master data came from. */
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    const box = document.getElementById("member-dialog");
    if (target.closest('[data-press="member-source-told"]') && !box.open) {
      window.dash_clientside.set_props("member-source", { children: null });
      box.showModal();
    }
    if (target.closest(".member-source-close") || (box && box.open && target.closest("#member-dialog a"))) {
      box.close();
    }
  });

  window.picholine = Object.assign({}, window.picholine, { members: { of: membersOf, go } });
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    picholine_members: { fill },
  });
})();
