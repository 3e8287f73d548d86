/* The dialogue that keeps the open page under a name. */
(function () {
  "use strict";
  const box = () => document.getElementById("view-dialog");
  const desk = window.picholine.desk;

  desk.functions.saveView = function () {
    window.dash_clientside.set_props("view-refused", { children: null });
    box().showModal();
    const field = document.getElementById("view-name");
    field.focus();
    field.select();
  };

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    if (target.closest(".view-dialog-close")) box().close();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.closest || !event.target.closest("#view-name")) return;
    event.preventDefault();
    box().querySelector("[data-press]").click();
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    picholine_views: {
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
