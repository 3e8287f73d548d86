/* The worklist: rows follow what was stored, changes can be taken back with the keyboard. */
(function () {
  "use strict";
  const GRID = "churn-customers-body";
  const STAYS_MS = 20000;
  let timer = 0;

  /* Show how rows stand after a change, also where it was refused or taken back. */
  function show(answer) {
    const api = window.dash_ag_grid && window.dash_ag_grid.getApi(GRID);
    const rows = (answer && answer.rows) || {};
    if (api) {
      api.forEachNode((node) => {
        const found = node.data && rows[node.data.customer];
        if (found) node.setData(Object.assign({}, node.data, found));
      });
    }
    wake();
    return null;
  }

  /* The notice goes by itself, unless somebody is reading or using it. */
  function wake() {
    const notice = document.getElementById("worklist-notice");
    if (!notice) return;
    notice.classList.remove("gone");
    clearTimeout(timer);
    timer = setTimeout(function hide() {
      if (notice.matches(":hover, :focus-within")) timer = setTimeout(hide, STAYS_MS);
      else notice.classList.add("gone");
    }, STAYS_MS);
  }

  /* Ctrl+Z in the grid takes the last change back; while a cell is open it is the editor's. */
  document.addEventListener("keydown", (event) => {
    const wanted = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
    const inside = event.target instanceof Element && event.target.closest(`#${GRID}`);
    if (!wanted || event.key.toLowerCase() !== "z" || !inside) return;
    if (event.target.matches("input, textarea, select")) return;
    const undo = document.querySelector("#worklist-notice .worklist-undo");
    if (!undo) return;
    event.preventDefault();
    undo.click();
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, { worklist: { show } });
})();
