/* Tiles: their menu (right click, Shift+F10 and the button), maximising, copying as picture or as
   table; and what the menu of a figure offers beside its lines. */
(function () {
  "use strict";
  const desk = window.picholine.desk;
  const { word } = desk;
  let large = null; // { tile, layer }

  const current = () => desk.tileOf(document.activeElement);
  const chartOf = (tile) => tile.querySelector(".panel-graph .js-plotly-plot");
  const linkOf = (tile, kind) => tile.querySelector(`a.export-link[href*=".${kind}"]`);
  const titleOf = (tile) => (tile.querySelector(".panel-title") || tile).textContent.trim();
  const swapOf = (tile) => [...tile.querySelectorAll(".panel-tools button[id]")]
    .find((button) => button.id.includes("as-table"));

  /* Maximise: the tile covers the page until Esc; the desk's other keys go on working. ------------ */
  function restore() {
    if (large) desk.closeLayer(large.layer);
  }

  function maximise(tile) {
    if (large) { restore(); return; }
    tile.setAttribute("data-large", "");
    const layer = desk.openLayer(tile, () => {
      tile.removeAttribute("data-large");
      large = null;
      measured();
      desk.focusTile(tile);
    });
    layer.soft = true;
    layer.back = tile;
    large = { tile, layer, path: location.pathname };
    measured();
    desk.focusTile(tile);
  }

  const measured = () => requestAnimationFrame(() => window.dispatchEvent(new Event("resize")));
  document.addEventListener("desk-routed", () => {
    if (large && large.path !== location.pathname) restore();
  });

  /* Copying ------------------------------------------------------------------------------------ */
  async function copyImage(tile) {
    const url = await window.Plotly.toImage(chartOf(tile), { format: "png", scale: 2 });
    const bytes = Uint8Array.from(atob(url.split(",")[1]), (sign) => sign.charCodeAt(0));
    const blob = new Blob([bytes], { type: "image/png" });
    try {
      await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
      window.picholine.toast(word("copied"), "success");
    } catch { // where the browser keeps its clipboard for itself
      const address = URL.createObjectURL(blob);
      desk.download(address, titleOf(tile) + ".png");
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
    }
  }

  /* The rows of a text as a spreadsheet writes it. */
  function parsed(text) {
    const sign = document.documentElement.lang === "fr" ? ";" : ",";
    const rows = [[""]];
    let quoted = false;
    for (let place = 0; place < text.length; place += 1) {
      const letter = text[place];
      const row = rows[rows.length - 1];
      if (quoted && letter === '"' && text[place + 1] === '"') { row[row.length - 1] += '"'; place += 1; }
      else if (letter === '"') quoted = !quoted;
      else if (letter === sign && !quoted) row.push("");
      else if (letter === "\n" && !quoted) rows.push([""]);
      else if (letter !== "\r") row[row.length - 1] += letter;
    }
    return rows.filter((row) => row.length > 1 || row[0]);
  }

  async function copyData(tile) {
    const link = linkOf(tile, "csv");
    try {
      const answer = await fetch(link.pathname + location.search);
      if (!answer.ok) throw new Error(String(answer.status));
      const rows = parsed((await answer.text()).replace(/^\ufeff/, ""));
      await desk.copy(rows.map((row) => row.map((cell) => cell.replace(/[\t\n]/g, " ")).join("\t")).join("\n"));
    } catch {
      window.picholine.toast(word("copyFailed"), "danger");
    }
  }

  /* The menu ----------------------------------------------------------------------------------- */
  let meant = null; // the tile whose menu was opened
  const tile = () => meant || current();
  const press = (kind) => () => linkOf(tile(), kind).click();

  desk.functions.tileLarge = () => maximise(tile());
  desk.functions.tileTable = () => swapOf(tile()).click();
  desk.functions.tileImage = () => copyImage(tile());
  desk.functions.tileData = () => copyData(tile());
  desk.functions.tileCsv = press("csv");
  desk.functions.tileXlsx = press("xlsx");
  desk.functions.tileMenu = () => openMenu(tile());
  desk.conditions.tile = () => Boolean(tile());
  desk.conditions.tileChart = () => Boolean(tile() && chartOf(tile()));
  desk.conditions.tileTable = () => Boolean(tile() && swapOf(tile()));
  desk.conditions.tileExport = () => Boolean(tile() && linkOf(tile(), "csv"));
  desk.states["tile.large"] = {
    text: (action) => (large ? word("tileRestore") : action.label),
  };

  desk.tileMeant = () => meant;

  function openMenu(panel, place) {
    meant = panel;
    const items = desk.actions().filter((action) => action.menu === "tile" && action.key !== "tile.menu")
      .filter(desk.enabled).map((action) => {
        const item = desk.itemOf(action);
        return { ...item, act: () => { meant = panel; desk.run(action.key); meant = null; } };
      });
    const opener = panel.querySelector(".tile-menu");
    const back = place ? document.activeElement : opener || panel;
    meant = null;
    desk.popup(items, place || opener || panel, { label: titleOf(panel), back, own: opener });
  }

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest(".tile-menu");
    if (button) openMenu(desk.tileOf(button));
  });

  document.addEventListener("contextmenu", (event) => {
    const panel = desk.tileOf(event.target);
    if (event.defaultPrevented || !panel || desk.isTyping(event.target)) return;
    if (window.picholine.drill.has(event.target)) return; // a figure has a menu of its own
    if (String(window.getSelection()) || event.target.closest("a[href]:not(.tab)")) return;
    event.preventDefault();
    const byKey = !event.clientX && !event.clientY;
    openMenu(panel, byKey ? undefined : { x: event.clientX, y: event.clientY });
  });

  /* What a figure's own menu offers beside its lines: what others add, filtering to what it is of. - */
  desk.figureOffers = []; // functions: the address of a figure's lines → entries of its menu
  desk.figureItems = function (address) {
    const names = desk.data().dimensions || {};
    const pairs = [...new URLSearchParams((address || "").split("?")[1] || "")];
    const cells = pairs.filter(([name]) => name === "cell");
    const others = desk.cross.able() && cells.length ? [{
      text: word("filterOthers"), act: () => desk.cross.choose(new URLSearchParams(cells).toString()),
    }] : [];
    const filters = cells.flatMap(([, text]) => {
      const dimension = text.slice(0, text.indexOf(":"));
      const value = text.slice(text.indexOf(":") + 1);
      const name = names[dimension] ? dimension : "own." + dimension;
      if (!names[name]) return [];
      const one = value || window.picholine.controls.propsOf("filter-spec").data.none;
      return [
        { text: word("filterTo", { dimension: names[name] }), act: () => desk.filterTo(name, one) },
        { text: word("exclude", { dimension: names[name] }), act: () => desk.filterTo(name, one, "not.") },
      ];
    });
    return [...desk.figureOffers.flatMap((offer) => offer(address)), ...others, ...filters];
  };
})();
