/* Rules of data quality: switches are told by script, and the editor comes into sight. */
"use strict";
(function () {
  const functions = (window.dash_clientside = window.dash_clientside || {});
  const tell = (press) => window.picholine_press("rules-pressed", press);

  document.addEventListener("change", function (event) {
    const rule = event.target.closest("#rules-list [data-rule]");
    if (!rule) return;
    if (event.target.type === "checkbox") {
      rule.classList.toggle("is-off", !event.target.checked);
      tell({ action: "switch", key: rule.dataset.rule, value: event.target.checked });
    } else if (event.target.tagName === "SELECT") {
      tell({ action: "severity", key: rule.dataset.rule, value: event.target.value });
    }
  });

  functions.picholine_rules = {
    opened: function (children) {
      if (children) {
        window.requestAnimationFrame(function () {
          const editor = document.getElementById("rule-editor");
          if (editor) {
            editor.scrollIntoView({ block: "nearest" });
            const field = editor.querySelector("input, select");
            if (field) field.focus();
          }
        });
      }
      return window.dash_clientside.no_update;
    },
  };
})();
