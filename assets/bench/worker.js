// Times one job of the bench page: first the labs' own code, and on request the same in plain JavaScript and the peak of
// the vector unit. The page ends this worker to stop it, so nothing here has to look for messages.
"use strict";

// All times in milliseconds. Browsers coarsen their clocks to a millisecond and more, so no portion may be short.
const WARM_UP = 300;
const LONGEST_WARM_UP = 2000;
const SHORTEST_PORTION = 20;
const PORTIONS = 10;
// What is timed in all where neither a number of repetitions nor another budget is asked for.
const BUDGET = 2000;
// Repetitions after which both programs must have the same numbers.
const COMPARED = 3;

function time(job, repetitions) {
  const begun = performance.now();
  job.repeat(repetitions);
  return performance.now() - begun;
}

// Repeats a job until the browser has compiled it fully: for a while, and on until it no longer gets faster. Returns the
// milliseconds of one repetition.
function warmUp(job) {
  const begun = performance.now();
  let repetitions = 1;
  let best = Infinity;
  for (;;) {
    const elapsed = time(job, repetitions);
    const each = elapsed / repetitions;
    const steady = each > 0.95 * best;
    if (elapsed > 0) best = Math.min(best, each);
    const spent = performance.now() - begun;
    if (spent > LONGEST_WARM_UP || (spent > WARM_UP && steady)) return best;
    const wanted = elapsed > 0 ? Math.ceil(SHORTEST_PORTION / each) : Infinity;
    repetitions = Math.min(wanted, 10 * repetitions);
  }
}

function median(values) {
  const sorted = values.slice().sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

// The median portion of at least `wanted` repetitions, or of as many as the budget holds.
function measure(job, operations, wanted, budget) {
  const estimate = warmUp(job);
  const least = Math.ceil(SHORTEST_PORTION / estimate);
  const repetitions = wanted || Math.max(1, Math.round(budget / estimate));
  const portions = least > 1 ? PORTIONS : Math.min(PORTIONS, repetitions);
  const portion = Math.max(least, Math.ceil(repetitions / portions));
  const times = [];
  for (let index = 0; index < portions; index++) times.push(time(job, portion) / portion);
  const milliseconds = median(times);
  return { repetitions: wanted || portions * portion, milliseconds, gflops: operations / milliseconds / 1e6 };
}

// The same job in plain JavaScript, from the same numbers.
function peer(task, bench) {
  return task.kind === "training"
    ? new PlainTraining(task.sizes, bench.right(), bench.left(), bench.labels(), wasm_bindgen.Bench.rate())
    : new PlainProduct(task.sizes, bench.left(), bench.right());
}

function greatestDistance(a, b) {
  let greatest = 0;
  for (let at = 0; at < a.length; at++) {
    const distance = Math.abs(a[at] - b[at]);
    // Not `Math.max`, and this way round: what is not a number is a difference too.
    if (!(distance <= greatest)) greatest = distance;
  }
  return greatest;
}

// Lets both programs do the same from the same numbers: the most that a number changed, and the most by which the two
// differ in one.
function agreement(task, bench, plain) {
  const training = task.kind === "training";
  const before = training ? plain.parameters.slice() : plain.product.slice();
  bench.repeat(COMPARED);
  plain.repeat(COMPARED);
  const [ours, theirs] = training ? [bench.right(), plain.parameters] : [bench.product_matrix(), plain.product];
  return {
    repetitions: COMPARED,
    largest_change: greatestDistance(ours, before),
    largest_difference: greatestDistance(ours, theirs),
  };
}

function run(task) {
  const { Bench } = wasm_bindgen;
  const bench = task.kind === "training" ? Bench.training(task.sizes, task.batch) : Bench.product(...task.sizes);
  const { operations } = bench;
  const budget = task.budget || BUDGET;
  // Each stage is announced, so that the page can say what is going on.
  const tell = (part, work) => {
    self.postMessage({ stage: part });
    self.postMessage({ part, result: work() });
  };
  let plain = null;
  if (task.compare) {
    plain = peer(task, bench);
    tell("agreement", () => agreement(task, bench, plain));
  }
  tell("simd", () => measure(bench, operations, task.repetitions, budget));
  bench.free();
  if (task.compare) {
    tell("plain", () => measure(plain, operations, null, budget));
    const peak = Bench.peak();
    tell("peak", () => measure(peak, peak.operations, null, budget));
  }
  self.postMessage({});
}

self.onmessage = async ({ data: task }) => {
  try {
    importScripts("./__BENCH_JS__", "./__PLAIN_JS__");
    const response = await fetch("./__BENCH_WASM__");
    if (!response.ok) throw new Error(`status ${response.status}`);
    await wasm_bindgen({ module_or_path: await response.arrayBuffer() });
  } catch (error) {
    self.postMessage({ failure: "broken" });
    return;
  }
  try {
    run(task);
  } catch (error) {
    // Refusals come as strings, and memory that cannot be had as an error of the engine.
    const refusals = { empty: task.kind === "training" ? "dims" : "gemm", large: "large" };
    const memory = error instanceof RangeError || error instanceof WebAssembly.RuntimeError;
    self.postMessage({ failure: refusals[error] || (memory ? "large" : "broken") });
  }
};
