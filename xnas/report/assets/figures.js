// Figures that only show: hypervolume, effects, distances of many classes.
Page.hypervolume = (elements, curves) => {
  // curves: [{ name, curve, colour, dash, band }]
  const kinds = [["evaluations", "evaluations", (curve) => curve.evaluations], ["seconds", "time", (curve) => curve.seconds]];
  elements.forEach((element, i) => {
    if (!element) return;
    const [, title, get] = kinds[i];
    const draw = () => {
      const c = Page.colours();
      const longest = Math.max(...curves.flatMap(({ curve }) => get(curve).filter((value) => value !== null)), 0);
      const [unit, label] = i === 0 ? [1, title] : longest > 7200 ? [3600, "hours"] : longest > 180 ? [60, "minutes"] : [1, "seconds"];
      const traces = curves.map(({ name, curve, colour, dash }) => ({ type: "scatter", mode: "lines", name: Page.plain(Page.cut(name, Math.floor(element.clientWidth / 9))),
        x: [0, ...get(curve).map((value) => (value === null ? null : value / unit))], y: [0, ...curve.values],
        line: { shape: "hv", width: 2.5, color: colour === undefined ? c.accent : c.runs[colour % c.runs.length], dash },
        hovertemplate: `%{x:.4~g} ${label}<br>hypervolume %{y:.5~g}<extra></extra>` }));
      const bands = i === 0 ? curves.filter(({ band }) => band).map(({ band, colour }) => ({ type: "scatter", mode: "lines", hoverinfo: "skip", showlegend: false,
        x: [...band.evaluations, ...[...band.evaluations].reverse()], y: [...band.high, ...[...band.low].reverse()], fill: "toself", line: { width: 0 },
        fillcolor: c.runs[colour % c.runs.length] + "26" })) : [];
      Page.plot(element, [...bands, ...traces], Page.layout({ height: 320 + (curves.length > 1 ? 20 * curves.length : 0), hovermode: "closest", dragmode: false,
        xaxis: Page.axis(label, { rangemode: "tozero" }), yaxis: Page.axis("hypervolume", { range: lifted(curves) }),
        showlegend: curves.length > 1, legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" }, margin: { l: 60, r: 16, t: 12, b: 48 } }));
    };
    Page.whenSeen(element, draw);
  });
};

// The fronts of several runs in one picture.
const SYMBOLS = ["circle", "square", "diamond", "triangle-up", "cross", "x", "star"];
Page.fronts = (element, fronts, axes) => {
  const [across, up] = axes;
  const draw = () => {
    const c = Page.colours();
    // Runs that share their settings share a colour, and differ in dash and sign.
    const traces = fronts.map(({ label, points, colour, dash }, i) => ({ type: "scatter", mode: axes.length === 2 ? "lines+markers" : "markers", name: Page.plain(Page.cut(label, Math.floor(element.clientWidth / 9))),
      x: points.map(([x]) => x), y: points.map(([, y]) => y), line: { shape: across.maximize ? "vh" : "hv", width: 1.8, color: c.runs[colour % c.runs.length], dash },
      marker: { size: 10, symbol: SYMBOLS[i % SYMBOLS.length], color: c.runs[colour % c.runs.length] },
      hovertemplate: `${Page.plain(label)}<br>${Page.plain(across.label)} %{x:.5~g}<br>${Page.plain(up.label)} %{y:.5~g}<extra></extra>` }));
    Page.plot(element, traces, Page.layout({ height: 400 + 20 * fronts.length, hovermode: "closest", dragmode: false, showlegend: true,
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" }, xaxis: Page.axis(across.label), yaxis: Page.axis(up.label), margin: { l: 60, r: 16, t: 12, b: 48 } }));
  };
  Page.whenSeen(element, draw);
};

// Most of a hypervolume is there after the first networks: show where it changes.
const lifted = (curves) => {
  const values = curves.flatMap(({ curve }) => curve.values).filter((value) => value > 0);
  if (!values.length) return [0, 1];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = (high - low || high) * 0.08;
  return [Math.max(low - room * 2, 0), high + room];
};

const MOST_EFFECTS = 60;

Page.effects = (element, run, effects) => {
  const all = effects.effects.filter((one) => one.estimate !== null);
  const strongest = [...all].sort((a, b) => Math.abs(b.estimate) - Math.abs(a.estimate)).slice(0, MOST_EFFECTS);
  const kept = new Set(strongest);
  const lines = [];  // one a row of the figure: a node, or an operation there
  run.variables.forEach((variable, i) => {
    const here = all.filter((one) => one.variable === i && kept.has(one));
    if (!here.length) return;
    lines.push({ node: variable.label });
    here.forEach((one) => lines.push({ ...one, operation: variable.operations[one.choice] }));
  });
  const draw = () => {
    const c = Page.colours();
    const shown = lines.map((line, i) => ({ ...line, y: i })).filter((line) => !line.node);
    const significant = (one) => one.low > 0 || one.high < 0;
    const trace = { type: "scatter", mode: "markers", x: shown.map((one) => one.estimate), y: shown.map((one) => one.y),
      error_x: { type: "data", symmetric: false, array: shown.map((one) => one.high - one.estimate), arrayminus: shown.map((one) => one.estimate - one.low), color: c.accent, thickness: 1.6, width: 0 },
      marker: { size: 8, color: shown.map((one) => (significant(one) ? c.accent : c.paper)), line: { width: 1.8, color: c.accent } },
      customdata: shown.map((one) => [Page.plain(one.operation), ...[one.estimate, one.low, one.high].map(Page.signed), one.rows]),
      hovertemplate: "%{customdata[0]}: %{customdata[1]}<br>%{customdata[2]} to %{customdata[3]}<br>%{customdata[4]} networks<extra></extra>" };
    const annotations = lines.map((line, i) => ({ line, i })).filter(({ line }) => line.node).map(({ line, i }) => ({
      text: `<b>${Page.plain(line.node)}</b>`, x: 0, xref: "paper", y: i, xanchor: "left", showarrow: false, font: { size: 12, color: c.soft } }));
    Page.plot(element, [trace], Page.layout({ height: 90 + 21 * lines.length, dragmode: false, annotations,
      shapes: [{ type: "line", x0: 0, x1: 0, y0: 0, y1: 1, yref: "paper", line: { color: c.soft, width: 1 }, layer: "below" }],
      xaxis: Page.axis(`change of ${effects.objective}`, { nticks: 6 }),
      yaxis: Page.axis("", { range: [lines.length - 0.4, -0.8], tickvals: shown.map((one) => one.y), ticktext: shown.map((one) => Page.plain(Page.cut(one.operation, element.clientWidth < 560 ? 18 : 60))), ticks: "", showgrid: false, showline: false, title: undefined }),
      margin: { l: 90, r: 16, t: 4, b: 52 } }));
  };
  Page.whenSeen(element, draw);
};

Page.distances = (element, explanation) => {
  const names = explanation.classes.map(Page.plain);
  const draw = () => {
    const c = Page.colours();
    const numbers = names.map((_, i) => i);
    const height = Math.min(element.clientWidth, 620);
    const every = Math.ceil(names.length / (height * 0.035));  // names fit that are 16 pixels apart
    const short = explanation.classes.map((name) => Page.plain(Page.cut(name, element.clientWidth < 560 ? 14 : 24)));
    const ticks = { tickvals: numbers.filter((i) => i % every === 0), ticktext: short.filter((_, i) => i % every === 0), showgrid: false, ticks: "" };
    Page.plot(element, [{ type: "heatmap", z: explanation.distances, x: numbers, y: numbers, colorscale: "Cividis", hoverongaps: false,
      customdata: names.map((a) => names.map((b) => `${a} and ${b}`)), hovertemplate: "%{customdata}<br>%{z:.4f}<extra></extra>",
      colorbar: { title: { text: "distance", side: "right" }, thickness: 10, outlinewidth: 0 } }],
      Page.layout({ height: height + 60, dragmode: coarse ? false : "zoom", xaxis: Page.axis("", { ...ticks, tickangle: -90, title: undefined }),
        yaxis: Page.axis("", { ...ticks, autorange: "reversed", title: undefined }), font: { size: 11, color: c.ink, family: getComputedStyle(document.body).fontFamily } }));
  };
  Page.whenSeen(element, draw);
};
