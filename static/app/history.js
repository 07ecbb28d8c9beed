// A list's history to look into: zoom, a reading of each scan, keys. The library that draws it is fetched when somebody
// reaches for the chart; until then, and where this cannot run, the server's drawing is there, and the table on the page says
// the same.
import { color } from "./colors.js";

const language = document.documentElement.lang;
const whole = new Intl.NumberFormat(language);
const short = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });
const HEIGHT = matchMedia("(width < 40rem)").matches ? 200 : 320;
const number = (value) => (value === null || value === undefined ? "–" : whole.format(value));

class History {
  constructor(figure) {
    this.figure = figure;
    this.box = figure.querySelector("[data-history-box]");
    this.told = figure.querySelector("[data-history-told]");
    const data = JSON.parse(figure.dataset.history);
    Object.assign(this, { words: data.words, scans: data.scans, states: data.states });
    this.span = [data.scans[0][0], data.scans[0].at(-1)];
    this.tell(data.scans[0].length - 1);
    for (const button of figure.querySelectorAll("[data-history-do]")) {
      button.addEventListener("click", () => this.use(button.dataset.historyDo));
    }
    for (const reach of ["pointerenter", "pointerdown", "focusin"]) {
      figure.addEventListener(reach, () => this.drawn(), { once: true });
    }
  }

  drawn() {
    this.drawing ??= library().then(() => {
      if (!this.figure.isConnected) return;
      this.box.hidden = false;
      this.paint();
      this.watch();
    });
    return this.drawing.catch((error) => {
      this.box.hidden = true;
      this.figure.querySelector("[data-history-tools]").hidden = true;
      console.warn("history", error);
    });
  }

  async use(way) {
    await this.drawn();
    if (!this.plot) return;
    if (way === "earlier" || way === "later") this.move(way === "earlier" ? -1 : 1);
    else this.zoom(way);
  }

  paint() {
    const zoom = this.plot && { min: this.plot.scales.x.min, max: this.plot.scales.x.max };
    this.plot?.destroy();
    const [stored, mute, line, good, bad, surface] =
      ["--c1", "--mute", "--line", "--good", "--bad", "--surface"].map(color);
    const axis = { stroke: mute, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: "12px Inter Variable, sans-serif" };
    const bars = uPlot.paths.bars({ size: [0.6, 14], align: 0 });
    const partial = (plot, series, index) => this.states[index] === "complete";
    this.plot = new uPlot({
      width: this.box.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { drag: { x: true, y: false }, points: { size: 9 } },
      scales: { x: { time: true }, changes: { range: (_plot, low, high) => this.room(low, high) } },
      axes: [
        { ...axis, grid: { show: false } },
        { ...axis, size: 56, values: (_plot, values) => values.map((value) => short.format(value)) },
      ],
      series: [
        {},
        { stroke: mute, width: 1.5, dash: [5, 4], spanGaps: true, points: { show: false } },
        { stroke: stored, width: 2, spanGaps: true, points: { show: true, size: 7, stroke: stored, fill: surface, filter: (plot, i) => this.points(plot, i, partial) } },
        { scale: "changes", stroke: good, fill: good, width: 0, paths: bars, points: { show: false } },
        { scale: "changes", stroke: bad, fill: bad, width: 0, paths: bars, points: { show: false } },
      ],
      hooks: { setCursor: [(plot) => plot.cursor.idx !== null && plot.cursor.idx !== undefined && this.tell(plot.cursor.idx)] },
    }, this.scans, this.box);
    this.plot.root.setAttribute("aria-hidden", "true");
    if (zoom && zoom.min !== undefined) this.plot.setScale("x", zoom);
    this.figure.dataset.ready = "1";
  }

  // Columns take the lower fifth, so that they do not lie on the lines.
  room(low, high) {
    const most = Math.max(1, high ?? 0, -(low ?? 0));
    return [-most, most * 9];
  }

  points(plot, series, isWhole) {
    const shown = [];
    this.scans[0].forEach((_, index) => {
      if (this.scans[2][index] !== null) shown.push(index);
    });
    return shown.length > 80 ? shown.filter((index) => !isWhole(plot, series, index)) : shown;
  }

  tell(index) {
    if (index === this.index) return;
    this.index = index;
    const [at, claimed, stored, came, left] = this.scans.map((column) => column[index]);
    const when = new Date(at * 1000).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
    const { words } = this;
    const parts = [`${words[this.states[index]] ?? this.states[index]}`, `${words.stored} ${number(stored)}`, `${words.claimed} ${number(claimed)}`];
    if (came) parts.push(`+${number(came)}`);
    if (left) parts.push(`−${number(-left)}`);
    this.told.textContent = `${when}: ${parts.join(", ")}`;
  }

  move(step) {
    const index = Math.min(this.scans[0].length - 1, Math.max(0, (this.index ?? 0) + step));
    this.tell(index);
    const left = this.plot.valToPos(this.scans[0][index], "x");
    if (left >= 0 && left <= this.plot.over.clientWidth) this.plot.setCursor({ left, top: 10 }, false);
  }

  zoom(way) {
    const { min, max } = this.plot.scales.x;
    const middle = Math.min(max, Math.max(min, this.scans[0][this.index ?? 0]));
    const half = ((max - min) / 2) * (way === "in" ? 0.5 : 2);
    const [first, last] = this.span;
    const wanted = way === "whole" ? [first, last] : [Math.max(first, middle - half), Math.min(last, middle + half)];
    if (wanted[1] - wanted[0] > 60) this.plot.setScale("x", { min: wanted[0], max: wanted[1] });
  }

  watch() {
    const repaint = () => this.box.isConnected && requestAnimationFrame(() => this.paint());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
    new MutationObserver(repaint).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    new ResizeObserver(() => {
      const width = this.box.clientWidth;
      if (width && Math.abs(this.plot.width - width) > 1) this.plot.setSize({ width, height: HEIGHT });
    }).observe(this.box);
  }
}

const files = document.querySelector("[data-history-library]")?.dataset;
let fetched;

// The library and its style sheet, once.
function library() {
  const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: files.style });
  const script = Object.assign(document.createElement("script"), { src: files.script });
  fetched ??= Promise.all([style, script].map((one) => new Promise((done, failed) => {
    one.addEventListener("load", done);
    one.addEventListener("error", () => failed(new Error("not loaded")));
    document.head.append(one);
  })));
  return fetched;
}

function attach(root) {
  if (!files) return;
  for (const figure of root.querySelectorAll("[data-history]:not([data-told])")) {
    figure.dataset.told = "";
    new History(figure);
    figure.querySelector("[data-history-tools]").hidden = false;
  }
}

attach(document);
document.addEventListener("htmx:afterSettle", () => attach(document));
