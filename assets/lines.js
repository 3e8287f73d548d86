/* The page “Lines”: pages of lines are fetched as somebody scrolls; a row opens where it is from. */
(function () {
  "use strict";
  const GRID = "lines-grid";
  const DIALOGUE = "lines-dialog";
  let waiting = 0;

  const words = () => document.getElementById("drill-words").dataset;
  const panel = () => document.getElementById("lines-panel");
  const api = () => window.dash_ag_grid && window.dash_ag_grid.getApi(GRID);

  function busy(step) {
    waiting = Math.max(0, waiting + step);
    if (panel()) panel().classList.toggle("is-loading", waiting > 0);
  }

  function addressOf(asked, params) {
    const order = params.sortModel[0];
    const sorted = order ? [["sort", order.colId], ["direction", order.sort]] : [];
    window.picholine.exportPairs.lines = sorted; // files hold the lines in the order shown
    const places = [["start", params.startRow], ["end", params.endRow]];
    const pairs = new URLSearchParams([...new URLSearchParams(asked.query), ...places, ...sorted]);
    return "/lines/rows?" + pairs;
  }

  /* One source per question: answers of an earlier one go to a source nobody shows any more. */
  function sourceOf(asked) {
    return {
      getRows: function (params) {
        busy(1);
        fetch(addressOf(asked, params))
          .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer)))
          .then((found) => {
            params.successCallback(found.rows, found.total);
            const grid = api();
            if (grid && !found.total) grid.showNoRowsOverlay();
            else if (grid) grid.hideOverlay();
          })
          .catch(() => {
            params.failCallback();
            window.picholine.toast(words().failed, "danger");
          })
          .finally(() => busy(-1));
      },
    };
  }

  /* A grid that has just been made gets a source of Dash's own once it is ready: ours comes after. */
  async function ready() {
    const grid = await window.dash_ag_grid.getApiAsync(GRID);
    while (!grid.getGridOption("datasource")) await new Promise((go) => { setTimeout(go, 20); });
    return grid;
  }

  function load(asked) {
    const nothing = { getRows: (params) => params.successCallback([], 0) };
    ready().then((grid) => {
      grid.setGridOption("datasource", asked ? sourceOf(asked) : nothing);
      grid.ensureColumnVisible("day");
    });
    return window.dash_clientside.no_update;
  }

  /* Where a line comes from. */
  function open(element) {
    const row = element.closest(".ag-row");
    const node = row && api() && api().getDisplayedRowAtIndex(Number(row.getAttribute("row-index")));
    if (!node || !node.data || !node.data._from) return;
    const box = document.getElementById(DIALOGUE);
    box.classList.add("is-waiting");
    if (!box.open) box.showModal();
    window.dash_clientside.set_props("lines-picked", {
      data: Object.assign({ at: Date.now(), file: node.data.file }, node.data._from),
    });
  }

  function shown() {
    const box = document.getElementById(DIALOGUE);
    if (box) box.classList.remove("is-waiting");
    return window.dash_clientside.no_update;
  }

  const cellOf = (event) =>
    event.target instanceof Element && event.target.closest(`#${GRID} .ag-cell`);

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    const box = document.getElementById(DIALOGUE);
    if (target.closest(".lines-source-close")) box.close();
    if (box && box.open && target.closest(`#${DIALOGUE} a`)) box.close();
    // Somebody who marks a text wants to copy it.
    if (cellOf(event) && !String(window.getSelection())) open(target);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.altKey && cellOf(event)) {
      event.preventDefault();
      open(event.target);
    }
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    picholine_lines: { load, shown },
  });
})();
