// Runs graphology's ForceAtlas2 step from its own CommonJS file: no blob: worker, no bundler. Same origin only.
const OPTIONS = {
  linLogMode: false,
  outboundAttractionDistribution: true,
  adjustSizes: false,
  edgeWeightInfluence: 1,
  scalingRatio: 10,
  strongGravityMode: true,
  gravity: 0.05,
  slowDown: 5,
  barnesHutOptimize: true,
  barnesHutTheta: 0.5,
};

self.onmessage = ({ data: { lib, nodes, edges, rounds, steps } }) => {
  self.module = {};
  importScripts(lib);
  const step = self.module.exports;
  for (let round = 1; round <= rounds; round++) {
    for (let i = 0; i < steps; i++) step(OPTIONS, nodes, edges);
    const copy = nodes.slice();
    self.postMessage({ nodes: copy.buffer, done: Math.round((round * 100) / rounds) }, [copy.buffer]);
  }
};
