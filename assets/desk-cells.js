/* Selected cells of a grid: Shift with arrows or a click, or dragging; the status bar counts, adds
   up and averages them, and copying takes them along as a table. */
(function () {
  "use strict";
  const desk = window.picholine.desk;
  const { word } = desk;
  const NUMBER = /\d(?:[\d.,\u00a0\u202f ]*\d)?/;
  const french = () => document.documentElement.lang === "fr";
  let range = null; // { root, api, from: { row, column }, to: … }, columns by place
  let drag = null;

  const cellOf = (node) => node instanceof Element && node.closest(".grid .ag-cell");

  function placeOf(cell) {
    const root = cell.closest(".grid[id]");
    const api = root && window.dash_ag_grid && window.dash_ag_grid.getApi(root.id);
    if (!api || api.isDestroyed()) return null;
    const columns = api.getAllDisplayedColumns();
    const column = columns.findIndex((one) => one.getColId() === cell.getAttribute("col-id"));
    const row = Number(cell.closest(".ag-row").getAttribute("row-index"));
    return { root, api, at: { row, column } };
  }

  const bounds = () => ({
    top: Math.min(range.from.row, range.to.row), bottom: Math.max(range.from.row, range.to.row),
    left: Math.min(range.from.column, range.to.column),
    right: Math.max(range.from.column, range.to.column),
  });

  function clear() {
    if (!range) return;
    range.root.querySelectorAll(".cell-picked").forEach((cell) => cell.classList.remove("cell-picked"));
    range = null;
    show("");
  }

  function show(text) {
    const holder = document.getElementById("status-cells");
    if (holder && holder.textContent !== text) holder.textContent = text;
  }

  function mark() {
    if (!range || range.api.isDestroyed()) return;
    const { top, bottom, left, right } = bounds();
    const ids = range.api.getAllDisplayedColumns().slice(left, right + 1).map((c) => c.getColId());
    range.root.querySelectorAll(".ag-cell").forEach((cell) => {
      const row = Number(cell.closest(".ag-row").getAttribute("row-index"));
      const inside = row >= top && row <= bottom && ids.includes(cell.getAttribute("col-id"));
      cell.classList.toggle("cell-picked", inside);
    });
  }

  /* The selected values row by row: { value, format }. */
  function values() {
    const { top, bottom, left, right } = bounds();
    const columns = range.api.getAllDisplayedColumns().slice(left, right + 1);
    const found = [];
    for (let row = top; row <= bottom; row += 1) {
      const node = range.api.getDisplayedRowAtIndex(row);
      if (node && node.data) {
        found.push(columns.map((column) => {
          const asked = { rowNode: node, colKey: column };
          const text = range.api.getCellValue({ ...asked, useFormatter: true });
          return { value: range.api.getCellValue(asked), text: String(text === null ? "" : text) };
        }));
      }
    }
    return found;
  }

  function tell() {
    const all = values().flat();
    if (all.length < 2) { show(""); return; }
    const numbers = all.filter(({ value }) => typeof value === "number" && !Number.isNaN(value));
    const parts = [word("cells", { n: all.length })];
    const units = numbers.map(({ text }) => text.replace(/^[+\u2212-]/, "").replace(NUMBER, "#"));
    const alike = units.every((unit) => unit === units[0]);
    // Rates are not added up, nor are figures of different units.
    const text = (value) => {
      const shown = new Intl.NumberFormat(french() ? "fr-FR" : "en-GB", {
        maximumFractionDigits: 2,
        ...(/^#\s*%$/.test(units[0]) ? { style: "percent", maximumFractionDigits: 1 } : {}),
      }).format(value);
      return shown.includes("%") ? shown : (units[0] || "#").replace("#", shown);
    };
    const sum = numbers.reduce((total, { value }) => total + value, 0);
    if (alike && numbers.length && !/%|pts?$/.test(units[0])) parts.push(word("cellsSum", { value: text(sum) }));
    if (alike && numbers.length && !/pts?$/.test(units[0])) {
      parts.push(word("cellsMean", { value: text(sum / numbers.length) }));
    }
    show(parts.join(" · "));
  }

  function extend(place) {
    range.to = place;
    mark();
    tell();
  }

  function start({ root, api, at }, to) {
    clear();
    range = { root, api, from: at, to: to || at };
    mark();
    tell();
  }

  document.addEventListener("pointerdown", (event) => {
    const cell = !event.button && cellOf(event.target);
    const found = cell && placeOf(cell);
    if (!found) { if (range && !desk.layers.length) clear(); return; }
    if (event.shiftKey && range && range.root === found.root) {
      event.preventDefault();
      extend(found.at);
      return;
    }
    clear();
    drag = found;
  }, true);
  document.addEventListener("pointermove", (event) => {
    const cell = drag && (event.buttons & 1) && cellOf(event.target);
    const found = cell && placeOf(cell);
    if (!found || found.root !== drag.root) return;
    if (!range && found.at.row === drag.at.row && found.at.column === drag.at.column) return;
    window.getSelection().removeAllRanges();
    if (!range) start(drag, found.at);
    else extend(found.at);
  });
  document.addEventListener("pointerup", () => { drag = null; }, true);

  document.addEventListener("keydown", (event) => {
    const cell = cellOf(event.target);
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!cell || desk.isTyping(event.target)) return;
    if (step && event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey) {
      const found = placeOf(cell);
      if (!found) return;
      if (!range || range.root !== found.root) start(found);
      const last = range.api.getAllDisplayedColumns().length - 1;
      const row = Math.max(0, Math.min(range.api.getDisplayedRowCount() - 1, range.to.row + step[0]));
      const column = Math.max(0, Math.min(last, range.to.column + step[1]));
      range.api.ensureIndexVisible(row);
      range.api.ensureColumnVisible(range.api.getAllDisplayedColumns()[column]);
      extend({ row, column });
      event.preventDefault();
      event.stopPropagation();
    } else if (range && (event.key === "Escape" || (step && !event.shiftKey))) {
      clear();
      if (event.key === "Escape") event.stopPropagation();
    }
  }, true);

  /* Numbers as the reader's spreadsheet takes them: with the decimal sign of the language. */
  function plain({ value }) {
    if (value === null || value === undefined) return "";
    if (typeof value !== "number") return String(value);
    return french() ? String(value).replace(".", ",") : String(value);
  }

  document.addEventListener("copy", (event) => {
    if (!range || String(window.getSelection()) || desk.isTyping(event.target)) return;
    const text = values().map((row) => row.map(plain).join("\t")).join("\n");
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
    desk.say(word("copied"));
  });

  let frame = 0;
  document.addEventListener("scroll", () => {
    if (!range || frame) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      mark();
    });
  }, true);
  document.addEventListener("desk-routed", clear);
})();
