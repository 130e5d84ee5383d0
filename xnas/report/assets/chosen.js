// What is chosen, and the panel that tells all about it.
Page.Selection = class {
  constructor(networks) { this.networks = networks; this.id = null; this.listeners = []; this.keepers = []; }
  listen(listener) { this.listeners.push(listener); }
  // Tell what compares networks which one to compare with.
  listenKept(listener) { this.keepers.push(listener); }
  keep() {
    this.keepers.forEach((listener) => listener(this.id));
    Page.announce(`Network ${this.id} is kept: the next one that is chosen stands beside it, under Side by side.`);
  }
  choose(id, silently = false) {
    const row = this.networks.row.get(id);
    if (row === undefined) return;
    this.id = id;
    this.listeners.forEach((listener) => listener(id));
    if (!silently) Page.announce(`Chosen: ${this.networks.summary(row)}.`);
  }
};

const MOST_RELATIVES = 24;

Page.chosen = (panel, networks, selection, level) => {
  const run = networks.run;
  const columns = run.columns;
  const fact = (name, ...value) => Page.make("div", {}, Page.make("dt", {}, name), Page.make("dd", {}, ...value));
  const relatives = (ids) => {
    if (!ids.length) return ["none"];
    const shown = ids.slice(0, MOST_RELATIVES).map((id) =>
      networks.row.has(id) ? Page.networkButton(id, (one) => selection.choose(one)) : Page.make("span", {}, `${id} (no row)`));
    const more = ids.length > MOST_RELATIVES ? [Page.make("span", {}, `and ${ids.length - MOST_RELATIVES} more`)] : [];
    return [Page.make("div", { class: "relatives" }, ...shown, ...more)];
  };
  // Whom a network has each of its choices from.
  const origins = (row) => {
    const choices = networks.choices(row);
    const parents = [...new Set(networks.parents(row))].filter((id) => networks.row.has(id));
    const theirs = parents.map((id) => networks.choices(networks.row.get(id)));
    return choices.map((choice, i) => {
      const from = parents.filter((_, k) => theirs[k][i] === choice);
      if (!parents.length) return null;
      return from.length === parents.length && parents.length > 1 ? "both parents" : from.length ? `parent ${from.join(", ")}` : "new";
    });
  };
  const choicesTable = (row) => {
    const from = origins(row);
    const has = from.some((one) => one !== null);
    const head = ["node", "operation", ...(has ? ["from"] : [])].map((text) => Page.make("th", { scope: "col" }, text));
    const rows = networks.operations(row).map((operation, i) => Page.make("tr", {},
      Page.make("th", { scope: "row" }, run.variables[i]?.label ?? `choice ${i}`), Page.make("td", {}, operation), ...(has ? [Page.make("td", {}, from[i])] : [])));
    return Page.make("details", {}, Page.make("summary", {}, has ? "Operations, and whom it has them from" : "Operations"),
      Page.make("table", {}, Page.make("thead", {}, Page.make("tr", {}, ...head)), Page.make("tbody", {}, ...rows)));
  };
  const command = (id) => {
    const text = `${run.program} train ${run.argument} --pick ${id}`;
    return Page.make("div", { class: "command" }, Page.make("code", {}, `${run.program} train ${run.argument} `, Page.make("span", { class: "flag" }, `--pick ${id}`)),
      Page.make("button", { type: "button", class: "copy", "aria-label": `Copy the command ${text}` }, "Copy"));
  };
  const show = () => {
    const row = networks.row.get(selection.id);
    if (row === undefined) { Page.fill(panel, Page.make("p", { class: "aside" }, "Choose a network to see it here.")); return; }
    const open = panel.querySelector("details")?.open;
    const reason = networks.reason(row);
    const heading = Page.make(`h${level}`, {}, `Network ${selection.id}`);
    if (networks.front.has(row)) heading.append(" ", Page.make("small", { class: "badge" }, "on the front"));
    const values = reason ? [fact("failed", reason)] : run.axes.map((axis, i) => fact(axis.label, Page.short(networks.values[i][row])));
    if (!reason) values.push(...networks.extras.map(({ name, values: all }) => fact(name, Page.short(all[row]))));
    values.push(...networks.believed(row).map((pair) => fact(...pair)));
    if (columns.replicates[row] > 1) values.push(fact("replicates", `${columns.replicates[row]}, the numbers are means`));
    const time = (seconds) => (seconds === null ? "unknown" : `${Page.seconds(seconds)} s`);
    const list = Page.make("dl", { class: "facts" }, ...values,
      ...(columns.generation[row] === null ? [] : [fact("generation", String(columns.generation[row]))]),
      ...(networks.hasAxis("n_parameters") ? [] : [fact("parameters", Page.whole(columns.parameters[row]))]),
      ...(networks.hasAxis("training_time") ? [] : [fact("training", time(columns.training[row]))]), fact("scoring", time(columns.scoring[row])),
      ...(networks.page(row) ? [fact("explained", networks.page(row))] : []),
      fact("where", networks.host(row) ?? "unknown"),
      fact("parents", ...relatives([...new Set(networks.parents(row))])),
      fact("children", ...relatives(networks.children.get(selection.id) ?? [])));
    const table = choicesTable(row);
    table.open = Boolean(open);
    Page.fill(panel, heading, ...Page.drawn(run, selection.id, networks.choices(row)), list, table,
      ...(networks.size > 1 ? [Page.make("button", { type: "button", class: "keep", onclick: () => selection.keep() }, "Keep to compare")] : []), ...(reason ? [] : [command(selection.id)]));
  };
  selection.listen(() => {
    // A button that had the focus is gone: keep the reader where they were.
    const hadFocus = panel.contains(document.activeElement);
    show();
    if (hadFocus && !panel.contains(document.activeElement)) { panel.setAttribute("tabindex", "-1"); panel.focus({ preventScroll: true }); }
  });
  networks.listen(show);
  show();
};
