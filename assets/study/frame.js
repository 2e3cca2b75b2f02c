// A lab in someone else's page: it tells the page around its frame how high it is, what it does and what it finds, and
// does what that page asks. Whoever frames the lab may hear everything, for nothing in it is secret, and may set it, for
// the lab takes no value that a reader could not type.
import { live } from "./plot.js";
import { hidden } from "./parts.js";

const NAME = "why-it-generalizes";
const VERSION = 1;
// What `hide` may name beside controls and buttons.
const parts = {
  about: ".about", origin: ".origin", legend: ".lab-legend", outputs: ".lab-outputs, .lab-more", words: ".lab-words",
  parameters: ".lab-parameters", buttons: ".lab-buttons",
};

const figure = document.querySelector("main.alone figure[data-lab]");

function tell(type, content) {
  parent.postMessage({ source: NAME, version: VERSION, lab: figure.dataset.lab, type, ...content }, "*");
}

function measure() {
  tell("height", { height: Math.ceil(document.documentElement.getBoundingClientRect().height) });
}

const found = lab => ({ settings: lab.shown(), outputs: lab.outputs(), digest: lab.digest, state: lab.state });

const acts = {
  ask(lab) {
    measure();
    tell("ready", found(lab));
  },
  run: lab => lab.run(),
  reset: lab => lab.reset(),
  set(lab, { settings }) {
    const values = Object.entries(Object(settings)).filter(([, value]) => ["string", "number"].includes(typeof value));
    if (!values.length) return;
    const asked = Object.fromEntries(values);
    const reasons = lab.check(asked);
    if (reasons.length) return tell("refused", { reasons });
    lab.turn(asked);
    // Nothing runs where that is on show already; whoever asked waits for the end all the same.
    if (["idle", "done"].includes(lab.state)) tell("done", found(lab));
  },
};

// Links lead out of the frame, into a page of their own.
function release(event) {
  const link = event.target.closest("a[href]");
  if (!link || link.getAttribute("href").startsWith("#")) return;
  link.target = "_blank";
  link.rel = "noopener";
}

function hide() {
  const names = hidden("hide");
  for (const name of names) {
    if (!Object.hasOwn(parts, name)) continue;
    for (const element of document.querySelectorAll(parts[name])) element.hidden = true;
  }
  figure.dataset.hide = names.join(" ");
}

export async function start() {
  if (!figure) return;
  hide();
  document.addEventListener("click", release, true);
  new ResizeObserver(measure).observe(document.documentElement);
  const lab = await live(figure);
  lab.onstate(state => {
    tell("state", { state });
    if (state === "done") tell("done", found(lab));
  });
  addEventListener("message", ({ source, data }) => {
    if (source !== parent || data?.target !== NAME || data.version !== VERSION) return;
    if (Object.hasOwn(acts, data.type)) acts[data.type](lab, data);
  });
  acts.ask(lab);
}
