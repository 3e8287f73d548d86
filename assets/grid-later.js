/* The grid's script is the largest beside the charts', and many pages have no grid: it is fetched
   when the first grid comes into sight. Until then a grid is an empty place of the same size. */
(function () {
  "use strict";
  const meta = document.querySelector('meta[name="picholine-grid"]');
  if (!meta || window.dash_ag_grid) return;
  const { createElement, useEffect, useRef, useState } = window.React;
  let begun = null; // the promise of the real component
  let real = null;
  let tell;
  const arrived = new Promise((fulfil) => { tell = fulfil; });

  function fetched() {
    begun = begun || new Promise((fulfil, reject) => {
      const script = document.createElement("script");
      script.src = meta.content;
      script.onload = () => {
        real = window.dash_ag_grid.AgGrid;
        tell();
        fulfil();
      };
      script.onerror = () => {
        script.remove();
        begun = null; // another grid, or this one shown again, tries once more
        reject(new Error(meta.content));
      };
      document.head.append(script);
    });
    return begun;
  }

  function AgGrid(props) {
    const [ready, setReady] = useState(Boolean(real));
    const place = useRef(null);
    useEffect(() => {
      if (ready) return undefined;
      let here = true;
      const watch = new ResizeObserver(() => {
        if (!place.current || !place.current.clientWidth) return; // of a page that is not open
        fetched().then(() => here && setReady(true), (error) => console.warn(error));
      });
      watch.observe(place.current);
      return () => {
        here = false;
        watch.disconnect();
      };
    }, [ready]);
    if (ready) return createElement(real, props);
    return createElement("div", { ref: place, className: props.className, style: props.style });
  }
  AgGrid.dashRenderType = true; // as the real one: Dash says what it is drawn for

  window.dash_ag_grid = {
    AgGrid,
    getApi: () => null,
    getApiAsync: (id) => arrived.then(() => window.dash_ag_grid.getApiAsync(id)),
  };
})();
