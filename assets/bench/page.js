// The bench page: reads the form and the address, has a worker time the job, and shows what it says. All words stand in
// the page, in its languages; this script only reveals them and fills in numbers.

const form = document.getElementById("bench");
const results = document.getElementById("bench-results");
const json = document.getElementById("result");
const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
// A size beyond this does not fit into the program's numbers.
const LARGEST = 2 ** 32 - 1;
const MOST_REPETITIONS = 1e9;

let worker = null;

function setState(state) {
  document.body.dataset.state = state;
  const running = state === "running";
  for (const element of all("[data-while]")) element.hidden = element.dataset.while !== state;
  form.querySelector("[name=run]").setAttribute("aria-disabled", String(running));
  form.querySelector("[name=stop]").setAttribute("aria-disabled", String(!running));
}

// Shows the elements of a group that have this value, and hides the others.
function choose(attribute, value) {
  for (const element of all(`[data-${attribute}]`)) element.hidden = element.dataset[attribute] !== value;
}

function showKind() {
  choose("kind", form.elements.kind.value);
}

// What was typed, with the digits and hyphens of a Chinese keyboard taken for their plain forms.
const typed = (name) => form.elements[name].value.normalize("NFKC").trim();

function end() {
  if (!worker) return;
  // A worker that is ended while it loads reports that as an error.
  worker.onerror = null;
  worker.terminate();
  worker = null;
}

function fail(reason) {
  end();
  choose("problem", reason);
  const field = form.elements[reason];
  if (field) field.setAttribute("aria-invalid", "true");
  const problem = form.querySelector(`[data-problem="${reason}"]`);
  json.textContent = JSON.stringify({ error: problem.innerText.trim().replace(/\s+/g, " ") });
  setState("error");
}

// A list of whole numbers from 1 on, or the name of what is wrong.
function sizes(name, least, most) {
  const text = typed(name);
  if (!/^\d+(-\d+)*$/.test(text)) return name;
  const numbers = text.split("-").map(Number);
  if (numbers.length < least || numbers.length > most || numbers.includes(0)) return name;
  return numbers.some((number) => number > LARGEST) ? "large" : numbers;
}

// The job that the form describes, or the name of what is wrong with it.
function read(compare) {
  const kind = form.elements.kind.value;
  const training = kind === "training";
  const shape = training ? sizes("dims", 2, Infinity) : sizes("gemm", 3, 3);
  if (typeof shape === "string") return shape;
  const batch = training ? sizes("batch", 1, 1) : [0];
  if (typeof batch === "string") return batch;
  let repetitions = null;
  if (typed("repetitions")) {
    const wanted = sizes("repetitions", 1, 1);
    if (typeof wanted === "string" || wanted[0] > MOST_REPETITIONS) return "repetitions";
    repetitions = wanted[0];
  }
  // Programs that time many shapes ask for less time than readers do: `budget` in the address, in milliseconds.
  return { kind, sizes: shape, batch: batch[0], repetitions, compare, budget: Number(query.get("budget")) };
}

function fill(cell, value, text) {
  for (const element of all(`[data-cell="${cell}"]`)) {
    element.textContent = text;
    if (typeof value === "number") element.dataset.value = value;
  }
}

// Three digits that count, without an exponent.
function written(value) {
  const decimals = value > 0 ? Math.min(12, Math.max(0, 2 - Math.floor(Math.log10(value)))) : 0;
  return value.toFixed(decimals);
}

// One digit and a power of ten.
function magnitude(value) {
  if (value === 0) return "0";
  const [digit, exponent] = value.toExponential(0).split("e");
  const raised = Array.from(exponent.replace("+", ""), (sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign]));
  return `${digit} × 10${raised.join("")}`;
}

