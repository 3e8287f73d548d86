/* Rules of data quality: presses are told by script, and the editor comes into sight. */
"use strict";
(function () {
  const TYPED_MS = 450; // until what was typed last has reached its field's value
  const functions = (window.dash_clientside = window.dash_clientside || {});
  let count = 0;
  let typed = 0;

  function tell(press) {
    count += 1;
    window.dash_clientside.set_props("rules-pressed", { data: { ...press, n: count } });
  }

  document.addEventListener("input", function (event) {
    if (event.target.closest("#rule-editor")) typed = Date.now();
  });

  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-rule-action]");
    if (!button) return;
    const press = { action: button.dataset.ruleAction, key: button.dataset.ruleKey };
    const wait = press.action === "save" ? Math.max(0, typed + TYPED_MS - Date.now()) : 0;
    setTimeout(() => tell(press), wait);
  });

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
