/* Explaining a change: the button beside a key figure, the menu of any figure, the key of a tile.
   The dialogue asks the server when it opens. */
(function () {
  "use strict";
  const desk = window.picholine.desk;
  const told = () => JSON.parse(document.getElementById("explain-words").dataset.told);

  /* A figure that is set against another period, and is a sum of parts. */
  function canExplain(address) {
    const pairs = new URLSearchParams((address || "").split("?")[1] || "");
    const compared = !["none", "budget"].includes(pairs.get("compare") || "year");
    const plain = !pairs.has("of") && !pairs.has("table");
    return compared && plain && told().metrics.includes(pairs.get("metric") || "net_sales");
  }

  function open(address) {
    const box = document.getElementById("explain-dialog");
    if (box.open) return;
    window.dash_clientside.set_props("explain-body", { children: null });
    window.picholine_press("explain-told", { query: address.split("?")[1] });
    box.showModal();
    box.querySelector(".explain-close").focus();
  }

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    const button = target.closest("[data-explain]");
    const box = document.getElementById("explain-dialog");
    if (button) open(button.dataset.explain);
    else if (box && box.open && (target.closest(".explain-close, #explain-dialog a") || target === box)) {
      box.close();
    }
  });

  desk.figureOffers.push((address) => (canExplain(address)
    ? [{ text: told().offer, act: () => open(address) }] : []));

  /* A key figure has the menu of any figure. */
  document.addEventListener("contextmenu", (event) => {
    const link = event.target instanceof Element && event.target.closest("a.tile-value.drill-link");
    if (!link) return;
    event.preventDefault();
    const place = link.getBoundingClientRect();
    const byKey = !event.clientX && !event.clientY;
    window.picholine.drill.menu({ lines: link.getAttribute("href") },
      byKey ? place.left : event.clientX, byKey ? place.bottom : event.clientY);
  });

  /* What the keyboard is on: a key figure, else the first figure of the tile. */
  function figureOf(tile) {
    const own = document.activeElement && document.activeElement.closest("a.tile-value.drill-link");
    const first = own || tile.querySelector("[data-explain]");
    if (first) return first.dataset.explain || first.getAttribute("href");
    const chart = tile.querySelector(".panel-graph .js-plotly-plot");
    const trace = chart && (chart.data || []).find((one) => one.meta && one.meta.lines);
    return trace ? "/lines?" + trace.meta.lines.lines : "";
  }
  const tile = () => desk.tileMeant() || desk.tileOf(document.activeElement);
  desk.conditions.tileExplain = () => Boolean(tile() && canExplain(figureOf(tile())) && figureOf(tile()));
  desk.functions.tileExplain = () => open(figureOf(tile()));
})();
