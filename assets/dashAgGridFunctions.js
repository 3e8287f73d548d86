/* Formats of the grid's numbers, in the page's language; the same rules as core/formats.py. */
(function () {
  "use strict";
  const UNKNOWN = "–";
  const DIGITS = {
    money: 0, amount: 2, price: 4, percent: 1, points: 1, integer: 0, quantity: 0, number: 2, score: 3,
  };
  const formats = {};
  const french = () => document.documentElement.lang === "fr";

  function formatter(kind, currency) {
    const key = [document.documentElement.lang, kind, currency].join("|");
    if (!formats[key]) {
      const options = {
        minimumFractionDigits: DIGITS[kind] || 0,
        maximumFractionDigits: DIGITS[kind] || 0,
      };
      if (["money", "amount", "price"].includes(kind)) {
        Object.assign(options, { style: "currency", currency, currencyDisplay: "narrowSymbol" });
      }
      if (kind === "percent") options.style = "percent";
      formats[key] = new Intl.NumberFormat(french() ? "fr-FR" : "en-GB", options);
    }
    return formats[key];
  }

  function text(value, kind, currency) {
    if (value === undefined) return ""; // of a row that is on its way
    if (value === null || Number.isNaN(value)) return UNKNOWN;
    const scaled = kind === "points" ? value * 100 : value;
    const sign = scaled < 0 ? "\u2212" : "";
    const digits = formatter(kind, currency).format(Math.abs(scaled));
    const unit = kind === "points" ? "\u00a0" + (french() ? "pt" : "pts") : "";
    return (/[1-9]/.test(digits) ? sign : "") + digits + unit;
  }

  window.dashAgGridFunctions = Object.assign({}, window.dashAgGridFunctions, {
    pcFormat: text,
    pcDelta: function (value, kind, currency) {
      const shown = text(value, kind, currency);
      return value > 0 && /[1-9]/.test(shown) ? "+" + shown : shown;
    },
    /* 1 where a value is good news, −1 where it is bad; good is 1, −1 or 0. */
    pcSide: (value, good) => Math.sign(value || 0) * good,
  });
})();
