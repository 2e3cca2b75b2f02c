// The live lab as the study modules see it: what it shows, in numbers and in pixels, and what it can be asked to do.
// The page's program gives each living figure a function `lab`; everything else stands in the page.

const labs = new WeakMap();

// The lab of a figure once it lives. It comes to life when the reader comes near.
export function live(figure) {
  if (!labs.has(figure)) {
    labs.set(figure, new Promise(resolve => {
      const settle = () => figure.lab && resolve(new Lab(figure));
      settle();
      if (!figure.lab) {
        const observer = new MutationObserver(() => {
          if (!figure.lab) return;
          observer.disconnect();
          settle();
        });
        observer.observe(figure, { attributeFilter: ["data-live"] });
      }
    }));
  }
  return labs.get(figure);
}

// Brings a figure before the reader, and so to life.
export function bring(figure) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  figure.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "nearest" });
  return live(figure);
}

// How an axis spreads its values.
const spread = {
  linear: [value => value, place => place],
  log: [Math.log, Math.exp],
  log_from_zero: [Math.log1p, Math.expm1],
};

// The two maps between an axis' values and pixels.
export function scale({ scale, range }, start, end) {
  const [to, from] = spread[scale];
  const [low, high] = range.map(to);
  return [
    value => start + ((to(value) - low) / (high - low)) * (end - start),
    pixel => from(low + ((pixel - start) / (end - start)) * (high - low)),
  ];
}

// The least of the steps 1, 2, 5 times a power of ten that is no smaller.
export function roundStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map(factor => factor * power).find(step => step >= rough);
}

// Tells when a zoomed page, or another screen, has other dots to the pixel.
export function ondots(tell) {
  const dots = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
  dots.addEventListener("change", () => {
    tell();
    ondots(tell);
  }, { once: true });
}

class Lab {
  constructor(figure) {
    this.figure = figure;
    this.code = figure.closest("[lang]").lang.startsWith("zh") ? "zh" : "en";
    this.painted = new Set();
    this.changed = new Set();
    new MutationObserver(changes => {
      const names = changes.map(change => change.attributeName);
      if (names.includes("data-frame")) this.repaint();
      if (names.includes("data-state")) for (const tell of this.changed) tell(this.state);
    }).observe(figure, { attributeFilter: ["data-frame", "data-state"] });
    // The program's own observers came first: by now it has drawn at the new size and in the new colors.
    // What is drawn now may change sizes again, which an observer must not do while it is told of them.
    new ResizeObserver(() => requestAnimationFrame(() => this.repaint())).observe(figure.querySelector(".lab-panels"));
    new MutationObserver(() => this.repaint()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.repaint());
    // The page may have been zoomed before this module came.
    const canvas = figure.querySelector(".lab-plot canvas");
    const dots = canvas && canvas.clientWidth * devicePixelRatio;
    if (dots && Math.abs(canvas.width - dots) > devicePixelRatio) figure.lab("resize", "");
    ondots(() => figure.lab("resize", ""));
  }

  get state() {
    return this.figure.dataset.state;
  }

  get digest() {
    return this.figure.dataset.digest;
  }

  // Takes new values beside the old ones and runs, if they are new. Returns a sentence for each that was refused.
  set(values) {
    return this.figure.lab("set", new URLSearchParams(values).toString());
  }

  // A sentence for each value that would be refused. Nothing changes.
  check(values) {
    return this.figure.lab("check", new URLSearchParams(values).toString());
  }

  run() {
    this.press("run");
  }

  reset() {
    this.press("reset");
  }

  // A teacher's link may have hidden a button, but not what it does.
  press(action) {
    this.figure.lab("press", action);
  }

  // What the controls say.
  settings() {
    return Object.fromEntries(new URLSearchParams(this.figure.lab("settings", "")));
  }

  // What the printed run was set to.
  printed() {
    return Object.fromEntries(new URLSearchParams(this.figure.lab("printed", "")));
  }

  // The settings of what is shown. Before a first run it is the printed one, even if a link brought other settings; and
  // so it is when a run broke off.
  shown() {
    return ["idle", "error"].includes(this.state) ? this.printed() : this.settings();
  }

  // As `set`, but runs also where these values are set already and what is shown is another run.
  turn(values) {
    const refusals = this.set(values);
    if (this.state === "error" || !alike(this.settings(), this.shown())) this.run();
    return refusals;
  }

