/* Notes: the dialogue, opened from a tile, from a mark or from the list; after a change the open
   page is drawn anew, others when they are opened again. */
(function () {
  "use strict";
  const desk = window.picholine.desk;
  const box = () => document.getElementById("note-dialog");
  const field = (name) => document.getElementById("note-" + name);
  const stale = new Set(); // keys of pages drawn before the last change
  let meant = null; // what the open dialogue writes: its fields the person does not type

  function open(note) {
    const page = desk.openPage();
    const written = (note.address || "").split(/[/?]/)[1]; // the page it was written on
    const here = note.page || written || (page ? page.key : "");
    meant = { address: location.pathname + location.search, ...note, here };
    window.dash_clientside.set_props("note-refused", { children: null });
    window.dash_clientside.set_props("note-about", { children: null });
    window.dash_clientside.set_props("note-day", { value: note.day || "" });
    field("text").value = note.text || "";
    field("grain").value = note.grain || "day";
    field("where").value = note.page ? "here" : "";
    box().showModal();
    field("text").focus();
    if (note.dimension) {
      window.picholine_press("note-asked", { dimension: note.dimension, member: note.member });
    }
  }

  function save() {
    if (!meant) return;
    const { id, dimension, member, address, here } = meant;
    window.picholine_press("note-kept", {
      id: id || 0, dimension: dimension || "", member: member || "", address,
      text: field("text").value, day: field("day").value, grain: field("grain").value,
      page: field("where").value ? here : "",
    });
  }

  /* What the address of a figure's lines says of it: its time, else the member it stands for. */
  function aboutOf(address) {
    const names = desk.data().dimensions || {};
    const found = {};
    [...new URLSearchParams((address || "").split("?")[1] || "")]
      .filter(([name]) => name === "cell").forEach(([, text]) => {
        const [key, value] = [text.slice(0, text.indexOf(":")), text.slice(text.indexOf(":") + 1)];
        const grain = [...field("grain").options].some((option) => option.value === key);
        if (grain) Object.assign(found, { day: value, grain: key });
        else if (value && (names[key] || names["own." + key])) Object.assign(found, { dimension: key, member: value });
      });
    return found;
  }

  /* The member whose page is open. */
  function ofPage() {
    const page = desk.openPage();
    const member = new URLSearchParams(location.search).get("member");
    const words = document.getElementById("member-words");
    const known = words ? JSON.parse(words.dataset.pages) : {};
    const dimension = Object.keys(known).find((key) => page && known[key].page === page.key);
    return dimension && member ? { dimension, member } : {};
  }

  desk.functions.annotate = () => open(ofPage());
  desk.functions.annotateTile = () => open({ ...ofPage(), grain: "month" });

  /* The menu of a figure offers it too. */
  const offered = desk.figureItems;
  desk.figureItems = (address) => [...offered(address), {
    text: desk.text(desk.find("tile.annotate")), act: () => open({ ...ofPage(), ...aboutOf(address) }),
  }];

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    const edited = target.closest("[data-note]");
    if (edited) open(JSON.parse(edited.dataset.note));
    if (target.closest(".note-close")) box().close();
    if (target.closest("#note-save")) save();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.closest || !event.target.closest("#note-dialog")) return;
    if (event.target === field("text") ? !(event.ctrlKey || event.metaKey) : !event.target.closest("input")) return;
    event.preventDefault();
    save();
  });

  function freshen() {
    const page = desk.openPage();
    if (!page || !stale.delete(page.key)) return;
    const { data } = desk.props(page.key + "-query");
    if (typeof data === "string") window.dash_clientside.set_props(page.key + "-query", { data });
  }
  document.addEventListener("desk-routed", () => setTimeout(freshen, 0));

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    picholine_notes: {
      changed: function (told) {
        if (told && box().open) {
          box().close();
          meant = null;
          window.picholine.toast(told.text, "success");
        }
        (desk.props("shell-pages").data || []).forEach(({ key }) => stale.add(key));
        freshen();
        return window.dash_clientside.no_update;
      },
    },
  });
})();
