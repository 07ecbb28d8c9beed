// The drawing of a network: [data-net] holds the address of its JSON. The table on the page says the same.
import { color } from "./colors.js";

const GROUPS = ["--ink", "--c5", "--c1", "--c2", "--c3", "--c4", "--info", "--good"];
const WIDTH = 10; // numbers a node in ForceAtlas2's matrix
const still = matchMedia("(prefers-reduced-motion: reduce)");
const motion = () => ({ duration: still.matches ? 0 : 200 });

async function load(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const { nodes, edges } = await answer.json();
  const graph = new graphology.Graph({ type: "undirected" });
  nodes.forEach(([label, group, x, y, tracked], i) => graph.addNode(i, { label, group, x, y, tracked, size: 2 }));
  for (let i = 0; i < edges.length; i += 3) {
    graph.mergeEdge(edges[i], edges[i + 1], { size: edges[i + 2] === 2 ? 1 : 0.5, weight: edges[i + 2] });
  }
  graph.forEachNode((node, { tracked }) => {
    const size = tracked ? 9 : 1.5 + Math.sqrt(graph.degree(node));
    graph.setNodeAttribute(node, "size", size);
  });
  return graph;
}

class Drawing {
  constructor(box, graph, info) {
    Object.assign(this, { box, graph, info, chosen: null, near: new Set(), told: info.textContent });
    this.paint();
  }

  paint() {
    this.sigma?.kill();
    const palette = GROUPS.map(color);
    const [line, ink, dim] = ["--line", "--ink", "--raised"].map(color);
    const shown = (node) => this.chosen === null || this.near.has(node);
    this.sigma = new Sigma(this.graph, this.box, {
      allowInvalidContainer: true,
      labelColor: { color: ink },
      labelFont: "Inter Variable, system-ui, sans-serif",
      labelSize: 12,
      labelRenderedSizeThreshold: 7,
      hideEdgesOnMove: true,
      zIndex: true,
      defaultDrawNodeHover: () => {},
      nodeReducer: (node, data) => ({
        ...data,
        color: shown(node) ? palette[data.group % palette.length] : dim,
        label: shown(node) ? data.label : "",
        zIndex: this.near.has(node) ? 1 : 0,
      }),
      edgeReducer: (edge, data) => {
        const touches = this.chosen !== null && this.graph.hasExtremity(edge, this.chosen);
        return { ...data, color: touches ? palette[2] : line, hidden: this.chosen !== null && !touches };
      },
    });
    this.sigma.on("enterNode", ({ node }) => this.choose(node));
    this.sigma.on("leaveNode", () => this.choose(null));
    this.sigma.on("clickNode", ({ node }) => this.visit(node));
  }

  choose(node) {
    this.chosen = node;
    this.near = new Set(node === null ? [] : [node, ...this.graph.neighbors(node)]);
    const name = node === null ? "" : this.graph.getNodeAttribute(node, "label");
    this.say(node === null ? this.told : `@${name}: ${this.near.size - 1} ${this.info.dataset.lines}`);
    this.sigma.refresh({ skipIndexation: true });
  }

  say(words) {
    this.info.textContent = words;
  }

  visit(node) {
    const { x, y } = this.sigma.getNodeDisplayData(node);
    this.sigma.getCamera().animate({ x, y, ratio: 0.25 }, motion());
  }

  find(words) {
    const name = words.trim().replace(/^@/, "").toLowerCase();
    if (!name) return this.choose(null);
    const exact = this.graph.findNode((_, data) => data.label === name);
    const node = exact ?? this.graph.findNode((_, data) => data.label.includes(name));
    if (node === undefined) return this.say(this.info.dataset.none);
    this.choose(node);
    this.visit(node);
  }

  zoom(way) {
    const camera = this.sigma.getCamera();
    if (way === "in") camera.animatedZoom(motion());
    else if (way === "out") camera.animatedUnzoom(motion());
    else camera.animatedReset(motion());
  }

  matrix() {
    const nodes = new Float32Array(this.graph.order * WIDTH);
    this.graph.forEachNode((node, data) => {
      const i = node * WIDTH;
      [nodes[i], nodes[i + 1], nodes[i + 6], nodes[i + 7], nodes[i + 8]] =
        [data.x, data.y, 1 + this.graph.degree(node), 1, data.size];
    });
    const edges = new Float32Array(this.graph.size * 3);
    let k = 0;
    this.graph.forEachEdge((_, data, from, to) => {
      edges.set([from * WIDTH, to * WIDTH, data.weight], k);
      k += 3;
    });
    return { nodes, edges };
  }

  arrange(button) {
    const worker = new Worker(button.dataset.worker);
    const end = (words) => {
      button.disabled = false;
      worker.terminate();
      this.say(words);
    };
    button.disabled = true;
    worker.onmessage = ({ data }) => {
      const moved = new Float32Array(data.nodes);
      this.graph.updateEachNodeAttributes(
        (node, now) => ({ ...now, x: moved[node * WIDTH], y: moved[node * WIDTH + 1] }),
        { attributes: ["x", "y"] },
      );
      this.say(`${this.info.dataset.arranging} ${data.done} %`);
      if (data.done === 100) {
        end(this.told);
        this.box.dataset.arranged = "1";
      }
    };
    worker.onerror = () => end(this.info.dataset.failed);
    worker.postMessage({ lib: button.dataset.lib, ...this.matrix(), rounds: 10, steps: 15 });
  }
}

// sigma throws on a box without a width
const wide = (box) =>
  new Promise((done) => {
    const watch = new ResizeObserver(([entry]) => {
      if (entry.contentRect.width > 0) {
        watch.disconnect();
        done();
      }
    });
    watch.observe(box);
  });

async function attach(box) {
  const card = box.closest(".card");
  const [info, tools] = [card.querySelector("[data-net-info]"), card.querySelector("[data-net-tools]")];
  try {
    const graph = await load(box.dataset.net);
    for (const part of [box, tools]) part.classList.remove("waiting");
    await wide(box);
    const drawing = new Drawing(box, graph, info);
    const repaint = () => requestAnimationFrame(() => drawing.paint());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
    new MutationObserver(repaint).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    tools.querySelector("[data-net-find]").addEventListener("change", (event) => drawing.find(event.target.value));
    for (const button of tools.querySelectorAll("[data-net-zoom]")) {
      button.addEventListener("click", () => drawing.zoom(button.dataset.netZoom));
    }
    const button = tools.querySelector("[data-net-arrange]");
    button?.addEventListener("click", () => drawing.arrange(button));
    box.dataset.ready = "1";
  } catch (error) {
    box.hidden = tools.hidden = true;
    info.textContent = info.dataset.failed;
    console.warn("network", error);
  }
}

for (const box of document.querySelectorAll("[data-net]")) attach(box);
