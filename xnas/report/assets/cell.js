// Drawings of networks. A cell is put together from one drawing an operation.
{
  const parsed = new Map();
  const parse = (text) => {
    if (!parsed.has(text)) parsed.set(text, new DOMParser().parseFromString(text, "image/svg+xml").documentElement);
    return parsed.get(text);
  };
  const groups = new WeakMap();
  const groupsOf = (drawing) => {
    if (!groups.has(drawing)) {
      groups.set(drawing, new Map([...drawing.querySelectorAll("[data-node]")].map((group) => [group.dataset.node, group])));
    }
    return groups.get(drawing);
  };
  // What stands back: as in the drawings of the command `cell`.
  const fade = (group) => {
    if (group.dataset.node) {
      group.setAttribute("data-active", "false");
      group.querySelector("g").setAttribute("opacity", "0.45");
      group.querySelector("title").textContent += ", cut off";
    }
    for (const one of group.querySelectorAll("text")) one.setAttribute("fill-opacity", "0.68");
    for (const one of group.querySelectorAll("circle")) {
      one.setAttribute("stroke-opacity", "0.45");
      one.setAttribute("stroke-dasharray", "3 4");
    }
  };
  // Nodes and edges that lie on a way from the cell's first node to its last.
  const onTheWay = (ends, passes, count) => {
    const reached = new Set([0]), needed = new Set();
    for (let node = 1; node < count; node++) {
      if (ends.some(([from, to], i) => to === node && passes[i] && reached.has(from))) reached.add(node);
    }
    if (reached.has(count - 1)) needed.add(count - 1);
    for (let node = count - 2; node >= 0; node--) {
      if (reached.has(node) && ends.some(([from, to], i) => from === node && passes[i] && needed.has(to))) needed.add(node);
    }
    return { nodes: needed, edges: ends.map(([from, to], i) => passes[i] && reached.has(from) && needed.has(from) && needed.has(to)) };
  };

  const drawCell = (run, choices) => {
    const { uniform, ends } = run.drawings;
    const drawing = document.importNode(parse(uniform[0]), true);
    const count = 1 + Math.max(...ends.map(([, to]) => to));
    const pieces = choices.map((choice, i) => groupsOf(parse(uniform[choice])).get(run.variables[i].name));
    const passes = pieces.map((piece) => piece.dataset.active === "true");
    const way = onTheWay(ends, passes, count);
    const places = new Map([...drawing.querySelectorAll("[data-node]")].map((group) => [group.dataset.node, group]));
    pieces.forEach((piece, i) => {
      const copy = document.importNode(piece, true);
      if (passes[i] && !way.edges[i]) fade(copy);
      places.get(run.variables[i].name).replaceWith(copy);
    });
    drawing.querySelectorAll("g.xnas-cell-node").forEach((node, i) => { if (!way.nodes.has(i)) fade(node); });
    drawing.querySelector("title").textContent = `Network [${choices.join(", ")}]`;
    return drawing;
  };

  // The drawing of a network, in a list that is empty if there is none.
  Page.cell = (run, choices) => {
    if (choices.length !== run.variables.length || choices.some((choice, i) => choice >= run.variables[i].operations.length)) return [];
    if (run.drawings.uniform) return [drawCell(run, choices)];
    const graph = run.drawings.graphs?.[choices.join(".")];
    return graph ? [document.importNode(parse(graph), true)] : [];
  };
  // The same as a button that opens it large.
  Page.drawn = (run, id, choices) => Page.cell(run, choices).map((svg) =>
    Page.make("button", { type: "button", class: "drawing", "aria-label": `Enlarge the drawing of network ${id}` }, svg));
}
