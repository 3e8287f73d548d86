/* What is loaded only when it is wanted: the manual. */
(function () {
  "use strict";
  const desk = window.picholine.desk;
  const loading = {};

  /* A script and its style sheet of the folder `late`, once. */
  desk.late = function (name) {
    const build = document.querySelector('meta[name="picholine-build"]').content;
    loading[name] = loading[name] || new Promise((fulfil, reject) => {
      const style = desk.element("link", "", null,
        { rel: "stylesheet", href: `/assets/late/${name}.css?v=${build}` });
      const script = desk.element("script", "", null, { src: `/assets/late/${name}.js?v=${build}` });
      script.addEventListener("load", fulfil);
      script.addEventListener("error", () => {
        delete loading[name]; // another try may succeed
        reject(new Error(name));
      });
      document.head.append(style, script);
    });
    return loading[name];
  };

  desk.functions.manual = async function () {
    try {
      await desk.late("manual");
      await window.picholine.manual();
    } catch {
      window.picholine.toast(desk.word("manualFailed"), "danger");
    }
  };
})();
