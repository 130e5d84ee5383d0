// The ancestors of the chosen network, as a figure and as a list.
const MOST_LISTED = 400;

// Labels above points, in pixels: those too near to another are left to be pointed at;
// of points in one column, one label names all that stand together.
Page.apart = (points) => {
  const labels = points.map(() => "");
  const taken = [];
  const order = points.map((_, i) => i).sort((a, b) => points[a].x - points[b].x || points[a].y - points[b].y);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    const at = (k) => points[order[k]];
    while (end < order.length && at(end).x === at(start).x && at(end).y - at(end - 1).y < 26) end++;
    const text = order.slice(start, end).map((i) => points[i].text).join(", ");
    const half = 3.6 * text.length + 4, { x, y } = at(start);
    const area = { left: x - half, right: x + half, top: y - 24, bottom: y + 6 };
    if (!taken.some((one) => one.left < area.right && area.left < one.right && one.top < area.bottom && area.top < one.bottom)) {
      taken.push(area);
      labels[order[start]] = text;
    }
    start = end;
  }
  return labels;
};

Page.lineage = (section, networks, selection) => {
  const run = networks.run;
  const figure = section.querySelector(".plot");
  const words = section.querySelector(".lineage-words");
  const list = section.querySelector(".ancestors");
  const axis = section.querySelector(".lineage-axis");
  const hasGenerations = run.columns.generation.some((value) => value !== null);
  const time = (row) => (hasGenerations ? run.columns.generation[row] : networks.id[row]);
  let near = false, drawn = false;
  let shown = [];

  const draw = () => {
    const c = Page.colours();
    const values = networks.values[Number(axis.value)];
    const finite = shown.map((row) => values[row]).filter(Number.isFinite);
    const low = Math.min(...finite), high = Math.max(...finite);
    const { label, maximize } = run.axes[Number(axis.value)];
    // What has no finite value stands beyond the worst.
    const room = 0.1 * (high - low || 1);
    const edge = finite.length ? (maximize ? low - room : high + room) : 0;
    const height = (row) => (Number.isFinite(values[row]) ? values[row] : edge);
    const x = [], y = [];
    const here = new Set(shown);
    for (const row of shown) {
      for (const parent of new Set(networks.parents(row))) {
        const above = networks.row.get(parent);
        if (here.has(above)) { x.push(time(above), time(row), null); y.push(height(above), height(row), null); }
      }
    }
    const chosen = networks.row.get(selection.id);
    const few = shown.length <= 60;
    const ends = shown.length ? [time(shown[0]), time(chosen)] : [0, 1];
    const margin = Math.max((ends[1] - ends[0]) * 0.05, 0.3);
    const range = finite.length ? [Math.min(edge, low) - 0.6 * room, Math.max(edge, high) + 1.2 * room] : [-1, 1];
    const labels = Page.apart(shown.map((row) => ({
      text: String(networks.id[row]),
      x: ((time(row) - ends[0] + margin) / (ends[1] - ends[0] + 2 * margin)) * (figure.clientWidth - 100),
      y: -((height(row) - range[0]) / (range[1] - range[0])) * 260 })));
    const traces = [
      { type: "scatter", mode: "lines", x, y, line: { color: c.soft, width: few ? 1.2 : 0.6 }, opacity: few ? 0.7 : 0.35, hoverinfo: "skip" },
      { type: "scatter", mode: "markers+text", x: shown.map(time), y: shown.map(height),
        text: labels, ids: shown.map((row) => String(networks.id[row])), customdata: shown.map((row) => Page.short(values[row])), textposition: "top center", textfont: { size: 11, color: c.soft }, cliponaxis: false,
        marker: { size: few ? 10 : 6, color: shown.map((row) => (row === chosen ? c.front : c.accent)), symbol: shown.map((row) => (Number.isFinite(values[row]) ? "circle" : "triangle-down")), line: { width: 0 } },
        hovertemplate: `network %{id}<br>${Page.plain(label)} %{customdata}<extra></extra>` },
    ];
    Page.plot(figure, traces, Page.layout({ height: 340, hovermode: "closest", dragmode: false,
      xaxis: Page.axis(hasGenerations ? "generation" : "evaluation", { range: [ends[0] - margin, ends[1] + margin], ...(ends[1] - ends[0] < 12 ? { dtick: 1 } : {}) }),
      yaxis: Page.axis(label, { range }) }));
  };
  const start = () => {
    if (shown.length < 2) return;
    draw();
    if (!drawn) figure.on("plotly_click", ({ points }) => { if (points.length) selection.choose(Number(points[0].id)); });
    drawn = true;
  };
  const generations = () => {
    const groups = new Map();
    for (const row of [...shown].reverse()) {
      const key = hasGenerations ? `generation ${time(row)}` : "newest first";
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(row);
    }
    return groups;
  };
  const show = () => {
    const row = networks.row.get(selection.id);
    if (row === undefined) return;
    shown = networks.ancestry(selection.id);
    const count = shown.length - 1;
    const first = shown.filter((one) => !networks.parents(one).length).length;
    words.textContent = count === 0
      ? `Network ${selection.id} has no ancestors: it was drawn at random.`
      : `Network ${selection.id} has ${Page.whole(count)} ancestor${count === 1 ? "" : "s"}, ${Page.whole(first)} of them drawn at random${hasGenerations ? ` in generation ${time(shown[0])}` : ""}.`;
    let left = MOST_LISTED;
    const lines = [...generations()].map(([name, rows]) => {
      const some = rows.slice(0, Math.max(left, 0));
      left -= some.length;
      const more = rows.length > some.length ? [Page.make("span", {}, `${some.length ? "and " : ""}${rows.length - some.length} ${some.length ? "more" : "networks"}`)] : [];
      return Page.make("li", {}, Page.make("span", {}, name),
        Page.make("span", { class: "relatives" }, ...some.map((one) => Page.networkButton(networks.id[one], (id) => selection.choose(id))), ...more));
    });
    const hadFocus = list.contains(document.activeElement);
    Page.fill(list, Page.make("ol", { "aria-label": "Ancestors by generation" }, ...lines));
    if (hadFocus && !list.contains(document.activeElement)) list.querySelector("button")?.focus({ preventScroll: true });
    // A network without ancestors is told of in words alone.
    for (const part of [figure.closest("figure"), section.querySelector(".toolbar"), list]) part.hidden = count === 0;
    if (near) start();
  };
  selection.listen(show);
  networks.listen(show);
  axis.addEventListener("change", start);
  show();
  Page.whenSeen(figure, () => { near = true; start(); });
};
