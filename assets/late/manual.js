/* The manual beside the page: it opens at what is written about the page, and follows it. */
(function () {
  "use strict";
  const desk = window.picholine.desk;
  const { element, word } = desk;
  const LEAST = 2; // letters of a search
  const MOST = 30;
  const AROUND = 60;
  let told = null; // { chapters, pages }, as the server answers
  let shown = null; // { box, body, list, layer }

  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  async function load() {
    if (told) return;
    const build = document.querySelector('meta[name="picholine-manual"]').content;
    const answer = await fetch(`/manual/${document.documentElement.lang}?v=${build}`);
    if (!answer.ok) throw new Error(String(answer.status));
    told = await answer.json();
  }

  function open(chapter, anchor) {
    const found = told.chapters.find((one) => one.key === chapter) || told.chapters[0];
    if (shown.chapter !== found.key) {
      shown.chapter = found.key;
      shown.list.value = found.key;
      // Written by the server from the guide, in which nothing is taken for HTML.
      shown.body.innerHTML = found.body;
    }
    shown.body.hidden = false;
    shown.found.hidden = true;
    const heading = anchor && document.getElementById(`${found.key}--${anchor}`);
    if (heading) heading.scrollIntoView();
    else shown.body.scrollTop = 0;
  }

  function openPage() {
    const page = desk.openPage();
    open(...((page && told.pages[page.key]) || [told.chapters[0].key, ""]));
  }

  /* Sections with every word of the search. */
  function sections() {
    if (told.sections) return told.sections;
    told.sections = told.chapters.flatMap((chapter) => {
      const box = element("div");
      box.innerHTML = chapter.body;
      const found = [];
      [...box.children].forEach((part) => {
        if (/^H[1-3]$/.test(part.tagName)) {
          found.push({ chapter, anchor: part.id.split("--")[1], title: part.textContent, text: "" });
        } else found[found.length - 1].text += " " + part.textContent;
      });
      return found.map((one) => ({ ...one, folded: fold(`${one.title} ${one.text}`) }));
    });
    return told.sections;
  }

  function excerpt(section, first) {
    const text = section.text.replace(/\s+/g, " ").trim();
    const place = Math.max(0, fold(text).indexOf(first) - AROUND);
    return (place ? "…" : "") + text.slice(place, place + 2 * AROUND + first.length) + "…";
  }

  function search(text) {
    const words = fold(text).split(/\s+/).filter(Boolean);
    if (text.trim().length < LEAST) { shown.body.hidden = false; shown.found.hidden = true; return; }
    // What is called so comes before what names it, and that before what speaks of it.
    const rank = ({ title }) => (fold(title) === words.join(" ") ? 2 : 0)
      + (words.every((part) => fold(title).includes(part)) ? 1 : 0);
    const hits = sections().filter((one) => words.every((part) => one.folded.includes(part)))
      .sort((a, b) => rank(b) - rank(a));
    const rows = hits.slice(0, MOST).map((one) => {
      const button = element("button", "manual-hit", [element("strong", "", one.title),
        element("span", "manual-where", one.title === one.chapter.title ? "" : one.chapter.title), element("span", "", excerpt(one, words[0]))],
      { type: "button" });
      button.addEventListener("click", () => open(one.chapter.key, one.anchor));
      return element("li", "", button);
    });
    shown.found.replaceChildren(rows.length ? element("ul", "", rows)
      : element("p", "", word("manualNone", { text })));
    shown.body.hidden = true;
    shown.found.hidden = false;
    desk.say(word("manualFound", { n: hits.length }));
  }

  function build() {
    const close = element("button", "icon-button", desk.iconOf("close"),
      { type: "button", "aria-label": word("close") });
    const field = element("input", "form-control", null,
      { type: "search", placeholder: word("manualSearch"), "aria-label": word("manualSearch") });
    const list = element("select", "form-select",
      told.chapters.map((one) => element("option", "", one.title, { value: one.key })),
      { "aria-label": word("manualChapter") });
    const body = element("article", "manual-body", null, { tabindex: "0", "aria-label": word("manual") });
    const found = element("div", "manual-found");
    found.hidden = true;
    const box = element("aside", "manual", [
      element("header", "keys-head", [element("h2", "", word("manual")), close]),
      element("div", "manual-tools", [field, list]), body, found,
    ], { id: "manual", role: "dialog", "aria-label": word("manual"), tabindex: "-1" });
    close.addEventListener("click", () => desk.closeLayer(shown.layer));
    field.addEventListener("input", () => search(field.value));
    list.addEventListener("change", () => open(list.value, ""));
    body.addEventListener("click", (event) => {
      const link = event.target instanceof Element && event.target.closest("a");
      if (!link) return;
      event.preventDefault();
      if (link.dataset.chapter) open(link.dataset.chapter, link.getAttribute("href").split("--")[1]);
    });
    return { box, body, list, found, chapter: "" };
  }

  const resized = () => window.dispatchEvent(new Event("resize"));

  window.picholine.manual = async function () {
    if (shown) { desk.closeLayer(shown.layer); return; }
    await load();
    if (shown) return; // pressed twice while it came
    const made = build();
    made.layer = desk.openLayer(made.box, () => {
      made.box.remove();
      document.body.classList.remove("has-manual");
      shown = null;
      resized();
    });
    made.layer.soft = true; // the page beside it goes on
    shown = made;
    document.body.append(made.box);
    document.body.classList.add("has-manual");
    resized();
    openPage();
    made.box.focus({ preventScroll: true });
  };

  document.addEventListener("desk-routed", () => { if (shown) setTimeout(openPage); });
})();
