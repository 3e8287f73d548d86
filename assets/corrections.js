/* The grid of quarantined rows: which cells are wrong, and which were written into. */
(function () {
  "use strict";
  window.dashAgGridFunctions = Object.assign({}, window.dashAgGridFunctions, {
    pcMarked: function (params, kind) {
      const marks = params.data && params.data[kind];
      const name = params.colDef.field;
      return Array.isArray(marks) ? marks.includes(name) : marks === name;
    },
  });
})();
