// The page that embeds labs: what a page of anyone's can do with what the frames tell it.
const NAME = "why-it-generalizes";
const VERSION = 1;

const examples = Array.from(document.querySelectorAll(".example"), element => ({
  element, frame: element.querySelector("iframe"), rows: element.querySelector("tbody"), state: element.querySelector("[data-cell=state]"),
  digest: element.querySelector("[data-cell=digest]"), due: [],
}));

const digits = value => (Number.isFinite(value) ? String(Number(value.toPrecision(4))).replace("-", "−") : "—");

function row(name, value) {
  const [head, cell] = ["th", "td"].map(tag => document.createElement(tag));
  head.scope = "row";
  head.textContent = name;
  cell.textContent = digits(value);
  cell.dataset.value = value;
  const made = document.createElement("tr");
  made.append(head, cell);
  return made;
}

function show({ element, rows, state, digest }, data) {
  if (data.type === "refused") {
    state.textContent = data.reasons.join(" ");
    return;
  }
  state.textContent = data.state;
  if (!data.outputs) return;
  digest.textContent = data.digest;
  const named = Object.entries(data.outputs).filter(([name]) => !name.endsWith("_standard_error"));
  rows.replaceChildren(...named.map(([name, value]) => row(name, value)));
  element.dataset.heard = data.type;
}

addEventListener("message", ({ source, data }) => {
  const example = examples.find(({ frame }) => frame.contentWindow === source);
  if (!example || data?.source !== NAME || data.version !== VERSION) return;
  if (data.type === "height") example.frame.height = data.height;
  else show(example, data);
  if (data.type !== "ready") return;
  for (const message of example.due) say(example, message);
  example.due = [];
});

const say = ({ frame }, message) => frame.contentWindow.postMessage({ target: NAME, version: VERSION, ...message }, "*");

// A frame that has not loaded yet hears nothing: what it is to do waits until it is ready.
function ask(example, message) {
  if (example.element.dataset.heard) say(example, message);
  else example.due.push(message);
}

document.querySelector("[name=run]").addEventListener("click", () => {
  for (const example of examples) {
    example.frame.loading = "eager";
    ask(example, { type: "run" });
  }
});
document.querySelector("[name=seed]").addEventListener("input", ({ target }) => {
  for (const example of examples) ask(example, { type: "set", settings: { seed: target.value } });
});

// Whatever was told before this script listened is told once more.
for (const example of examples) say(example, { type: "ask" });
