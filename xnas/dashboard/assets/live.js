"use strict";
// What all pages of the dashboard share: they change as runs do, without a reload.
const Live = {};

const MILLISECONDS = 2000;

// Put what has changed between two states of the server's HTML into the page. What
// scripts and readers did there stays, unless the server says something new at that very
// spot. Elements with a `data-key` are told apart by it, others by their order.
Live.morph = (here, before, after) => {
  if (before.isEqualNode(after)) return;
  if (here.nodeType !== Node.ELEMENT_NODE) { if (here.data !== after.data) here.data = after.data; return; }
  for (const { name } of [...before.attributes]) if (!after.hasAttribute(name)) here.removeAttribute(name);
  for (const { name, value } of after.attributes) if (before.getAttribute(name) !== value) here.setAttribute(name, value);
  const [old, next] = [[...before.childNodes], [...after.childNodes]];
  const keyed = (nodes) => new Map(nodes.filter((node) => node.dataset?.key).map((node) => [node.dataset.key, node]));
  if (keyed(next).size || keyed(old).size) {
    const [now, then] = [keyed([...here.childNodes]), keyed(old)];
    for (const [key, node] of now) if (!keyed(next).has(key)) node.remove();
    let last = null;
    for (const [key, node] of keyed(next)) {
      const known = now.get(key);
      if (known) Live.morph(known, then.get(key), node);
      const wanted = last ? last.nextElementSibling : here.firstElementChild;
      const one = known ?? document.importNode(node, true);
      if (one !== wanted) here.insertBefore(one, wanted);
      last = one;
    }
    return;
  }
  const alike = old.length === next.length && here.childNodes.length === old.length
    && old.every((node, i) => node.nodeName === next[i].nodeName && here.childNodes[i].nodeName === node.nodeName);
  if (alike) old.forEach((node, i) => Live.morph(here.childNodes[i], node, next[i]));
  else here.replaceChildren(...next.map((node) => document.importNode(node, true)));
};

Live.parse = (html) => new DOMParser().parseFromString(html, "text/html");

// Ask again and again while somebody looks; `take` puts the answer into the page.
Live.follow = (address, take) => {
  const note = document.getElementById("connection");
  const ask = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(address(), { cache: "no-store" });
        if (!answer.ok) throw new Error(await answer.text());
        take(await answer.json());
        note.textContent = "";
        document.documentElement.dataset.asked = Number(document.documentElement.dataset.asked ?? 0) + 1;
      } catch (error) {
        const why = error instanceof TypeError ? "the dashboard does not answer; it may have been ended" : error.message.trim();
        const text = `Not up to date: ${why}.`.replace("..", ".");
        if (note.textContent !== text) note.textContent = text;
      }
    }
    setTimeout(ask, MILLISECONDS);
  };
  setTimeout(ask, MILLISECONDS);
};

// The page as it came, before scripts fill it.
Live.before = document.cloneNode(true);

// A line for each run: what it is doing, and how far it is.
Live.status = (lines) => {
  const list = document.getElementById("status");
  const items = lines.map((line) => {
    const item = document.createElement("li");
    item.className = line.is_alive ? "alive" : "";
    const state = document.createElement("strong");
    state.textContent = line.state;
    const beat = line.heartbeat ? `, last heartbeat ${line.heartbeat}` : "";
    item.append(lines.length > 1 ? `${line.name}: ` : "", state, `, ${line.done}${beat}`);
    return item;
  });
  const other = list.cloneNode(false);
  other.append(...items);
  if (!other.isEqualNode(list)) list.replaceChildren(...items);
};
