// Any two networks side by side; the second is the chosen one.
const MOST_PAIRS = 10;

Page.beside = (section, networks, selection, level) => {
  const { run } = networks;
  const { columns } = run;
  const [first, second] = ["first", "second"].map((name) => section.querySelector(`.${name}`));
  const table = section.querySelector("table");
  const facts = [
    ...run.axes.map(({ label }, i) => [label, (row) => networks.values[i][row]]),
    ...networks.extras.map(({ name }, i) => [name, (row) => networks.extras[i].values[row]]),
    ...(networks.expected ? [...run.axes.map(({ label }) => `expected ${label}`), "on the front"] : []).map((name) =>
      [name, (row) => (networks.believed(row).find(([one]) => one === name) ?? [name, "–"])[1]]),
    ...(networks.hasAxis("n_parameters") ? [] : [["parameters", (row) => columns.parameters[row] ?? NaN, Page.whole]]),
    ...(networks.hasAxis("training_time") ? [] : [["training, s", (row) => columns.training[row] ?? NaN, Page.seconds]]),
    ["generation", (row) => Page.whole(columns.generation[row])],
    ["outcome", (row) => networks.reason(row) ?? (networks.front.has(row) ? "front" : "dominated")],
    ...run.variables.map(({ label }, i) => [label, (row) => networks.operations(row)[i] ?? "–"]),
    ...(Object.keys(run.explained).length ? [["explained", (row) => networks.page(row) ?? "–"]] : []),
  ];
  // Numbers of the second get the difference from the first.
  const cellsOf = (rows, get, text = Page.short) => {
    const found = rows.map((row) => (row === undefined ? "there is no such network" : get(row)));
    const shown = found.map((one) => (typeof one !== "number" ? one : Number.isNaN(one) ? "–" : text(one)));
    const change = found[1] - found[0];
    const differs = typeof shown[0] === "string" && shown[0] !== shown[1];
    const isNumber = found.every((one) => typeof one === "number") && Number.isFinite(change) && differs;
    return { differs, cells: isNumber ? [shown[0], [`${shown[1]} `, Page.make("small", {}, `(${change < 0 ? "−" : "+"}${text(Math.abs(change))})`)]] : shown };
  };
  // Where the two tell classes apart differently, as far as Gram matrices were read.
  const pictures = section.querySelector(".pictures");
  const apart = section.querySelector(".apart");
  const distances = (rows) => {
    if (!run.classes.length || rows.includes(undefined) || rows[0] === rows[1]) return [];
    const ids = rows.map((row) => networks.id[row]);
    const both = ids.map((id) => run.distances[id]);
    const missing = ids.filter((_, i) => !both[i]);
    const heading = Page.make(`h${level}`, {}, "Distances of classes that differ most");
    if (missing.length) return [heading, Page.make("p", { class: "aside" }, `Nothing is on this page of how far network ${missing.join(" and ")} keeps classes apart: that is there for the networks of the front and the latest, as far as their Gram matrices are stored.`)];
    const pairs = [];
    run.classes.forEach((name, i) => run.classes.slice(i + 1).forEach((other) => pairs.push(`${name} and ${other}`)));
    const known = pairs.map((name, i) => ({ name, values: both.map((one) => one[i]) })).filter(({ values }) => !values.includes(null))
      .map((one) => ({ ...one, change: one.values[1] - one.values[0] })).sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
    const number = (thousandths) => (thousandths / 1000).toFixed(3).replace("-", "−");
    const lines = known.slice(0, MOST_PAIRS).map(({ name, values, change }) => Page.make("tr", {}, Page.make("th", { scope: "row" }, ...Page.breakable(name)),
      Page.make("td", {}, number(values[0])), Page.make("td", {}, `${number(values[1])} `, Page.make("small", {}, `(${change < 0 ? "" : "+"}${number(change)})`))));
    const head = Page.make("tr", {}, Page.make("th", { scope: "col" }, "classes"), ...ids.map((id) => Page.make("th", { scope: "col" }, `Network ${id}`)));
    return [heading, Page.make("p", { class: "aside" }, `${lines.length} of ${known.length} pairs of classes, with the cosine distance of their activations in either network (0: alike, 1: nothing in common).`),
      Page.make("table", {}, Page.make("thead", {}, head), Page.make("tbody", {}, ...lines))];
  };
  const show = () => {
    const inputs = [first, second];
    const rows = inputs.map((input) => networks.row.get(Number(input.value)));
    inputs.forEach((input, i) => input.setAttribute("aria-invalid", String(rows[i] === undefined)));
    const line = (name, cells, differs = false) => Page.make("tr", { class: differs ? "differs" : null },
      Page.make("th", { scope: "row" }, ...Page.breakable(name)), ...cells.map((cell) => Page.make("td", {}, ...[cell].flat().flatMap((one) => (typeof one === "string" ? Page.breakable(one) : [one])))));
    table.tHead.replaceChildren(Page.make("tr", {}, Page.make("td", {}), ...inputs.map(({ value }) => Page.make("th", { scope: "col" }, `Network ${value}`))));
    Page.fill(pictures, ...rows.filter((row) => row !== undefined).map((row) => Page.make("div", {}, `Network ${networks.id[row]}`, ...Page.drawn(run, networks.id[row], networks.choices(row)))));
    Page.fill(table.tBodies[0],
      ...facts.map(([name, get, text]) => { const { cells, differs } = cellsOf(rows, get, text); return line(name, cells, differs); }));
    Page.fill(apart, ...distances(rows));
  };
  first.addEventListener("input", show);
  second.addEventListener("input", () => (networks.row.has(Number(second.value)) ? selection.choose(Number(second.value)) : show()));
  selection.listen((id) => { if (Number(second.value) !== id) second.value = id; show(); });
  selection.listenKept((id) => { first.value = id; show(); });
  networks.listen(show);
  second.value = selection.id;
  show();
};
