/* The editor of segment rules: the dialogue opens and closes as the server says. */
(function () {
  "use strict";
  const dialogue = () => document.getElementById("rules-dialog");

  function show(wanted) {
    const box = dialogue();
    if (!wanted || !box) return null;
    if (wanted.open && !box.open) box.showModal();
    if (!wanted.open && box.open) box.close();
    if (wanted.said) window.picholine.toast(wanted.said, "success");
    return null;
  }

  /* New numbers beside the rules; what is being typed stays untouched. */
  function mark(marks) {
    const api = window.dash_ag_grid && window.dash_ag_grid.getApi("rules-grid");
    if (!api || !marks) return null;
    api.forEachNode((node) => {
      const [customers, problem] = marks[node.data.id] || [null, false];
      Object.assign(node.data, { customers, problem });
    });
    api.refreshCells({ force: true });
    return null;
  }

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    if (target.closest(".rules-close")) dialogue().close();
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, { segments: { show, mark } });
})();
