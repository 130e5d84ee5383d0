// The table of all networks: a page at a time, sorted and filtered.
const PAGE_SIZE = 25;

Page.table = (section, networks, selection) => {
  const run = networks.run;
  const columns = run.columns;
  const table = section.querySelector("table.data");
  const pager = section.querySelector(".pager");
  const filter = section.querySelector(".filter");
  const kind = section.querySelector(".kind");
  const known = (values) => values.some((value) => value !== null);
  const within = (i) => (value, row) => (Number.isNaN(value) ? "–" : networks.expected.margins[i][row] ? [Page.short(value), " ", Page.make("small", {}, `± ${Page.short(networks.expected.margins[i][row])}`)] : [Page.short(value)]);
  const believed = () => (networks.expected ? [
    ...run.axes.map((axis, i) => ({ name: `expected ${axis.label}`, get: (row) => networks.expected.means[i][row], text: within(i), right: true, within: true, down: axis.maximize }))
      .filter((_, i) => networks.expected.margins[i].some((margin) => margin > 0)),
    { name: "P(front)", get: (row) => networks.expected.probability[row], text: (value) => (value === null ? "–" : value.toFixed(2)), right: true, down: true },
  ] : []);
  let fields = [];
  const makeFields = () => [
    { name: "network", get: (row) => networks.id[row] },
    ...run.axes.map((axis, i) => ({ name: axis.label, get: (row) => networks.values[i][row], text: Page.short, right: true, down: axis.maximize })),
    ...networks.extras.map(({ name }, i) => ({ name, get: (row) => networks.extras[i].values[row], text: Page.short, right: true, down: true })),
    ...believed(),
    ...(columns.replicates.some((count) => count > 1) ? [{ name: "replicates", get: (row) => columns.replicates[row], text: Page.whole, right: true, down: true }] : []),
    ...(known(columns.generation) ? [{ name: "generation", get: (row) => columns.generation[row], text: Page.whole, right: true }] : []),
    ...(networks.hasAxis("n_parameters") ? [] : [{ name: "parameters", get: (row) => columns.parameters[row], text: Page.whole, right: true }]),
    ...(networks.hasAxis("training_time") ? [] : [{ name: "training, s", get: (row) => columns.training[row], text: Page.seconds, right: true }]),
    { name: "outcome", get: (row) => networks.reason(row) ?? (networks.front.has(row) ? "front" : "") },
    { name: "operations", get: (row) => networks.operations(row).join(" · "), text: (text) => Page.breakable(text, 14), list: true },
  ];
  let sorted = { field: 0, down: false };
  let rows = [];
  let page = 0;

  const compare = (a, b) => {
    // What has no value comes last, either way.
    const missing = (value) => value === null || value === "" || Number.isNaN(value);
    if (missing(a) || missing(b)) return missing(a) - missing(b);
    const order = typeof a === "string" ? a.localeCompare(b) : a - b;
    return (sorted.down ? -1 : 1) * (Number.isNaN(order) ? 0 : order);
  };
  let words = null;
  const wordsOf = (row) => {
    words ??= new Array(networks.size);
    return (words[row] ??= [
      `#${networks.id[row]} `, networks.front.has(row) ? "front " : "", run.explained[networks.id[row]] ? "explained " : "", networks.reason(row) ? `failed ${networks.reason(row)} ` : "",
      columns.generation[row] === null ? "" : `generation ${columns.generation[row]} `, networks.host(row) ?? "", " ",
      networks.operations(row).map((operation, i) => `${run.variables[i]?.name ?? ""}=${operation} `).join(""), `[${networks.choices(row).join(", ")}]`,
    ].join("").toLowerCase());
  };
  const kinds = { all: () => true, front: (row) => networks.front.has(row), succeeded: (row) => !networks.reason(row), failed: (row) => Boolean(networks.reason(row)) };
  const select = () => {
    const asked = filter.value.toLowerCase().replace(/generation\s+(\d+)/g, "generation_$1").split(/\s+/).filter(Boolean);
    const fits = (row) => asked.every((word) => {
      if (word.startsWith("#")) return `#${networks.id[row]}` === word;
      if (word.startsWith("generation_")) return `generation_${columns.generation[row]}` === word;
      return wordsOf(row).includes(word);
    });
    rows = [];
    for (let row = 0; row < networks.size; row++) if (kinds[kind.value](row) && (!asked.length || fits(row))) rows.push(row);
    const get = fields[sorted.field].get;
    const keys = new Map(rows.map((row) => [row, get(row)]));
    rows.sort((a, b) => compare(keys.get(a), keys.get(b)) || a - b);
  };

  const head = () => {
    const cells = fields.map((field, i) => {
      const now = i === sorted.field;
      const button = Page.make("button", { type: "button", onclick: () => {
        sorted = { field: i, down: now ? !sorted.down : Boolean(field.down) };
        page = 0;
        refresh();
        table.querySelectorAll("thead button")[i].focus();
        Page.announce(`Sorted by ${field.name}, ${sorted.down ? "descending" : "ascending"}.`);
      } }, ...Page.breakable(field.name, 14), now ? Page.make("span", { "aria-hidden": "true" }, sorted.down ? " ↓" : " ↑") : "");
      return Page.make("th", { scope: "col", class: field.right ? "right" : null, "aria-sort": now ? (sorted.down ? "descending" : "ascending") : null }, button);
    });
    Page.fill(table.tHead, Page.make("tr", {}, ...cells));
  };
  const body = () => {
    Page.fill(table.tBodies[0], ...rows.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE).map((row) => {
      const id = networks.id[row];
      const cells = fields.slice(1).map((field) => {
        const value = field.get(row);
        return Page.make("td", { class: [field.within ? "right within" : field.right ? "right" : field.list ? "list" : "", value === "front" && field.name === "outcome" ? "on-front" : ""].join(" ").trim() || null }, ...[field.text ? field.text(value, row) : value].flat());
      });
      const first = Page.make("th", { scope: "row" }, Page.networkButton(id, (one) => selection.choose(one)));
      return Page.make("tr", { "aria-current": id === selection.id ? "true" : null, "data-network": id }, first, ...cells);
    }));
  };
  const last = () => Math.max(Math.ceil(rows.length / PAGE_SIZE) - 1, 0);
  const turn = (name, to, label) => {
    const button = Page.make("button", { type: "button", "aria-label": label, onclick: () => {
      page = to();
      body(); pages();
      const again = pager.querySelector(`[aria-label="${label}"]`);
      (again.disabled ? pager.querySelector("button:not(:disabled)") : again)?.focus();
    } }, name);
    button.disabled = to() === page;
    return button;
  };
  const pages = () => {
    const from = rows.length ? page * PAGE_SIZE + 1 : 0;
    Page.fill(pager,
      turn("«", () => 0, "First page"), turn("‹", () => Math.max(page - 1, 0), "Previous page"),
      Page.make("span", { role: "status" }, `${Page.whole(from)} to ${Page.whole(Math.min((page + 1) * PAGE_SIZE, rows.length))} of ${Page.whole(rows.length)}`),
      turn("›", () => Math.min(page + 1, last()), "Next page"), turn("»", last, "Last page"));
  };
  const refresh = () => { select(); page = Math.min(page, last()); head(); body(); pages(); };
  let waiting;
  filter.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(() => { page = 0; refresh(); }, 120); });
  kind.addEventListener("change", () => { page = 0; refresh(); });
  selection.listen((id) => table.querySelectorAll("tbody tr").forEach((line) => {
    if (line.dataset.network === String(id)) line.setAttribute("aria-current", "true"); else line.removeAttribute("aria-current");
  }));
  const update = () => {
    const name = fields[sorted.field]?.name;
    fields = makeFields();
    sorted.field = Math.max(fields.findIndex((field) => field.name === name), 0);
    words = null;
    refresh();
  };
  networks.listen(() => {
    const focused = table.contains(document.activeElement) && document.activeElement.closest("[data-network]")?.dataset.network;
    update();
    if (focused && !table.contains(document.activeElement)) table.querySelector(`[data-network="${focused}"] button`)?.focus({ preventScroll: true });
  });
  update();
};
