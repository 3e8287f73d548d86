/* Drilling down: names in the page's grid lead one level down, and so does the menu of any figure
   that speaks of a member of a hierarchy. */
(function () {
  "use strict";
  const desk = window.picholine.desk;
  const told = () => JSON.parse(document.getElementById("drill-down-words").dataset.told);

  /* A name in the page's grid. */
  const renderers = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  renderers.PcDrill = function (props) {
    const href = props.data && props.data._down;
    if (!href || !props.value) return props.value;
    return window.React.createElement("a", { href, className: "member-link", tabIndex: -1 }, props.value);
  };

  /* The members an address chooses alone, by dimension. */
  function chosen(pairs) {
    const named = pairs.filter(([name]) => name === "cell" || name === "only")
      .map(([, text]) => [text.slice(0, text.indexOf(":")), text.slice(text.indexOf(":") + 1)]);
    const single = named.filter(([key], _place, all) => all.filter(([k]) => k === key).length === 1);
    return new Map(single);
  }

  /* The hierarchies a figure stands in, with how many levels it has chosen of each; those that
     another one goes further in are left out. */
  function ways(cells) {
    const found = Object.entries(told().hierarchies).map(([along, levels]) => {
      const open = levels.findIndex((level) => !cells.has(level));
      return { along, levels, depth: open < 0 ? levels.length : open };
    }).filter((way) => way.depth > 0 && way.depth < way.levels.length);
    const inside = (one, other) => one.levels.slice(0, one.depth)
      .every((level) => other.levels.slice(0, other.depth).includes(level));
    return found.filter((one) => !found.some((other) => other.depth > one.depth && inside(one, other)));
  }

  desk.figureOffers.push(function (address) {
    const pairs = [...new URLSearchParams((address || "").split("?")[1] || "")];
    if (pairs.some(([name]) => name === "of" || name === "table" || name === "side")) return [];
    const cells = chosen(pairs);
    const { levels, down } = told();
    return ways(cells).map((way) => {
      const above = new Set(way.levels.slice(0, way.depth));
      const kept = pairs.filter(([name, text]) => name !== "metric"
        && !(["cell", "only"].includes(name) && above.has(text.slice(0, text.indexOf(":")))));
      const path = [...above].map((key) => ["cell", `${key}:${cells.get(key)}`]);
      const query = new URLSearchParams([...kept, ["along", way.along], ...path]);
      return {
        text: down.replace("{level}", levels[way.levels[way.depth]]),
        act: () => desk.go("/drill?" + query),
      };
    });
  });
})();
