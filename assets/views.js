/* The dialogue that keeps the open page under a name. */
(function () {
  "use strict";
  const box = () => document.getElementById("view-dialog");
  const desk = window.picholine.desk;

  desk.functions.saveView = function (star) {
    window.dash_clientside.set_props("view-refused", { children: null });
    window.dash_clientside.set_props("view-star", { value: star ? ["star"] : [] });
    box().showModal();
    const field = document.getElementById("view-name");
    field.focus();
    field.select();
  };

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    if (target.closest(".view-dialog-close")) box().close();
    if (target.closest("#view-star-button")) desk.functions.saveView("star");
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.closest || !event.target.closest("#view-name")) return;
    event.preventDefault();
    box().querySelector("[data-press]").click();
  });

  /* The star of the top bar is full where a starred view is open as it was kept. */
  function mark() {
    const star = document.getElementById("view-star-button");
    const here = location.pathname + location.search;
    const kept = [...document.querySelectorAll("#starred-views a")]
      .some((link) => link.pathname + link.search === here);
    if (star) star.setAttribute("aria-pressed", String(kept));
  }
  document.addEventListener("desk-routed", () => setTimeout(mark, 0));
  document.addEventListener("desk-starred", mark);

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    picholine_views: {
      starred: function () {
        setTimeout(() => document.dispatchEvent(new Event("desk-starred")), 0);
        return window.dash_clientside.no_update;
      },
      saved: function (told) {
        if (told && box().open) {
          box().close();
          window.picholine.toast(told.text, "success");
        }
        return window.dash_clientside.no_update;
      },
    },
  });
})();
