"use strict";
// What all parts of the page share: elements, numbers, colours.
const Page = {};

Page.data = JSON.parse(document.getElementById("data").textContent);

// Make an element; text and attributes stay text, whatever is in them.
Page.make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") element.addEventListener("click", value);
    else if (value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
};

// Plotly reads a few HTML tags in its text: names must not be taken for any.
Page.plain = (text) =>
  String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

// A long text cut in its middle: what tells two apart is often at their ends.
Page.cut = (text, most) => {
  const end = Math.floor(most / 2);
  return text.length > most ? `${text.slice(0, most - 1 - end)}…${text.slice(-end)}` : text;
};

// A long name as parts between which a line may end: behind its signs, before capitals,
// and within its longest words; words that are shorter than `least` stay whole.
const BREAKS = /(?<=[_\-(]|\p{Ll}(?=\p{Lu}))(?=[^_\-])/u;
Page.breakable = (name, least = 0) => name.split(/(?<= )/).flatMap((word) => (word.length < least ? [word]
  : word.replace(/\p{Ll}{14,}/gu, (one) => `${one.slice(0, -7)}\u00AD${one.slice(-7)}`).split(BREAKS).flatMap((part, i) => (i ? [Page.make("wbr"), part] : [part]))));

Page.short = (value) => {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value < 0 ? "−inf" : "inf";
  const size = Math.abs(value);
  if (size > 0 && size < 0.001) return String(Number(value.toPrecision(3))).replace("-", "−");
  const digits = size >= 1000 || (size >= 100 && Number.isInteger(value)) ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : 4;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace("-", "−");
};
Page.signed = (value) => (value < 0 ? "" : "+") + Page.short(value);
Page.seconds = (value) => (value === null ? "–" : value.toFixed(1));
Page.whole = (value) => (value === null || value === undefined ? "–" : value.toLocaleString("en-US"));
Page.duration = (seconds) => {
  const all = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  if (hours) return `${hours} h ${minutes} min`;
  return minutes ? `${minutes} min ${rest} s` : `${rest} s`;
};

Page.announce = (text) => { document.getElementById("announcer").textContent = text; };

// A network's number as a button that chooses it.
Page.networkButton = (id, choose) =>
  Page.make("button", { type: "button", class: "network", "aria-label": `Choose network ${id}`, onclick: () => choose(id) }, String(id));

const dark = window.matchMedia("(prefers-color-scheme: dark)");
let printing = false;
const PALETTES = {
  light: { paper: "#ffffff", ink: "#1b1f24", soft: "#58606a", line: "#e3e6ea", front: "#ab4600", accent: "#0062a3", chosen: "#1b1f24",
    scale: [[0, "#440154"], [0.25, "#3b528b"], [0.5, "#21918c"], [0.75, "#5ec962"], [1, "#c8d62b"]],
    runs: ["#0072b2", "#d55e00", "#009e73", "#a8497f", "#8a6800", "#3a86c8", "#555555"] },
  dark: { paper: "#15181c", ink: "#e8eaed", soft: "#a5adb8", line: "#2d333a", front: "#ff9d5c", accent: "#6cb8f0", chosen: "#ffffff",
    scale: [[0, "#6b5bb5"], [0.25, "#4f83b8"], [0.5, "#2fa79f"], [0.75, "#72d66f"], [1, "#fde725"]],
    runs: ["#56b4e9", "#ff9d5c", "#35c99a", "#e08bbd", "#e6c84b", "#8fb8ff", "#bbbbbb"] },
};
Page.colours = () => PALETTES[dark.matches && !printing ? "dark" : "light"];

const drawers = new Map();
// Draw again in other colours; of one element, what is to be drawn last.
Page.drawing = (element, draw) => { drawers.set(element, draw); };
const drawAll = () => drawers.forEach((draw, element) => { if (element.isConnected) draw(); else drawers.delete(element); });
// Put nodes into an element, unless the same are there: what has the focus keeps it.
Page.fill = (element, ...nodes) => {
  const other = element.cloneNode(false);
  other.append(...nodes);
  if (!other.isEqualNode(element)) element.replaceChildren(...other.childNodes);
};
dark.addEventListener("change", drawAll);
window.addEventListener("beforeprint", () => { printing = true; if (dark.matches) drawAll(); });
window.addEventListener("afterprint", () => { printing = false; if (dark.matches) drawAll(); });

const hasWebGL = (() => {
  try { return Boolean(document.createElement("canvas").getContext("webgl")); } catch { return false; }
})();
// Many points need WebGL; few look better, and print better, as SVG.
Page.scatterType = (count) => (count > 3000 && hasWebGL ? "scattergl" : "scatter");

const coarse = window.matchMedia("(pointer: coarse)").matches;
Page.axis = (title, more = {}) => {
  const c = Page.colours();
  return { title: { text: Page.plain(title), font: { size: 13 }, standoff: 8 }, gridcolor: c.line, zeroline: false,
    linecolor: c.soft, tickcolor: c.soft, ticks: "outside", ticklen: 4, tickfont: { size: 12 }, automargin: true, ...more };
};
Page.layout = (more = {}) => {
  const c = Page.colours();
  return { paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", margin: { l: 56, r: 16, t: 12, b: 48 },
    font: { family: getComputedStyle(document.body).fontFamily, color: c.ink, size: 13 }, showlegend: false,
    hoverlabel: { bgcolor: c.paper, bordercolor: c.line, font: { color: c.ink } }, dragmode: coarse ? false : "zoom", ...more };
};
Page.config = { displayModeBar: false, doubleClick: false, responsive: true, showTips: false };
Page.plot = (element, traces, layout) => Plotly.react(element, traces, layout, Page.config);
// Far down the page nothing is drawn before somebody looks at it.
const seenElements = new WeakSet(), toDraw = new WeakMap();
Page.whenSeen = (element, latest) => {
  const isNew = !toDraw.has(element);
  toDraw.set(element, latest);
  const draw = () => toDraw.get(element)();
  let seen = seenElements.has(element);
  if (seen) draw();
  if (!isNew) return;
  Page.drawing(element, () => { if (seen) draw(); });
  const begin = () => { if (!seen) { seen = true; seenElements.add(element); observer.disconnect(); draw(); } };
  const observer = new IntersectionObserver((entries) => { if (entries.some((one) => one.isIntersecting)) begin(); }, { rootMargin: "600px" });
  observer.observe(element);
  window.addEventListener("beforeprint", begin);
};