function show(task, parts) {
  choose("of", task.kind);
  fill("shape", null, task.sizes.join("-"));
  fill("batch", null, String(task.batch));
  const rates = ["simd", "plain"].map((part) => (parts[part] ? parts[part].gflops : 0));
  for (const part of ["simd", "plain"]) {
    const result = parts[part];
    for (const row of all(`[data-row="${part}"]`)) row.hidden = !result;
    if (!result) continue;
    fill(`${part}-ms`, result.milliseconds, written(result.milliseconds));
    fill(`${part}-gflops`, result.gflops, written(result.gflops));
    for (const bar of all(`[data-bar="${part}"]`)) bar.style.width = `${(100 * result.gflops) / Math.max(...rates)}%`;
  }
  for (const line of all("[data-needs]")) line.hidden = !line.dataset.needs.split(" ").every((part) => parts[part]);
  if (parts.plain) fill("ratio", parts.simd.gflops / parts.plain.gflops, written(parts.simd.gflops / parts.plain.gflops));
  if (parts.peak) {
    const share = (100 * parts.simd.done) / parts.peak.gflops;
    fill("peak", parts.peak.gflops, written(parts.peak.gflops));
    fill("share", share, share.toFixed(0));
  }
  if (parts.agreement) {
    const { repetitions, largest_change: change, largest_difference: difference } = parts.agreement;
    fill("compared", repetitions, String(repetitions));
    fill("change", change, magnitude(change));
    fill("difference", difference, magnitude(difference));
  }
  results.hidden = false;
}

// The result in the form that other programs read.
function summary(task, parts) {
  const training = task.kind === "training";
  const [count, time] = training ? ["steps", "ms_per_step"] : ["reps", "ms_per_product"];
  const numbers = (part) => ({ [count]: part.repetitions, [time]: part.milliseconds, gflops: part.gflops });
  const shape = task.sizes.join("-");
  const whole = { ...(training ? { dims: shape, batch: task.batch } : { gemm: shape }), ...numbers(parts.simd) };
  if (!task.compare) return whole;
  return { ...whole, plain: numbers(parts.plain), agreement: parts.agreement, peak_gflops: parts.peak.gflops };
}

// The operations that are really done: the first layer has no gradient by its inputs, though the convention counts it.
function shareDone(task) {
  if (task.kind !== "training") return 1;
  const parameters = task.sizes.slice(1).reduce((sum, size, index) => sum + (task.sizes[index] + 1) * size, 0);
  return 1 - (2 * task.sizes[0] * task.sizes[1]) / (6 * parameters);
}

function run(compare) {
  end();
  choose("problem", null);
  for (const field of all("[aria-invalid]", form)) field.removeAttribute("aria-invalid");
  json.textContent = "";
  results.hidden = true;
  const task = read(compare);
  if (typeof task === "string") return fail(task);
  const parts = {};
  setState("running");
  choose("stage", "load");
  try {
    worker = new Worker(new URL("./__BENCH_WORKER__", import.meta.url));
  } catch (error) {
    return fail("broken");
  }
  worker.onerror = () => fail("broken");
  worker.onmessage = ({ data }) => {
    if (data.failure) return fail(data.failure);
    if (data.stage) return choose("stage", data.stage);
    if (data.part) {
      parts[data.part] = data.result;
      if (data.part === "simd") data.result.done = data.result.gflops * shareDone(task);
      if (parts.simd) show(task, parts);
      return;
    }
    end();
    json.textContent = JSON.stringify(summary(task, parts));
    setState("done");
  };
  worker.postMessage(task);
}

// The address of the job in the form, so that it can be passed on.
function address() {
  const training = form.elements.kind.value === "training";
  const query = training ? [["dims", typed("dims")], ["batch", typed("batch")]] : [["gemm", typed("gemm")]];
  if (typed("repetitions")) query.push([training ? "steps" : "reps", typed("repetitions")]);
  return `?${new URLSearchParams([...query, ["compare", "1"]])}`;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (worker) return;
  history.replaceState(null, "", address());
  run(true);
});
form.querySelector("[name=stop]").addEventListener("click", () => {
  if (!worker) return;
  end();
  setState("stopped");
});
for (const radio of all("[name=kind]", form)) radio.addEventListener("change", showKind);
for (const button of all("[data-preset]", form)) {
  button.addEventListener("click", () => {
    const [shape, batch] = button.dataset.preset.split("@");
    form.elements[batch ? "dims" : "gemm"].value = shape;
    if (batch) form.elements.batch.value = batch;
  });
}

const query = new URLSearchParams(location.search);
const product = query.has("gemm");
form.elements.kind.value = product ? "product" : "training";
for (const [name, key] of [["dims", "dims"], ["batch", "batch"], ["gemm", "gemm"], ["repetitions", product ? "reps" : "steps"]]) {
  if (query.has(key)) form.elements[name].value = query.get(key);
}
showKind();
choose("problem", null);
setState("idle");
if (product || query.has("dims")) run(query.get("compare") === "1");
