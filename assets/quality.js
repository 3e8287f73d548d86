/* Rules of data quality: the editor comes into sight when it opens. */
"use strict";
(function () {
  const functions = (window.dash_clientside = window.dash_clientside || {});
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
