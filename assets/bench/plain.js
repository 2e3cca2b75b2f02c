// The jobs of the bench page in plain JavaScript: the same network, the same step, the same count of operations, on
// Float32Array. Every inner loop walks memory forward and takes four rows at once, so that what it adds to is loaded and
// stored a quarter as often; nothing is allocated in a step.
"use strict";

// c += a b, for a of m × k, b of k × n and c of m × n, row by row.
function addProduct(m, k, n, a, b, c) {
  for (let row = 0; row < m; row++) {
    const rowA = row * k;
    const rowC = row * n;
    let inner = 0;
    for (; inner + 4 <= k; inner += 4) {
      const a0 = a[rowA + inner];
      const a1 = a[rowA + inner + 1];
      const a2 = a[rowA + inner + 2];
      const a3 = a[rowA + inner + 3];
      const b0 = inner * n;
      const b1 = b0 + n;
      const b2 = b1 + n;
      const b3 = b2 + n;
      for (let column = 0; column < n; column++) {
        c[rowC + column] += a0 * b[b0 + column] + a1 * b[b1 + column] + a2 * b[b2 + column] + a3 * b[b3 + column];
      }
    }
    for (; inner < k; inner++) {
      const a0 = a[rowA + inner];
      const b0 = inner * n;
      for (let column = 0; column < n; column++) c[rowC + column] += a0 * b[b0 + column];
    }
  }
}

// c = aᵀ b, for a of m × k, b of m × n and c of k × n.
function transposedLeftProduct(m, k, n, a, b, c) {
  c.fill(0);
  for (let row = 0; row < k; row++) {
    const rowC = row * n;
    let inner = 0;
    for (; inner + 4 <= m; inner += 4) {
      const a0 = a[inner * k + row];
      const a1 = a[(inner + 1) * k + row];
      const a2 = a[(inner + 2) * k + row];
      const a3 = a[(inner + 3) * k + row];
      const b0 = inner * n;
      const b1 = b0 + n;
      const b2 = b1 + n;
      const b3 = b2 + n;
      for (let column = 0; column < n; column++) {
        c[rowC + column] += a0 * b[b0 + column] + a1 * b[b1 + column] + a2 * b[b2 + column] + a3 * b[b3 + column];
      }
    }
    for (; inner < m; inner++) {
      const a0 = a[inner * k + row];
      const b0 = inner * n;
      for (let column = 0; column < n; column++) c[rowC + column] += a0 * b[b0 + column];
    }
  }
}

// c = a bᵀ, for a of m × n, b of k × n and c of m × k.
function transposedRightProduct(m, n, k, a, b, c) {
  for (let row = 0; row < m; row++) {
    const rowA = row * n;
    const rowC = row * k;
    let column = 0;
    for (; column + 4 <= k; column += 4) {
      const b0 = column * n;
      const b1 = b0 + n;
      const b2 = b1 + n;
      const b3 = b2 + n;
      let sum0 = 0;
      let sum1 = 0;
      let sum2 = 0;
      let sum3 = 0;
      for (let inner = 0; inner < n; inner++) {
        const x = a[rowA + inner];
        sum0 += x * b[b0 + inner];
        sum1 += x * b[b1 + inner];
        sum2 += x * b[b2 + inner];
        sum3 += x * b[b3 + inner];
      }
      c[rowC + column] = sum0;
      c[rowC + column + 1] = sum1;
      c[rowC + column + 2] = sum2;
      c[rowC + column + 3] = sum3;
    }
    for (; column < k; column++) {
      const b0 = column * n;
      let sum = 0;
      for (let inner = 0; inner < n; inner++) sum += a[rowA + inner] * b[b0 + inner];
      c[rowC + column] = sum;
    }
  }
}

