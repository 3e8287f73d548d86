/* From any figure to its lines: a menu and a small button beside cells of grids, links in tables
   and tiles, points of charts. Where a figure has no lines, nothing is offered. */
(function () {
  "use strict";
  const ROW = "_lines";
  const PATH = "/lines?";
  let button = null;
  let menu = null;
  let marked = null; // the cell the button stands beside
  let pressed = { x: 0, y: 0 };
  let left = null; // the cell somebody left for its lines, to come back to

  const words = () => document.getElementById("drill-words").dataset;
  const element = (event) => (event.target instanceof Element ? event.target : document.body);

  function go(address) {
    closeMenu();
    hideButton();
    history.pushState({}, "", address);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    const main = document.getElementById("main");
    if (main) main.focus({ preventScroll: true });
  }

  /* The addresses of a cell of a grid: { lines, compared }; null where it has none. */
  function ofCell(cell) {
    const root = cell && cell.closest(".grid[id]");
    const api = root && window.dash_ag_grid && window.dash_ag_grid.getApi(root.id);
    const row = cell && cell.closest(".ag-row");
    if (!api || !row || api.isDestroyed()) return null;
    const node = api.getDisplayedRowAtIndex(Number(row.getAttribute("row-index")));
    const column = api.getColumn(cell.getAttribute("col-id"));
    const parts = column && column.getColDef().context;
    const own = node && node.data && node.data[ROW];
    if (!parts || !parts.lines || own === undefined || own === null) return null;
    const whole = (part) => part && PATH + [part, own].filter(Boolean).join("&");
    return {
      lines: whole(parts.lines),
      compared: whole(parts.compared),
      budget: whole(parts.budget),
      rests: Boolean(parts.rests),
    };
  }

  /* What is offered: a model's figure has no lines of its own, only those it rests on. */
  const offer = (found) => (found.rests ? words().rests : words().lines);

  function leave(cell, address) {
    const root = cell.closest(".grid[id]");
    left = {
      href: location.href,
      grid: root.id,
      row: Number(cell.closest(".ag-row").getAttribute("row-index")),
      column: cell.getAttribute("col-id"),
    };
    go(address);
  }

  /* Who comes back finds the keyboard on the cell it was on. */
  window.addEventListener("popstate", () => {
    if (!left || left.href !== location.href) return;
    const { grid, row, column } = left;
    left = null;
    setTimeout(() => {
      const api = window.dash_ag_grid && window.dash_ag_grid.getApi(grid);
      if (api && !api.isDestroyed() && row < api.getDisplayedRowCount()) {
        api.setFocusedCell(row, column);
      }
    }, 300);
  });

  /* The menu ---------------------------------------------------------------------------------- */
  function closeMenu() {
    if (!menu) return;
    const back = menu.back;
    menu.box.remove();
    menu = null;
    if (back && back.isConnected) back.focus({ preventScroll: true });
  }

  function entry(text, act) {
    const found = document.createElement("button");
    found.type = "button";
    found.className = "menu-item";
    found.setAttribute("role", "menuitem");
    found.textContent = text;
    found.addEventListener("click", act);
    return found;
  }

  function openMenu(x, y, addresses, follow) {
    closeMenu();
    const box = document.createElement("div");
    box.className = "menu drill-menu";
    box.setAttribute("role", "menu");
    box.append(entry(offer(addresses), () => follow(addresses.lines)));
    if (addresses.compared) {
      box.append(entry(words().compared, () => follow(addresses.compared)));
    }
    if (addresses.budget && addresses.budget !== addresses.lines) {
      box.append(entry(words().budget, () => follow(addresses.budget)));
    }
    const { members } = window.picholine; // the pages of the members it speaks of
    members.of(addresses.lines).forEach(({ text, href }) =>
      box.append(entry(text, () => {
        closeMenu();
        members.go(href);
      })));
    window.picholine.desk.figureItems(addresses.lines).forEach(({ text, act }) =>
      box.append(entry(text, () => {
        closeMenu();
        act();
      })));
    document.body.append(box);
    const { width, height } = box.getBoundingClientRect();
    box.style.left = Math.max(4, Math.min(x, innerWidth - width - 4)) + "px";
    box.style.top = Math.max(4, Math.min(y, innerHeight - height - 4)) + "px";
    menu = { box, back: document.activeElement };
    box.firstChild.focus();
  }

  function moveInMenu(event) {
    const items = [...menu.box.children];
    const place = items.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) items[(place + step + items.length) % items.length].focus();
    else if (event.key === "Escape" || event.key === "Tab") closeMenu();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /* The button beside the cell under the mouse or the keyboard --------------------------------- */
  function hideButton() {
    marked = null;
    if (button) button.hidden = true;
  }

  function showButton(cell) {
    if (cell === marked) return;
    if (!ofCell(cell)) {
      hideButton();
      return;
    }
    if (!button) {
      button = document.createElement("button");
      button.type = "button";
      button.tabIndex = -1; // the keyboard has Alt+Enter and the menu
      button.className = "drill-button";
      button.innerHTML = '<span class="i i-lines" aria-hidden="true"></span>';
      button.addEventListener("click", () => {
        const found = marked && ofCell(marked);
        if (found) leave(marked, found.lines);
      });
    }
    if (!button.isConnected) document.body.append(button);
    marked = cell;
    const place = cell.getBoundingClientRect();
    button.title = `${offer(ofCell(cell))} (${words().keys})`;
    button.setAttribute("aria-label", offer(ofCell(cell)));
    button.style.left = place.left + 2 + "px";
    button.style.top = place.top + (place.height - 22) / 2 + "px";
    button.hidden = false;
  }

  document.addEventListener("mouseover", (event) => {
    const target = element(event);
    if (button && button.contains(target)) return;
    const cell = target.closest(".grid .ag-cell");
    if (cell) showButton(cell);
    else hideButton();
  });
  document.addEventListener("focusin", (event) => {
    const cell = element(event).closest(".grid .ag-cell");
    if (cell) showButton(cell);
  });
  document.addEventListener("scroll", hideButton, true);
  document.addEventListener("pointerdown", (event) => {
    pressed = { x: event.clientX, y: event.clientY };
    if (menu && !menu.box.contains(event.target)) closeMenu();
  }, true);

  document.addEventListener("contextmenu", (event) => {
    const cell = element(event).closest(".grid .ag-cell");
    const found = cell && ofCell(cell);
    if (!found) return;
    event.preventDefault();
    const place = cell.getBoundingClientRect();
    const byKey = !event.clientX && !event.clientY;
    const x = byKey ? place.left : event.clientX;
    const y = byKey ? place.bottom : event.clientY;
    openMenu(x, y, found, (address) => leave(cell, address));
  });

  document.addEventListener("keydown", (event) => {
    if (menu && menu.box.contains(element(event))) {
      moveInMenu(event);
      return;
    }
    if (event.key !== "Enter" || !event.altKey) return;
    const cell = element(event).closest(".grid .ag-cell");
    const found = cell && ofCell(cell);
    if (!found) return;
    event.preventDefault();
    event.stopPropagation();
    leave(cell, found.lines);
  }, true);

  /* Links in tables and tiles: as every link of the application, without loading it anew. */
  document.addEventListener("click", (event) => {
    const link = element(event).closest("a.drill-link");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(link.getAttribute("href"));
  });

  /* A point of a chart: its trace names the metric, and each point its row. */
  function markOf(plot, found) {
    const trace = found && plot.data && plot.data[found.curveNumber];
    const lines = trace && trace.meta && trace.meta.lines;
    if (!lines) return null;
    const number = found.pointNumber === undefined ? found.pointIndex : found.pointNumber;
    const cells = lines.cells;
    const [left, top] = lines.origin || [0, 0]; // where a heat map's first cell stands
    const own = Array.isArray(cells[0])
      ? (cells[Math.round(found.y - top)] || [])[Math.round(found.x - left)]
      : cells[number];
    if (own === undefined || own === null) return null;
    const whole = (part) => part && PATH + [part, own].filter(Boolean).join("&");
    return { own, addresses: { lines: whole(lines.lines), compared: whole(lines.compared) } };
  }

  window.picholine = Object.assign({}, window.picholine, {
    drill: {
      has: (node) => Boolean(ofCell(node.closest(".grid .ag-cell"))),
      mark: markOf,
      menu: (addresses, x = pressed.x, y = pressed.y) => openMenu(x, y, addresses, go),
    },
  });
})();
