/**
 * Holds the script of every page: the pointer, a finger or the arrow keys show the values of a chart,
 * which are read from the table of its data. Without scripts that table is still there.
 */

export const HOVER_SCRIPT = `
"use strict";
const attachCharts = () => {
for (const figure of document.querySelectorAll("figure.chart")) {
  const panels = figure.querySelector(".panels");
  const plot = panels.querySelector("svg.plot");
  const cursor = panels.querySelector(".cursor");
  const tip = panels.querySelector(".tip");
  const heads = [...figure.querySelectorAll(".data thead th")];
  const rows = [...figure.querySelectorAll(".data tbody tr[data-x]")];
  const places = rows.map((row) => Number(row.dataset.x));
  if (rows.length === 0) continue;
  let shown = -1;
  const hide = () => {
    shown = -1;
    cursor.hidden = tip.hidden = true;
  };
  const show = (at) => {
    const outer = panels.getBoundingClientRect();
    const inner = plot.getBoundingClientRect();
    const left = inner.left - outer.left + places[at] * inner.width;
    cursor.style.left = left + "px";
    cursor.hidden = tip.hidden = false;
    if (at !== shown) fill(at);
    shown = at;
    const room = outer.width - tip.offsetWidth;
    const tipLeft = left + 14 > room ? left - 14 - tip.offsetWidth : left + 14;
    tip.style.transform = "translate(" + Math.max(0, Math.min(room, tipLeft)) + "px,18px)";
  };
  const fill = (at) => {
    const cells = [...rows[at].cells];
    const title = document.createElement("b");
    title.textContent = cells[0].textContent;
    const lines = cells.slice(1).flatMap((cell, index) => {
      const text = cell.textContent;
      if (text === "-" || text === "") return [];
      const head = heads[index + 1];
      const line = document.createElement("span");
      const name = document.createElement("span");
      const value = document.createElement("span");
      name.textContent = head.textContent;
      value.textContent = text;
      if (head.dataset.slot) {
        const key = document.createElement("i");
        key.className = "s" + head.dataset.slot;
        name.prepend(key);
      }
      line.append(name, value);
      return [line];
    });
    tip.replaceChildren(title, ...lines);
  };
  const nearest = (event) => {
    const inner = plot.getBoundingClientRect();
    const x = (event.clientX - inner.left) / inner.width;
    let best = 0;
    for (let at = 1; at < places.length; at++) {
      if (Math.abs(places[at] - x) < Math.abs(places[best] - x)) best = at;
    }
    return best;
  };
  panels.addEventListener("pointermove", (event) => show(nearest(event)));
  panels.addEventListener("pointerdown", (event) => show(nearest(event)));
  panels.addEventListener("pointerleave", hide);
  panels.addEventListener("blur", hide);
  panels.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape") hide();
    if (by === undefined) return;
    event.preventDefault();
    const from = shown < 0 ? (by > 0 ? -1 : places.length) : shown;
    show(Math.max(0, Math.min(places.length - 1, from + by)));
  });
}
};
attachCharts();
`;
