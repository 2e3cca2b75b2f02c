// Does the bench page's jobs with others' code: trains its networks with TensorFlow.js, and multiplies its matrices with
// what `products` holds.
"use strict";
(() => {
  // Training: ReLU layers, softmax cross-entropy, plain gradient descent. Batches stay where the backend wants them, and
  // nothing is read back but a few numbers at the end of a measurement.
  const LEARNING_RATE = 0.01;
  const BATCHES = 4;

  // The library's own gradients and optimizer, as its guides have it.
  const differentiated = ({ weights, biases }) => {
    const optimizer = tf.train.sgd(LEARNING_RATE);
    const variables = [...weights, ...biases];
    return ({ inputs, targets }) => optimizer.minimize(() => {
      const last = weights.length - 1;
      const logits = weights.reduce((input, weight, layer) => {
        const sums = tf.add(tf.matMul(input, weight), biases[layer]);
        return layer < last ? tf.relu(sums) : sums;
      }, inputs);
      return tf.losses.softmaxCrossEntropy(targets, logits);
    }, false, variables);
  };

  // Gradients written by hand with the library's products and fused layers. Its WebAssembly is quick with products of
  // plain matrices only, so that copying a transposed one can pay.
  const written = copies => ({ weights, biases }) => {
    const product = (left, right, leftIsTransposed, rightIsTransposed) => copies
      ? tf.matMul(leftIsTransposed ? tf.transpose(left) : left, rightIsTransposed ? tf.transpose(right) : right)
      : tf.matMul(left, right, leftIsTransposed, rightIsTransposed);
    const rate = tf.scalar(LEARNING_RATE);
    const descend = (variable, gradient) => variable.assign(tf.sub(variable, tf.mul(gradient, rate)));
    return ({ inputs, targets, share }) => tf.tidy(() => {
      const last = weights.length - 1;
      const values = [inputs];
      weights.forEach((b, layer) => values.push(tf.fused.matMul({
        a: values[layer], b, bias: biases[layer], activation: layer < last ? "relu" : "linear",
      })));
      let slope = tf.mul(tf.sub(tf.softmax(values[last + 1]), targets), share);
      for (let layer = last; layer >= 0; layer -= 1) {
        const below = layer > 0 && tf.mul(product(slope, weights[layer], false, true), tf.step(values[layer]));
        descend(weights[layer], product(values[layer], slope, true, false));
        descend(biases[layer], tf.sum(slope, 0));
        slope = below;
      }
    });
  };

  // The ways to write a step; of several the fastest counts, since that depends on the backend and the shape.
  const WAYS = { library: [differentiated], hand: [written(false), written(true)] };

  const make = (sizes, batch) => {
    const layers = sizes.slice(1).map((size, layer) => [sizes[layer], size]);
    const network = {
      weights: layers.map(([inputs, outputs]) =>
        tf.variable(tf.randomNormal([inputs, outputs], 0, Math.sqrt(2 / inputs)))),
      biases: layers.map(([, outputs]) => tf.variable(tf.zeros([outputs]))),
    };
    const classes = sizes[sizes.length - 1];
    const batches = Array.from({ length: BATCHES }, () => ({
      inputs: tf.randomNormal([batch, sizes[0]]),
      // The library has no one-hot vectors for a single class.
      targets: classes === 1 ? tf.ones([batch, 1])
        : tf.cast(tf.oneHot(tf.randomUniform([batch], 0, classes, "int32"), classes), "float32"),
      share: tf.scalar(1 / batch),
    }));
    return { network, batches, parameters: layers.reduce((sum, [inputs, outputs]) => sum + (inputs + 1) * outputs, 0) };
  };

  // Milliseconds that so many steps take, to the end of the last.
  const time = async (step, { network, batches }, steps) => {
    const begun = performance.now();
    for (let index = 0; index < steps; index += 1) step(batches[index % BATCHES]);
    await network.biases[0].data();
    return performance.now() - begun;
  };

  const median = values => values.sort((a, b) => a - b)[values.length >> 1];

  // Times some portions of a step and returns the milliseconds of one step in the middle portion.
  const measure = async ({ step, subject, steps }, portions) => {
    const times = [];
    for (let index = 0; index < portions; index += 1) times.push(await time(step, subject, steps) / steps);
    return median(times);
  };

  // The fastest of some ways for a shape, and the steps for a portion of so many milliseconds.
  const prepare = async (ways, sizes, batch, portion) => {
    let best = null;
    for (const way of ways) {
      const subject = make(sizes, batch);
      const trial = { subject, step: way(subject.network), steps: 1 };
      // Long enough for the browser to have compiled what it is going to compile.
      for (let spent = 0, warm = 0; warm < 10 * portion; warm += spent) {
        spent = await time(trial.step, subject, trial.steps);
        if (spent < portion / 2) trial.steps *= 2;
      }
      trial.time = await measure(trial, 5);
      trial.steps = Math.max(1, Math.round(portion / trial.time));
      if (!best || trial.time < best.time) best = trial;
    }
    return best;
  };

  const prepared = new Map();
  // 10⁹ operations a second in the middle one of some portions, each of so many milliseconds.
  window.train = async (backend, ways, sizes, batch, portion, portions) => {
    await tf.setBackend(backend);
    const key = [backend, ways, sizes, batch].join();
    if (!prepared.has(key)) prepared.set(key, await prepare(WAYS[ways], sizes, batch, portion));
    const trial = prepared.get(key);
    return 6 * trial.subject.parameters * batch / await measure(trial, portions) / 1e6;
  };

  // Milliseconds that a product takes to be repeated so often.
  const repeat = ({ product, repetitions }) => {
    const begun = performance.now();
    product.repeat(repetitions);
    return performance.now() - begun;
  };

  const program = wasm_bindgen({ module_or_path: "products/products_bg.wasm" });
  const products = new Map();
  // 10⁹ operations a second in the middle one of some portions, each of so many milliseconds.
  window.multiply = async (library, shape, portion, portions) => {
    await program;
    const key = [library, shape].join();
    if (!products.has(key)) {
      const product = new wasm_bindgen[library](...shape);
      const job = { product, repetitions: 1 };
      for (let spent = 0, warm = 0; warm < 10 * portion; warm += spent) {
        spent = repeat(job);
        if (spent < portion / 2) job.repetitions *= 2;
      }
      products.set(key, job);
    }
    const job = products.get(key);
    const time = median(Array.from({ length: portions }, () => repeat(job))) / job.repetitions;
    return 2 * shape[0] * shape[1] * shape[2] / time / 1e6;
  };

  // One thread: the page is not isolated, as on a static host.
  tf.wasm.setWasmPaths("node_modules/@tensorflow/tfjs-backend-wasm/dist/");
})();
