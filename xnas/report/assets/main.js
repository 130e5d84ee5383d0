// Bring the page to life.
document.addEventListener("click", async (event) => {
  const copy = event.target.closest("button.copy");
  if (!copy) return;
  const code = copy.parentElement.querySelector("code");
  let done = true;
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {
    // Pages opened from a file may not write there in all browsers: select it instead.
    const range = document.createRange();
    range.selectNodeContents(code);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    done = document.execCommand("copy");
  }
  copy.textContent = done ? "Copied" : "Selected";
  Page.announce(done ? "Command copied." : "Command selected.");
  setTimeout(() => { copy.textContent = "Copy"; }, 2000);
});

document.addEventListener("click", (event) => {
  const drawing = event.target.closest("button.drawing")?.querySelector("svg");
  if (!drawing) return;
  const copy = drawing.cloneNode(true);
  copy.style.setProperty("--width", drawing.viewBox.baseVal.width);
  const name = copy.querySelector("title").textContent;
  const close = Page.make("button", { type: "button", onclick: () => dialog.close() }, "Close");
  const dialog = Page.make("dialog", { class: "large", "aria-label": name }, Page.make("header", {}, name, close),
    Page.make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "The drawing" }, copy));
  dialog.addEventListener("click", (one) => { if (one.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
});

const draw = (run, key) => {
  if (run.curve) {
    Page.hypervolume([document.getElementById(`curve-evaluations-${key}`), document.getElementById(`curve-time-${key}`)], [{ name: run.label, curve: run.curve }]);
  }
  run.effects.forEach((effects, i) => {
    const element = document.getElementById(`effects-${key}-${i}`);
    if (element) Page.effects(element, run, effects);
  });
  run.matrices.forEach((one) => {
    const element = document.getElementById(`distances-${key}-${one.id}`);
    if (element) Page.distances(element, one);
  });
};
// Fill the article of a run; `chosen` is the network to begin with.
const fill = (run, key, chosen = run.start) => {
  const article = document.querySelector(`[data-run="${key}"]`);
  const part = (name) => article.querySelector(`.${name}`);
  const networks = new Page.Networks(run);
  const selection = new Page.Selection(networks);
  const level = Page.data.runs.length > 1 ? 4 : 3;
  if (part("chosen")) Page.chosen(part("chosen"), networks, selection, level);
  if (part("networks")) Page.table(part("networks"), networks, selection);
  if (chosen !== null) selection.choose(chosen, true);
  if (part("tradeoffs")) Page.tradeoffs(part("tradeoffs"), networks, selection);
  if (part("beside")) Page.beside(part("beside"), networks, selection, level);
  if (part("lineage")) Page.lineage(part("lineage"), networks, selection);
  draw(run, key);
  article.addEventListener("click", (event) => {
    const button = event.target.closest("button.network[data-network]");
    if (!button) return;
    selection.choose(Number(button.dataset.network));
    part("tradeoffs")?.scrollIntoView();
  });
  return { networks, selection, update: (now) => { networks.update(now); draw(networks.run, key); } };
};
const compare = ({ curves, fronts, runs }) => {
  if (curves.length) Page.hypervolume([document.getElementById("compare-evaluations"), document.getElementById("compare-time")], curves);
  if (fronts.length) Page.fronts(document.getElementById("compare-fronts"), fronts, runs[0].axes);
};

Page.begin = (chosen = []) => {
  Page.runs = Page.data.runs.map((run, key) => fill(run, key, chosen[key] ?? run.start));
  compare(Page.data);
};
// Take other data of the same runs: what is chosen, sorted and zoomed to stays so.
Page.update = (data) => { data.runs.forEach((run, key) => Page.runs[key].update(run)); compare(data); };
Page.begin();
Page.ready = true;
