/* What the desk's own actions do, and when they can be done. */
(function () {
  "use strict";
  const desk = window.picholine.desk;
  const { functions, conditions, openPage, word } = desk;
  const { navigate, propsOf } = window.picholine.controls;

  conditions.analysis = (page) => Boolean(page && page.analysis);
  conditions.filters = (page) => Boolean(page && page.filters);
  conditions.filtered = (page) =>
    conditions.filters(page) && Boolean(document.getElementById("filter-reset"));

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      window.picholine.toast(word("copied"), "success");
    } catch {
      window.picholine.toast(word("copyFailed"), "danger");
    }
  }

  /* A download in the same window: the page stays. */
  function download(address, name) {
    const link = desk.element("a", "", null, { href: address, download: name || "" });
    document.body.append(link);
    link.click();
    link.remove();
  }

  functions.exportPage = () =>
    download(`/export/${openPage().analysis}/all.xlsx${location.search}`);
  functions.copyLink = () => copy(location.href);
  functions.print = () => window.print();

  functions.toFilters = function () {
    const opener = document.getElementById("filters-open");
    if (opener && opener.offsetParent) opener.click(); // folded away on a narrow window
    const first = document.querySelector("#filter-bar .dash-dropdown");
    if (first) first.focus();
  };

  /* The lines of this view: the filters that lines understand, without what only this page knows. */
  functions.linesBehind = function () {
    const own = openPage().own;
    const pairs = [...new URLSearchParams(location.search)].filter(([name]) => !own.includes(name));
    const query = new URLSearchParams(pairs).toString();
    desk.go("/lines" + (query ? "?" + query : ""));
  };

  Object.assign(desk, { copy, download });

  /* To another page with the filters in force. */
  desk.goFiltered = function (address) {
    const [path, query] = address.split("?");
    const { isFilter } = window.picholine.controls;
    const kept = [...new URLSearchParams(location.search)].filter(([name]) => isFilter(name));
    desk.go(path + "?" + new URLSearchParams([...kept, ...new URLSearchParams(query || "")]));
  };

  /* Filter to a value; with the mark of those that are left out, keep away from it. */
  desk.filterTo = function (name, value, mark = "") {
    const page = openPage();
    const pair = [mark + name, value];
    const { cross, without } = propsOf("filter-spec").data;
    // What was clicked of the same, and the opposite of what is wanted now, would leave nothing.
    const pairs = [...new URLSearchParams(location.search)].filter(([n, v]) =>
      n !== cross + name && !(v === value && [name, without + name].includes(n)));
    pairs.push(pair);
    if (page && page.filters) navigate(pairs);
    else desk.go("/overview?" + new URLSearchParams([pair]));
  };
})();