// Logits to the gradient of the mean cross-entropy by them, in place.
function softmaxGradient(logits, classes, labels) {
  const scale = 1 / labels.length;
  for (let row = 0; row < labels.length; row++) {
    const first = row * classes;
    const end = first + classes;
    let greatest = -Infinity;
    for (let at = first; at < end; at++) greatest = Math.max(greatest, logits[at]);
    let sum = 0;
    for (let at = first; at < end; at++) {
      const power = Math.exp(logits[at] - greatest);
      logits[at] = power;
      sum += power;
    }
    for (let at = first; at < end; at++) logits[at] *= scale / sum;
    logits[first + labels[row]] -= scale;
  }
}

// Steps of gradient descent on a ReLU network with softmax cross-entropy.
class PlainTraining {
  // `sizes` are those of the layers; `parameters` hold, for each layer, the weights, inputs × outputs, then the biases;
  // `inputs` hold one example a row.
  constructor(sizes, parameters, inputs, labels, rate) {
    this.parameters = parameters;
    this.gradient = new Float32Array(parameters.length);
    this.inputs = inputs;
    this.labels = labels;
    this.rate = rate;
    this.classes = sizes[sizes.length - 1];
    this.layers = [];
    let first = 0;
    for (let index = 0; index + 1 < sizes.length; index++) {
      const before = sizes[index];
      const after = sizes[index + 1];
      const middle = first + before * after;
      const last = middle + after;
      this.layers.push({
        before,
        after,
        weights: parameters.subarray(first, middle),
        biases: parameters.subarray(middle, last),
        weightsGradient: this.gradient.subarray(first, middle),
        biasesGradient: this.gradient.subarray(middle, last),
        output: new Float32Array(labels.length * after),
        outputGradient: new Float32Array(labels.length * after),
      });
      first = last;
    }
  }

  forward() {
    const rows = this.labels.length;
    let input = this.inputs;
    for (const layer of this.layers) {
      const { before, after, weights, biases, output } = layer;
      for (let row = 0; row < rows; row++) output.set(biases, row * after);
      addProduct(rows, before, after, input, weights, output);
      if (layer !== this.layers[this.layers.length - 1]) {
        for (let at = 0; at < output.length; at++) if (output[at] < 0) output[at] = 0;
      }
      input = output;
    }
    return input;
  }

  backward(logitsGradient) {
    const rows = this.labels.length;
    let gradient = logitsGradient;
    for (let index = this.layers.length - 1; index >= 0; index--) {
      const { before, after, weights, weightsGradient, biasesGradient } = this.layers[index];
      const input = index > 0 ? this.layers[index - 1].output : this.inputs;
      transposedLeftProduct(rows, before, after, input, gradient, weightsGradient);
      biasesGradient.fill(0);
      for (let row = 0; row < rows; row++) {
        const first = row * after;
        for (let column = 0; column < after; column++) biasesGradient[column] += gradient[first + column];
      }
      if (index > 0) {
        const inputGradient = this.layers[index - 1].outputGradient;
        transposedRightProduct(rows, after, before, gradient, weights, inputGradient);
        for (let at = 0; at < input.length; at++) if (!(input[at] > 0)) inputGradient[at] = 0;
        gradient = inputGradient;
      }
    }
  }

  step() {
    const logits = this.forward();
    softmaxGradient(logits, this.classes, this.labels);
    this.backward(logits);
    const { parameters, gradient, rate } = this;
    for (let at = 0; at < parameters.length; at++) parameters[at] -= rate * gradient[at];
  }

  repeat(times) {
    for (let time = 0; time < times; time++) this.step();
  }
}

// Products of an m × k and a k × n matrix.
class PlainProduct {
  constructor(shape, left, right) {
    this.shape = shape;
    this.left = left;
    this.right = right;
    this.product = new Float32Array(shape[0] * shape[2]);
  }

  repeat(times) {
    const [m, k, n] = this.shape;
    for (let time = 0; time < times; time++) {
      this.product.fill(0);
      addProduct(m, k, n, this.left, this.right, this.product);
    }
  }
}
