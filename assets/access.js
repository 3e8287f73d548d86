/* What Dash's own parts leave out for people who do not see the screen or have no mouse. */
(function () {
  "use strict";
  const targets = document.getElementsByClassName("dash-dropdown-focus-target");
  const lists = document.getElementsByClassName("dash-dropdown-options");
  const graphs = document.getElementsByClassName("panel-graph");

  /* A list has a hidden field before its button that takes the keyboard and passes it on; hidden
     parts must not take it. The button takes it itself. */
  function freeLists() {
    for (const target of targets) {
      if (target.disabled) continue;
      target.disabled = true;
      const button = target.nextElementSibling;
      if (button) button.tabIndex = 0;
    }
  }

  /* A chart is a picture with its panel's title for a name, told by the sentence of its table. */
  function nameGraphs() {
    for (const graph of graphs) {
      if (graph.getAttribute("role") || !graph.id) continue;
      const base = graph.id.replace(/-body$/, "");
      graph.setAttribute("role", "img");
      graph.setAttribute("aria-labelledby", base + "-title");
      graph.setAttribute("aria-describedby", base + "-table");
    }
  }

  /* An open list is called as its field is. */
  function nameLists() {
    for (const list of lists) {
      if (list.getAttribute("aria-label")) continue;
      const button = document.querySelector(".dash-dropdown[aria-expanded=true][id]");
      const label = button && document.querySelector(`label[for="${CSS.escape(button.id)}"]`);
      if (label) list.setAttribute("aria-label", label.textContent);
    }
  }

  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      freeLists();
      nameGraphs();
      nameLists();
    });
  }).observe(document.body, { childList: true, subtree: true });
})();
