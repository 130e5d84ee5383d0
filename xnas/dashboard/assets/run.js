// A page on one run or several: figures and tables go on in place.
{
  const parts = ["header.page-head", "nav.contents", "main"];
  let { version } = document.documentElement.dataset;
  // What a page is made of: where that changes, such as at the first row, it is made anew.
  const outline = (root) => [...root.querySelectorAll("section")].map((one) => one.className).join();
  const made = ({ runs }) => JSON.stringify(runs.map((run) => [run.axes, run.columns.extras.map(({ name }) => name), Boolean(run.expected), run.variables.length, Boolean(run.curve)]));
  const take = ({ version: latest, status, html, data }) => {
    Live.status(status);
    if (html === undefined) return;
    const after = Live.parse(html);
    const same = outline(Live.before) === outline(after) && made(Page.data) === made(data);
    const scrolled = window.scrollY;
    const chosen = Page.runs.map(({ selection }) => (selection.networks.row.size ? selection.id : null));
    for (const part of parts) {
      const [here, old, next] = [document, Live.before, after].map((root) => root.querySelector(part));
      if (same || part !== "main") Live.morph(here, old, next);
      else here.replaceChildren(...document.importNode(next, true).childNodes);
    }
    document.title = after.querySelector("h1").textContent;
    if (same) Page.update(data);
    else { Page.data = data; Page.begin(chosen); window.scrollTo(0, scrolled); }
    Live.before = after;
    version = latest;
  };
  Live.follow(() => `data.json?since=${encodeURIComponent(version)}`, take);
}
