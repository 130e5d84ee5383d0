// The figure of all evaluations: hover, click, zoom, and the same by keyboard.
Page.tradeoffs = (section, networks, selection) => {
  const run = networks.run;
  const columns = run.columns;
  const frame = section.querySelector(".plot-frame");
  const figure = section.querySelector(".scatter");
  const tip = section.querySelector(".tip");
  const single = run.axes.length === 1;
  const several = run.axes.length > 2;
  const { expected } = networks;  // one object as long as the page is
  const part = (name) => section.querySelector(`.${name}`);
  const least = (rows, values) => rows.reduce((low, row) => Math.min(low, values[row]), Infinity);
  const most = (rows, values) => rows.reduce((high, row) => Math.max(high, values[row]), -Infinity);
  let every;
  // Infinite values have no place of their own: the edge at the worse end stands for them.
  const edged = (index) => {
    const values = index < 0 ? Float64Array.from(networks.id) : networks.values[index];
    const finite = every.filter((row) => Number.isFinite(values[row]));
    const [low, high] = finite.length ? [least(finite, values), most(finite, values)] : [0, 1];
    const room = 0.07 * (high - low || 1);
    return Float64Array.from(values, (value) => (value === -Infinity ? low - room : value === Infinity ? high + room : value));
  };
  // What is drawn where, until other objectives are to be shown.
  let axes, across, heights, finite, infinite, shown, front, idsShown;
  const arrange = () => {
    every = Array.from({ length: networks.size }, (_, row) => row);
    axes = single ? [-1, 0] : several ? [Number(part("axis-across").value), Number(part("axis-up").value)] : [0, 1];
    [across, heights] = axes.map(edged);
    const isInfinite = (row) => axes.some((index) => index >= 0 && Math.abs(networks.values[index][row]) === Infinity);
    const drawn = every.filter((row) => !Number.isNaN(across[row]) && !Number.isNaN(heights[row]));
    finite = drawn.filter((row) => !isInfinite(row));
    infinite = drawn.filter(isInfinite);
    shown = [...finite, ...infinite];
    front = shown.filter((row) => networks.front.has(row)).sort((a, b) => across[a] - across[b]);
    idsShown = shown.map((row) => networks.id[row]);
  };
  arrange();
  const infiniteRows = () => new Set(infinite);
  const height = (row) => heights[row];

  let colourings;
  const labels = { generation: "by generation", parameters: "by parameters", time: "by training time", elapsed: "by time of search" };
  const colour = () => {
    colourings = {
      generation: ["generation", columns.generation],
      parameters: ["parameters", columns.parameters],
      time: ["seconds", columns.training.map((t, i) => (t === null ? null : t + (columns.scoring[i] || 0)))],
      elapsed: ["seconds searched", columns.elapsed],
    };
    const scores = [...(several ? run.axes.map((axis, i) => [`axis-${i}`, axis.label, networks.values[i]]) : []),
      ...networks.extras.map(({ name, values }, i) => [`extra-${i}`, name, values])];
    for (const [key, name, values] of scores) {
      colourings[key] = [Page.plain(name), Array.from(values, (value) => (Number.isFinite(value) ? value : null))];
      labels[key] = `by ${name}`;
    }
    if (networks.hasAxis("n_parameters")) delete colourings.parameters;
  };
  colour();
  const select = part("colour-by"), size = part("size-by");
  for (const name of Object.keys(colourings)) {
    if (colourings[name][1].some((value) => value !== null)) select.append(Page.make("option", { value: name }, labels[name]));
  }
  if (!select.options.length) select.append(Page.make("option", { value: "" }, "the same for all"));
  if (several) {
    size.append(Page.make("option", { value: "" }, "the same for all"), ...[...select.options].map((one) => one.cloneNode(true)));
  }
  // Colour and size tell of the objectives that are not shown across or up.
  const tellOthers = () => {
    const others = run.axes.map((_, i) => i).filter((i) => !axes.includes(i));
    const has = (i) => i !== undefined && [...select.options].some((one) => one.value === `axis-${i}`);
    if (has(others[0])) select.value = `axis-${others[0]}`;
    size.value = has(others[1]) ? `axis-${others[1]}` : "";
  };
  if (several) tellOthers();

  const range = (rows, values, margin) => {
    if (!rows.length) return [0, 1];
    const [a, b] = [least(rows, values), most(rows, values)];
    const room = (b - a || Math.abs(a) * 0.1 || 1) * margin;
    return [a - room, b + room];
  };
  const whole = () => ({ x: range(shown, across, 0.05), y: range(shown, heights, 0.06) });
  const ofFront = () => ({ x: range(front, across, 0.25), y: range(front, heights, 0.25) });
  // Where a network is expected with other seeds, and how far from there it may be.
  const meanOf = (k, row) => (axes[k] < 0 ? networks.id[row] : expected.means[axes[k]][row]);
  const marginOf = (k, row) => (axes[k] < 0 ? 0 : expected.margins[axes[k]][row]);
  const isFaded = () => part("fade")?.checked;
  const faded = (rows, usual) => (isFaded() ? rows.map((row) => usual * (0.3 + 0.7 * Math.sqrt(expected.probability[row] ?? 0))) : usual);
  let view = whole();
  const type = () => Page.scatterType(shown.length);

  const marker = (rows, more) => {
    const c = Page.colours();
    const values = select.value ? colourings[select.value][1] : [];
    const known = shown.map((row) => values[row]).filter((value) => typeof value === "number");
    return { color: rows.map((row) => values[row] ?? null), colorscale: c.scale,
      cmin: known.reduce((a, b) => Math.min(a, b), Infinity), cmax: known.reduce((a, b) => Math.max(a, b), -Infinity), ...more };
  };
  // Sizes from half of the usual one to twice as much.
  const sizes = (rows, usual) => {
    const values = size?.value ? colourings[size.value][1] : null;
    if (!values) return usual;
    const known = shown.filter((row) => values[row] !== null);
    const [a, b] = [least(known, values), most(known, values)];
    return rows.map((row) => (values[row] === null ? usual * 0.5 : usual * (0.5 + (1.5 * (values[row] - a)) / (b - a || 1))));
  };
  const points = (rows, more, extra = {}) => ({ type: type(), mode: "markers", hoverinfo: "skip",
    x: rows.map((row) => across[row]), y: rows.map(height), marker: marker(rows, more), ...extra });

  const traces = () => {
    const c = Page.colours();
    const many = shown.length > 1500;
    const others = finite.filter((row) => !networks.front.has(row));
    const beyond = infiniteRows();
    const symbol = (one) => (beyond.has(one) ? "triangle-down" : "circle");
    const narrow = figure.clientWidth < 560;
    const latest = select.value === "generation" ? most(shown, colourings.generation[1]) : 0;
    const bar = { ...(latest > 0 && latest < 8 ? { tick0: 0, dtick: 1 } : {}), title: { text: select.value ? colourings[select.value][0] : "", side: narrow ? "bottom" : "right", font: { size: 12 } },
      thickness: 10, outlinewidth: 0, tickfont: { size: 11 }, ticks: "", len: narrow ? 0.8 : 0.9,
      ...(narrow ? { orientation: "h", y: 1.02, yanchor: "bottom", x: 0.5, ypad: 0 } : {}) };
    const estimated = expected ? [...expected.front].sort((a, b) => meanOf(0, a) - meanOf(0, b)) : [];
    const row = networks.row.get(selection.id);
    const chosen = row === undefined || !shown.includes(row) ? [] : [row];
    return [
      points(others, { size: sizes(others, many ? 5 : 9), opacity: faded(others, many ? 0.65 : 0.85), line: { width: 0 }, colorbar: bar, showscale: Boolean(select.value) }),
      points(infinite.filter((one) => !networks.front.has(one)), { size: 9, symbol: "triangle-down", opacity: 0.8, line: { width: 0 } }),
      { type: "scatter", mode: "lines", hoverinfo: "skip", x: front.map((one) => across[one]), y: front.map(height), line: { shape: single ? "linear" : run.axes[axes[0]].maximize ? "vh" : "hv", color: c.front, width: single || several ? 0 : 1.5 } },
      points(front, { size: sizes(front, 11), symbol: front.map(symbol), line: { width: 2.5, color: c.front } }, { type: "scatter" }),
      { type: "scatter", mode: single ? "markers" : "lines+markers", hoverinfo: "skip", name: "estimated front", x: estimated.map((one) => meanOf(0, one)), y: estimated.map((one) => meanOf(1, one)),
        line: { shape: single || !run.axes[axes[0]].maximize ? "hv" : "vh", color: c.ink, width: single || several ? 0 : 1.25, dash: "dash" }, marker: { size: 8, symbol: "diamond", color: c.paper, line: { width: 1.5, color: c.ink } } },
      ...(expected ? chosen : []).filter((one) => expected.probability[one] !== null).map((one) => ({
        type: "scatter", mode: "markers", hoverinfo: "skip", name: "intervals", x: [meanOf(0, one)], y: [meanOf(1, one)], marker: { size: 5, color: c.ink },
        ...Object.fromEntries(["error_x", "error_y"].map((name, k) => [name, { type: "data", array: [marginOf(k, one)], color: c.ink, thickness: 1.5, width: marginOf(k, one) ? 5 : 0, visible: marginOf(k, one) > 0 }])) })),
      { type: "scatter", mode: "markers", hoverinfo: "skip", x: chosen.map((one) => across[one]), y: chosen.map(height),
        marker: { size: 22, symbol: "circle-open", color: c.chosen, line: { width: 2.5 } } },
    ];
  };
  const layout = () => Page.layout({
    margin: { l: 60, r: 12, t: 12, b: 52 },
    xaxis: Page.axis(single ? "evaluation" : run.axes[axes[0]].label, { range: view.x }),
    yaxis: Page.axis(run.axes[axes[1]].label, { range: view.y }),
  });
  const draw = () => { Page.plot(figure, traces(), layout()); placed = null; };

  // Where the points are on the screen, until the view changes.
  let placed = null;
  const places = () => {
    if (!placed) {
      const { xaxis, yaxis } = figure._fullLayout;
      placed = { x: new Float64Array(shown.length), y: new Float64Array(shown.length) };
      shown.forEach((row, i) => {
        placed.x[i] = xaxis._offset + xaxis.l2p(across[row]);
        placed.y[i] = yaxis._offset + yaxis.l2p(height(row));
      });
      placed.inside = (i) => placed.x[i] >= xaxis._offset - 1 && placed.x[i] <= xaxis._offset + xaxis._length + 1
        && placed.y[i] >= yaxis._offset - 1 && placed.y[i] <= yaxis._offset + yaxis._length + 1;
    }
    return placed;
  };
  const nearest = (event, reach) => {
    const box = figure.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const at = places();
    let best = -1, least = reach * reach;
    for (let i = 0; i < shown.length; i++) {
      const away = (at.x[i] - x) ** 2 + (at.y[i] - y) ** 2;
      // Points of the front are drawn on top: they win where points overlap.
      if (away < least - (networks.front.has(shown[i]) ? -4 : 0) && at.inside(i)) { best = i; least = away; }
    }
    return best;
  };

  let pointed = -1;
  const hide = () => { tip.hidden = true; pointed = -1; frame.style.cursor = ""; };
  const show = (i) => {
    if (i < 0) return hide();
    if (i !== pointed) {
      const row = shown[i];
      const lines = run.axes.map((axis, k) => Page.make("div", {}, `${axis.label} ${Page.short(networks.values[k][row])}`));
      lines.push(...networks.extras.map(({ name, values }) => Page.make("div", {}, `${name} ${Page.short(values[row])}`)));
      lines.push(...networks.believed(row).map((pair) => Page.make("div", {}, pair.join(" "))));
      const facts = [columns.generation[row] === null ? "" : `generation ${columns.generation[row]}`,
        columns.parameters[row] === null || networks.hasAxis("n_parameters") ? "" : `${Page.whole(columns.parameters[row])} parameters`].filter(Boolean).join(", ");
      const head = Page.make("strong", {}, `Network ${networks.id[row]}`);
      const mark = networks.front.has(row) ? [Page.make("span", { class: "badge" }, " on the front")] : [];
      tip.replaceChildren(head, ...mark, ...lines, Page.make("div", {}, facts), ...Page.cell(run, networks.choices(row)));
      pointed = i;
    }
    tip.hidden = false;
    frame.style.cursor = "pointer";
    const at = places();
    const [width, tall] = [tip.offsetWidth, tip.offsetHeight];
    const left = at.x[i] + 18 + width > frame.clientWidth ? at.x[i] - 18 - width : at.x[i] + 18;
    const top = Math.min(Math.max(at.y[i] - tall / 2, 0), Math.max(frame.clientHeight - tall, 0));
    tip.style.transform = `translate(${Math.max(Math.min(left, frame.clientWidth - width), 0)}px, ${top}px)`;
  };

  let pressed = null;
  frame.addEventListener("pointermove", (event) => { if (!event.buttons) show(nearest(event, 28)); else hide(); });
  frame.addEventListener("pointerleave", hide);
  frame.addEventListener("pointerdown", (event) => { pressed = [event.clientX, event.clientY]; }, true);
  window.addEventListener("pointerup", (event) => {
    const still = pressed && Math.hypot(event.clientX - pressed[0], event.clientY - pressed[1]) < 5;
    pressed = null;
    if (!still) return;
    const i = nearest(event, event.pointerType === "touch" ? 40 : 28);
    if (i >= 0) { selection.choose(networks.id[shown[i]]); if (event.pointerType === "touch") show(i); }
  }, true);

  const look = (ranges) => { view = ranges; Plotly.relayout(figure, { "xaxis.range": view.x, "yaxis.range": view.y }); };
  const zoom = (factor) => {
    const scale = ([a, b]) => [(a + b) / 2 - ((b - a) / 2) * factor, (a + b) / 2 + ((b - a) / 2) * factor];
    look({ x: scale(view.x), y: scale(view.y) });
  };
  const zooms = { in: () => zoom(0.6), out: () => zoom(1 / 0.6), front: () => look(ofFront()), all: () => look(whole()) };
  section.querySelectorAll("[data-zoom]").forEach((button) => button.addEventListener("click", () => { hide(); zooms[button.dataset.zoom](); }));

  let orders = { x: null, y: null };
  const step = (axis, by) => {
    const key = axis === "x" ? across : heights;
    orders[axis] ??= shown.map((_, i) => i).sort((a, b) => key[shown[a]] - key[shown[b]] || shown[a] - shown[b]);
    const order = orders[axis].filter(places().inside);
    if (!order.length) return;
    const start = shown.indexOf(networks.row.get(selection.id));
    const now = order.indexOf(pointed >= 0 ? pointed : start);
    const next = now < 0 ? 0 : Math.min(Math.max(now + by, 0), order.length - 1);
    show(order[next]);
    Page.announce(networks.summary(shown[order[next]]));
  };
  const keys = { ArrowRight: () => step("x", 1), ArrowLeft: () => step("x", -1), ArrowUp: () => step("y", 1), ArrowDown: () => step("y", -1),
    Home: () => step("x", -Infinity), End: () => step("x", Infinity), Escape: hide,
    "+": zooms.in, "=": zooms.in, "-": zooms.out, 0: zooms.all,
    Enter: () => { if (pointed >= 0) selection.choose(networks.id[shown[pointed]]); }, " ": () => keys.Enter() };
  frame.addEventListener("keydown", (event) => {
    if (event.target !== frame || event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });
  frame.addEventListener("blur", hide);

  Page.drawing(figure, draw);
  draw();
  figure.on("plotly_relayout", () => {
    const { xaxis, yaxis } = figure._fullLayout;
    view = { x: [...xaxis.range], y: [...yaxis.range] };
    placed = null;
  });
  figure.on("plotly_doubleclick", () => { zooms.all(); return false; });
  figure.on("plotly_afterplot", () => { placed = null; });
  select.addEventListener("change", draw);
  part("fade")?.addEventListener("change", draw);
  if (several) {
    size.addEventListener("change", draw);
    for (const one of [part("axis-across"), part("axis-up")]) {
      one.addEventListener("change", () => {
        hide();
        arrange();
        tellOthers();
        orders = { x: null, y: null };
        view = whole();
        const names = axes.map((index) => run.axes[index].name).join(" and ");
        frame.setAttribute("aria-label", `${names} of ${Page.whole(shown.length)} networks`);
        Page.announce(`The figure shows ${names}.`);
        draw();
      });
    }
  }
  selection.listen(draw);
  networks.listen(() => {
    const showedAll = JSON.stringify(view) === JSON.stringify(whole());
    const id = pointed >= 0 ? idsShown[pointed] : null;
    colour();
    arrange();
    orders = { x: null, y: null };
    if (showedAll) view = whole();
    draw();
    pointed = id === null ? -1 : shown.indexOf(networks.row.get(id));
    if (pointed < 0) hide();
  });
};
