/* Dashboards of one's own: the dialogue and what stands in its fields, the entries of tiles' menus,
   files, and a step of undo for every change. */
(function () {
  "use strict";
  const desk = window.picholine.desk;
  const STORE = "boards-pressed";
  const LOOK_MS = 4000; // between two looks for what is being computed
  const LARGEST = 1_000_000;

  const box = () => document.getElementById("board-dialog");
  const tell = (press) => window.picholine_press(STORE, press);
  const openBoard = () => new URLSearchParams(location.search).get("board");
  const meant = () => desk.tileMeant() || desk.tileOf(document.activeElement);
  const boardTile = () => {
    const tile = meant();
    return tile && tile.classList.contains("board-tile") ? tile : null;
  };
  const named = (tile) => ({ id: Number(tile.dataset.board), tile: tile.dataset.tile });

  /* The dialogue ------------------------------------------------------------------------------- */
  function refuse(text) {
    box().querySelector(".board-refused").textContent = text;
  }

  function fields() {
    return Object.fromEntries([...box().querySelectorAll("[data-field]")].map((label) =>
      [label.dataset.field, label.querySelector("input, select, textarea").value]));
  }

  function save(button) {
    refuse("");
    tell({ ...JSON.parse(button.dataset.told), fields: fields() });
  }

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    const button = target.closest(".board-save");
    if (button) save(button);
    else if (target.closest(".board-close")) box().close();
    else if (target.closest(".board-import")) desk.functions.boardImport();
    else if (target.closest(".board-menu .btn")) target.closest("details").removeAttribute("open");
  });

  document.addEventListener("keydown", (event) => {
    const field = event.target instanceof Element && event.target.closest("#board-dialog input");
    if (event.key !== "Enter" || !field || event.isComposing) return;
    event.preventDefault();
    save(box().querySelector(".board-save"));
  });

  /* Entries of menus --------------------------------------------------------------------------- */
  /* What a tile of a page is, from its frame: `<page>-<panel>-frame`. */
  function panelOf(tile) {
    const page = desk.openPage();
    const [, panel] = (page && new RegExp(`^${page.key}-(.+)-frame$`).exec(tile.id)) || [];
    return page && page.analysis && panel ? { page: page.key, panel } : null;
  }

  function addable(tile) {
    if (!tile) return null;
    if (!tile.classList.contains("board-tile")) return panelOf(tile);
    return { board: Number(tile.dataset.board), tile: tile.dataset.tile };
  }

  const titleOf = (tile) => {
    const title = tile.querySelector(".panel-title");
    return tile.dataset.title || (title ? title.textContent.trim() : "") || desk.word("tile");
  };

  desk.conditions.tileAdd = () => Boolean(addable(meant()));
  desk.functions.tileAdd = () =>
    tell({ action: "ask-add", adding: addable(meant()), title: titleOf(meant()) });

  desk.conditions.board = () => Boolean(openBoard());
  desk.conditions.boardTile = () => Boolean(boardTile());
  desk.conditions.boardPage = () => Boolean(boardTile() && boardTile().dataset.opens);
  desk.functions.boardNew = () => tell({ action: "ask-new" });
  desk.functions.boardEdit = () => tell({ action: "tile-edit", ...named(boardTile()) });
  desk.functions.boardCopy = () => tell({ action: "tile-copy", ...named(boardTile()) });
  desk.functions.boardRemove = () => tell({ action: "tile-remove", ...named(boardTile()) });
  desk.functions.boardPlace = () => boardTile().querySelector(".board-grip").focus();
  desk.functions.boardExport = () =>
    desk.download(`/dashboards/${openBoard()}/all.xlsx${location.search}`);
  desk.functions.boardOpen = () => desk.goFiltered(boardTile().dataset.opens);

  /* A file ------------------------------------------------------------------------------------- */
  async function read(file) {
    if (!file) return;
    const bytes = new Uint8Array(await file.slice(0, LARGEST + 1).arrayBuffer());
    const parts = [];
    for (let from = 0; from < bytes.length; from += 32768) {
      parts.push(String.fromCharCode(...bytes.subarray(from, from + 32768)));
    }
    tell({ action: "import", data: btoa(parts.join("")) });
  }

  let field = null; // held until a file is chosen: nothing else knows it

  desk.functions.boardImport = function () {
    field = desk.element("input", "", null, { type: "file", accept: ".json,application/json" });
    field.addEventListener("change", () => read(field.files[0]));
    field.click();
  };

  /* What the server says of a press -------------------------------------------------------------- */
  desk.stepKinds.board = (state, step) => tell({ action: "state", id: step.id, ...state });

  const noUpdate = () => window.dash_clientside.no_update;
  const looks = (tile) => tile.querySelector(".retry").click();

  function told(answer) {
    if (!answer) return noUpdate();
    if (answer.error) {
      if (box().open) refuse(answer.error);
      else window.picholine.toast(answer.error, "danger");
      return noUpdate();
    }
    if (answer.close && box().open) box().close();
    if (answer.step) desk.pushStep({ kind: "board", ...answer.step });
    if (answer.text) window.picholine.toast(answer.text, "success");
    if (answer.address && location.pathname + location.search !== answer.address) desk.jump(answer.address);
    if (answer.look) {
      const [board, key] = answer.look;
      looks(document.querySelector(`[data-board="${board}"][data-tile="${key}"]`));
    }
    return noUpdate();
  }

  function opens(asked) {
    if (!asked) return noUpdate();
    if (asked.error) return told(asked);
    refuse("");
    if (!box().open) box().showModal();
    requestAnimationFrame(() => {
      const first = box().querySelector("input, select, textarea");
      if (first) first.focus();
    });
    return noUpdate();
  }

  /* What is being computed is looked for again, as long as somebody sees it. */
  setInterval(() => {
    if (document.hidden) return;
    document.querySelectorAll(".slot:not([hidden]) .board-tile.is-computing").forEach(looks);
  }, LOOK_MS);

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    picholine_boards: { told, opens },
  });
})();
