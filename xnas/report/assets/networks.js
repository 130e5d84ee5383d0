// The evaluations of one run, column by column.
Page.Networks = class {
  constructor(run) { this.run = run; this.listeners = []; this.read(); }
  // Tell all that show networks when there are others.
  listen(listener) { this.listeners.push(listener); }
  // Take what a search has come to since; what holds on to a part of the run sees it.
  update(run) {
    const { columns, expected } = this.run;
    Object.assign(this.run, run, { columns: Object.assign(columns, run.columns), expected: expected && Object.assign(expected, run.expected) });
    this.read();
    this.listeners.forEach((listener) => listener());
  }
  read() {
    const { run } = this;
    const columns = run.columns;
    const number = (value) => (value === null ? NaN : value === "-inf" ? -Infinity : value === "inf" ? Infinity : value);
    this.id = columns.id;
    this.values = columns.values.map((column) => Float64Array.from(column, number));
    this.extras = columns.extras.map(({ name, values }) => ({ name, values: Float64Array.from(values, number) }));
    this.front = new Set(columns.front);
    const { expected } = run;
    this.expected = expected && Object.assign(this.expected ?? {}, { front: expected.front, means: expected.means.map((column) => Float64Array.from(column, number)),
      margins: expected.deviations.map((column) => Float64Array.from(column, (value) => (value === null ? NaN : 1.959964 * value))), probability: expected.probability });
    this.row = new Map(this.id.map((id, row) => [id, row]));
    this.size = this.id.length;
    this._children = null;
  }
  get children() {
    if (!this._children) {
      this._children = new Map();
      this.run.columns.parents.forEach((parents, row) => {
        for (const parent of new Set(parents)) {
          if (!this._children.has(parent)) this._children.set(parent, []);
          this._children.get(parent).push(this.id[row]);
        }
      });
    }
    return this._children;
  }
  // What is expected of a network with other seeds, within 95 %; nothing where it is known exactly.
  believed(row) {
    if (!this.expected || this.expected.probability[row] === null) return [];
    const { means, margins, probability } = this.expected;
    return [...this.run.axes.map(({ label }, i) => [`expected ${label}`, `${Page.short(means[i][row])} ± ${Page.short(margins[i][row])}`]).filter((_, i) => margins[i][row] > 0),
      ["on the front", `probability ${probability[row].toFixed(2)}`]];
  }
  // Whether an objective tells it already.
  hasAxis(name) { return this.run.axes.some((axis) => axis.name === name); }
  parents(row) { return this.run.columns.parents[row]; }
  reason(row) {
    const index = this.run.columns.reason[row];
    return index === null ? null : this.run.columns.reasons[index];
  }
  // A link to what explains a network in full; null without such a page.
  page(row) {
    const address = this.run.explained[this.id[row]];
    return address ? Page.make("a", { href: address, "aria-label": `Network ${this.id[row]}, explained in full` }, "in full") : null;
  }
  host(row) {
    const index = this.run.columns.host[row];
    return index === null ? null : this.run.columns.hosts[index];
  }
  // The choices of a network; genotypes are written as text to keep the page small.
  choices(row) { return this.run.columns.genotype[row].split(".").filter(Boolean).map(Number); }
  operations(row) {
    return this.choices(row).map((choice, i) => {
      const variable = this.run.variables[i];
      return variable && choice < variable.operations.length ? variable.operations[choice] : String(choice);
    });
  }
  // Rows of a network and all its ancestors.
  ancestry(id) {
    const found = new Set();
    const waiting = [id];
    while (waiting.length) {
      const one = waiting.pop();
      const row = this.row.get(one);
      if (row === undefined || found.has(row)) continue;
      found.add(row);
      waiting.push(...this.parents(row));
    }
    return [...found].sort((a, b) => this.id[a] - this.id[b]);
  }
  summary(row) {
    const values = this.run.axes.map((axis, i) => `${axis.name} ${Page.short(this.values[i][row])}`);
    const reason = this.reason(row);
    return [`Network ${this.id[row]}`, reason ? `failed: ${reason}` : values.join(", "), this.front.has(row) ? "on the front" : ""].filter(Boolean).join(": ").replace(": on the front", ", on the front");
  }
};