  // The numbers of what is shown.
  outputs() {
    const cells = this.figure.querySelectorAll("[data-output]");
    return Object.fromEntries(Array.from(cells, cell => [cell.dataset.output, Number(cell.dataset.value)]));
  }

  // Resolves with the state in which the present run ends.
  settled() {
    return new Promise(resolve => {
      const look = () => {
        if (!["done", "error", "idle"].includes(this.state)) return;
        this.changed.delete(look);
        resolve(this.state);
      };
      this.changed.add(look);
      look();
    });
  }

  onpaint(tell) {
    this.painted.add(tell);
    return () => this.painted.delete(tell);
  }

  onstate(tell) {
    this.changed.add(tell);
    return () => this.changed.delete(tell);
  }

  repaint() {
    for (const svg of this.figure.querySelectorAll(".lab-overlay")) fit(svg);
    for (const tell of this.painted) tell();
  }

  // What is shown, panel by panel, with the maps between values and pixels.
  panels() {
    const elements = this.elements();
    return this.figure.lab("read", "").map((panel, index) => {
      const read = { ...panel, element: elements[index] };
      if (panel.kind !== "chart") return read;
      const [left, top, right, bottom] = panel.plot;
      read.plot = { left, top, right, bottom };
      // Ends of axes and scales as lists, which can be kept as text; the curves' numbers stay as they came.
      const plain = part => (part.range ? { ...part, range: Array.from(part.range) } : part);
      [read.x, read.y, read.marks] = [plain(panel.x), plain(panel.y), panel.marks.map(plain)];
      [read.px, read.vx] = scale(read.x, left, right);
      [read.py, read.vy] = scale(read.y, bottom, top);
      return read;
    });
  }

  elements() {
    return Array.from(this.figure.querySelectorAll(".lab-panels > .lab-panel"));
  }

  // A group over a panel, in the pixels of its plot.
  layer(index, name) {
    const panel = this.elements()[index];
    let svg = panel.querySelector(":scope > .lab-overlay");
    if (!svg) {
      svg = shape("svg", { class: "lab-overlay", "aria-hidden": "true" });
      panel.append(svg);
      fit(svg);
    }
    let group = svg.querySelector(`:scope > [data-layer="${name}"]`);
    if (!group) {
      group = shape("g", { "data-layer": name });
      svg.append(group);
    }
    return group;
  }
}

function fit(svg) {
  const { clientWidth, clientHeight } = svg.parentElement;
  svg.setAttribute("viewBox", `0 0 ${clientWidth} ${clientHeight}`);
}

// Whether every setting of the second is the same in the first.
export function alike(settings, others) {
  return Object.entries(others).every(([name, value]) => isSame(settings[name], value));
}

// Whether two ways to write a setting mean the same.
export function isSame(one, other) {
  return String(one) === String(other) || (String(one).trim() !== "" && Number(one) === Number(other));
}

// A setting's name to the reader, with its symbol.
export function nameOf(figure, setting) {
  const label = figure.querySelector(`[data-control="${setting}"] label`)?.cloneNode(true);
  label?.querySelector(".lab-unit")?.remove();
  return label?.textContent.replace(/\s+/g, " ").trim() ?? setting;
}

// A setting's value to the reader.
export function valueOf(figure, setting, value) {
  const list = figure.querySelector(`[data-control="${setting}"] select`);
  return Array.from(list?.options ?? []).find(option => option.value === value)?.textContent ?? String(value);
}

// The rows of the results: what each output is called, and what stands there now.
export function results(figure) {
  return Array.from(figure.querySelectorAll(".lab-outputs tbody tr"), row => {
    const [value, error] = row.querySelectorAll("[data-output]");
    return {
      name: value.dataset.output,
      label: row.querySelector("th").firstChild.textContent.trim(),
      unit: row.querySelector(".lab-unit")?.textContent.trim() ?? "",
      number: Number(value.dataset.value),
      isAside: Boolean(row.closest("details")),
      value: value.textContent.trim(),
      error: error?.textContent.trim() ?? "",
    };
  });
}

// An element of a drawing.
export function shape(name, attributes = {}) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// The path through points given in values; a gap where one is not finite.
export function trace(panel, x, y) {
  let path = "";
  let pen = "M";
  for (let index = 0; index < x.length; index += 1) {
    const [across, down] = [panel.px(x[index]), panel.py(y[index])];
    if (Number.isFinite(across) && Number.isFinite(down)) {
      path += `${pen}${across.toFixed(1)} ${down.toFixed(1)}`;
      pen = "L";
    } else {
      pen = "M";
    }
  }
  return path;
}
