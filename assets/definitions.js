/* Ways from the list of definitions to their figures: the page stays, only its address changes. */
(function () {
  "use strict";
  const OTHER = ["metric", "by"];

  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element && event.target.closest("a.definition-split");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const wanted = new URL(link.href);
    const pairs = new URLSearchParams(location.search);
    OTHER.forEach((name) => pairs.set(name, wanted.searchParams.get(name)));
    history.pushState({}, "", `${wanted.pathname}?${pairs}`);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    const panel = document.getElementById("definitions-chart-frame");
    if (panel) panel.scrollIntoView({ behavior: "smooth", block: "nearest" });
  });
})();
