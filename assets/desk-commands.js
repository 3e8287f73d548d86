/* What the desk's own actions do, and when they can be done. */
(function () {
  "use strict";
  const desk = window.picholine.desk;
  const { functions, conditions, openPage, word } = desk;

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
    const names = ["period", "from", "to", "compare", ...Object.keys(desk.data().dimensions || {})];
    const kept = [...new URLSearchParams(location.search)].filter(([name]) => names.includes(name));
    desk.go(path + "?" + new URLSearchParams([...kept, ...new URLSearchParams(query || "")]));
  };

  desk.filterTo = function (name, value) {
    const page = openPage();
    const pairs = [...new URLSearchParams(location.search)];
    if (!pairs.some(([n, v]) => n === name && v === value)) pairs.push([name, value]);
    if (page && page.filters) window.picholine.controls.navigate(pairs);
    else desk.go("/overview?" + new URLSearchParams([[name, value]]));
  };
})();
