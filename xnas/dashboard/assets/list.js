// The list of runs; those that are ticked can be compared.
{
  const table = document.querySelector("table.runs");
  const compare = document.getElementById("compare");
  const most = Number(compare.dataset.most);
  const ticked = () => [...table.querySelectorAll("input:checked")].map((one) => one.value);
  const show = () => {
    const count = ticked().length;
    compare.disabled = count < 2 || count > most;
    compare.textContent = count > most ? `At most ${most} runs can be compared` : count < 2 ? "Tick two runs or more to compare them" : `Compare ${count} runs`;
  };
  table.addEventListener("change", show);
  compare.addEventListener("click", () => { location.href = `runs/${ticked().join("+")}/`; });
  const parts = ["table.runs tbody", "#none"];
  Live.follow(() => "list.json", ({ html }) => {
    const after = Live.parse(html);
    for (const part of parts) Live.morph(...[document, Live.before, after].map((root) => root.querySelector(part)));
    Live.before = after;
    show();
  });
  show();
}
