// Any two networks side by side; the second is the chosen one.
Page.beside = (section, networks, selection) => {
  const { run } = networks;
  const { columns } = run;
  const [first, second] = ["first", "second"].map((name) => section.querySelector(`.${name}`));
  const table = section.querySelector("table");
  const facts = [
    ...run.axes.map(({ label }, i) => [label, (row) => Page.short(networks.values[i][row])]),
    ...networks.extras.map(({ name }, i) => [name, (row) => Page.short(networks.extras[i].values[row])]),
    ...(networks.expected ? [...run.axes.map(({ label }) => `expected ${label}`), "on the front"] : []).map((name) =>
      [name, (row) => (networks.believed(row).find(([one]) => one === name) ?? [name, "–"])[1]]),
    ...(networks.hasAxis("n_parameters") ? [] : [["parameters", (row) => Page.whole(columns.parameters[row])]]),
    ...(networks.hasAxis("training_time") ? [] : [["training, s", (row) => Page.seconds(columns.training[row])]]),
    ["generation", (row) => Page.whole(columns.generation[row])],
    ["outcome", (row) => networks.reason(row) ?? (networks.front.has(row) ? "front" : "dominated")],
    ...run.variables.map(({ label }, i) => [label, (row) => networks.operations(row)[i] ?? "–"]),
  ];
  const show = () => {
    const inputs = [first, second];
    const rows = inputs.map((input) => networks.row.get(Number(input.value)));
    inputs.forEach((input, i) => input.setAttribute("aria-invalid", String(rows[i] === undefined)));
    const line = (name, cells, differs = false) => Page.make("tr", { class: differs ? "differs" : null },
      Page.make("th", { scope: "row" }, name), ...cells.map((cell) => Page.make("td", {}, ...[cell].flat())));
    const told = (get) => rows.map((row) => (row === undefined ? "there is no such network" : get(row)));
    table.tHead.replaceChildren(Page.make("tr", {}, Page.make("td", {}), ...inputs.map(({ value }) => Page.make("th", { scope: "col" }, `Network ${value}`))));
    Page.fill(table.tBodies[0],
      line("drawing", rows.map((row) => (row === undefined ? [] : Page.drawn(run, networks.id[row], networks.choices(row))))),
      ...facts.map(([name, get]) => { const cells = told(get); return line(name, cells, cells[0] !== cells[1]); }));
  };
  first.addEventListener("input", show);
  second.addEventListener("input", () => (networks.row.has(Number(second.value)) ? selection.choose(Number(second.value)) : show()));
  selection.listen((id) => { if (Number(second.value) !== id) second.value = id; show(); });
  networks.listen(show);
  second.value = selection.id;
  show();
};
