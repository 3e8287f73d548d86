/* Before printing: a head that says what is on the paper, the zoom, and tables laid out whole. */
(function () {
  "use strict";
  const PAPER = 1062; // pixels: A4 across, without its margins
  const SMALLER = 0.92; // so that two rows of charts stand on a sheet
  const LONG = 700; // pixels: what is longer may run over several sheets
  const ROWS = 400; // a longer table stays as it is on the screen; the export has all of it
  let laid = [];

  /* innerText of what stands in parts of a line. */
  const text = (selector) => {
    const found = document.querySelector(selector);
    return found ? found.innerText.replace(/\s*\n\s*/g, " · ").trim() : "";
  };

  function head() {
    const { element } = window.picholine.desk;
    const { lang } = document.documentElement;
    const page = window.picholine.desk.openPage();
    const chips = page && page.filters ? [...document.querySelectorAll("#filter-chips > :not(#filter-reset)")] : [];
    const about = chips.map((chip) => chip.innerText.replace(/\s+/g, " ").trim()).filter(Boolean).join(" · ");
    const when = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { dateStyle: "long", timeStyle: "short" });
    const data = [text("#status-items"), text("#status-rows"), when.format(new Date())];
    const lines = [about, data.filter(Boolean).join(" · ")].filter(Boolean);
    const old = document.getElementById("print-head");
    const made = element("header", "print-head",
      [element("h1", "", `${text("#page-title") || document.title} – Picholine`),
        ...lines.map((line) => element("p", "", line))], { id: "print-head" });
    if (old) old.replaceWith(made);
    else document.getElementById("main").prepend(made);
  }

  /* A grid draws the rows one sees; paper gets a table with all of them. */
  function titleOf(column) {
    const group = column.getParent && column.getParent();
    const above = group && group.getColGroupDef && group.getColGroupDef();
    return [above && above.headerName, column.getColDef().headerName].filter(Boolean).join(" – ");
  }

  function tableOf(api) {
    const { element, word } = window.picholine.desk;
    const columns = api.getAllDisplayedColumns().filter((column) => titleOf(column));
    const numbers = new Set();
    const rows = [];
    let count = 0;
    const add = (node, name) => rows.push(element("tr", name, columns.map((column) => {
      const shown = api.getCellValue({ rowNode: node, colKey: column, useFormatter: true });
      const isNumber = typeof api.getCellValue({ rowNode: node, colKey: column }) === "number";
      if (isNumber) numbers.add(column);
      return element("td", isNumber ? "num" : "", String(shown ?? ""));
    })));
    api.forEachNodeAfterFilterAndSort((node) => {
      count += 1;
      if (count <= ROWS && node.data) add(node, "");
    });
    for (let n = 0; n < api.getPinnedBottomRowCount(); n += 1) add(api.getPinnedBottomRow(n), "is-total");
    const heads = columns.map((column) => element("th", numbers.has(column) ? "num" : "", titleOf(column)));
    const table = element("table", "data-table print-table", [
      element("thead", "", element("tr", "", heads)),
      element("tbody", "", rows)]);
    if (count > ROWS) table.append(element("caption", "", word("printMore", { n: count - ROWS })));
    return table;
  }

  function layTables() {
    document.querySelectorAll(".slot:not([hidden]) .ag-root-wrapper").forEach((root) => {
      const grid = root.closest("[id]");
      try {
        const table = tableOf(window.dash_ag_grid.getApi(grid.id));
        grid.after(table);
        grid.classList.add("is-tabled");
        laid.push([grid, table]);
      } catch {
        // of another kind: it is printed as it stands on the screen
      }
    });
  }

  window.addEventListener("beforeprint", () => {
    const main = document.getElementById("main");
    if (!main || !window.picholine.desk) return;
    head();
    const slot = document.querySelector(".slot:not([hidden])");
    const width = slot ? slot.getBoundingClientRect().width : main.clientWidth;
    const style = document.documentElement.style;
    style.setProperty("--print-width", `${width}px`);
    style.setProperty("--print-zoom", String(Math.min(1.2, SMALLER * PAPER / width)));
    clear();
    layTables();
    document.querySelectorAll(".slot:not([hidden]) .panel").forEach((panel) =>
      panel.classList.toggle("panel-long", panel.scrollHeight > LONG));
  });

  function clear() {
    laid.forEach(([grid, table]) => {
      grid.classList.remove("is-tabled");
      table.remove();
    });
    laid = [];
  }

  window.addEventListener("afterprint", clear);
})();
