// Compares runs of a lab: up to three are pinned, drawn over the figure and set side by side in a table; six seeds are
// run one by one, so that the scatter shows that the figure's band summarizes.
import { alike, isSame, live, nameOf, results, roundStep, scale, shape, trace, valueOf } from "./plot.js";

const LETTERS = ["A", "B", "C"];
// A pin is told by the pattern of its strokes and by its letter; the color stays that of the quantity.
const PATTERNS = { A: "11 4", B: "2 4", C: "11 4 2 4" };
const SEEDS = 6;
// A run of one seed is long from here on, in seconds.
const LONG = 3;

const words = {
  en: {
    pin: "Pin this run", pins: "Pinned runs",
    pinned: letter => `Pinned as ${letter}. Change something: both runs stay in the figure and in the table below.`,
    again: letter => `This run is pinned already, as ${letter}.`,
    full: "Three runs are pinned. Unpin one first.",
    busy: "A run can be pinned once it is done.",
    gone: letter => `${letter} is unpinned.`, cleared: "No run is pinned anymore.",
    unpin: "Unpin", clear: "Unpin all", restore: "Restore these settings",
    of: (act, letter) => `${act}: ${letter}`,
    restored: letter => `The settings of ${letter} are set.`,
    quantity: "Quantity", now: "now", whole: "More results", fewer: "Fewer results", same: letter => `${letter} is the run that is shown.`,
    outside: (letter, panel) => `Part of ${letter} lies outside the axes of “${panel}” as shown now.`,
    other: (letter, panel) => `${letter} cannot be drawn over “${panel}”: its axes were others.`,
    spread: "Small multiples over seeds", spreadTitle: "Seed by seed",
    costly: seconds => `One seed takes about ${seconds} s on this device, six of them ${6 * seconds} s.`,
    start: "Start", cancel: "Cancel", close: "Close",
    progress: (seed, index, seeds) => `Seed ${seed}: ${index} of ${seeds}.`,
    left: seconds => ` About ${seconds} s more.`,
    cancelled: "Canceled. The settings are as before.", moved: "Stopped, because the lab was set otherwise.",
    broken: "Stopped: the lab could not run one of the seeds. The settings are as before.",
    done: "Done. The settings are as before.",
    seed: seed => `Seed ${seed}`,
    range: (label, low, high) => `${label}: from ${low} to ${high} over these seeds`,
    gray: seeds => ` Gray: the mean over ${seeds} seeds that the figure showed.`,
    mean: text => `; ${text} in the figure`, stop: ".",
    old: "These runs have other settings than what is shown now.",
  },
  zh: {
    pin: "固定此次结果", pins: "已固定的结果",
    pinned: letter => `已固定为 ${letter}。改动某项设置，两次结果会同时留在图中与下表中。`,
    again: letter => `这次结果已经固定为 ${letter}。`,
    full: "已固定三次结果，请先取消一个。",
    busy: "运行完成之后才能固定。",
    gone: letter => `已取消固定 ${letter}。`, cleared: "已全部取消固定。",
    unpin: "取消固定", clear: "全部取消固定", restore: "恢复这些设置",
    of: (act, letter) => `${act}：${letter}`,
    restored: letter => `已恢复 ${letter} 的设置。`,
    quantity: "量", now: "现在", whole: "更多结果", fewer: "收起", same: letter => `${letter} 就是当前所示的结果。`,
    outside: (letter, panel) => `${letter} 的一部分落在“${panel}”当前的坐标范围之外。`,
    other: (letter, panel) => `${letter} 无法画在“${panel}”上：两者的坐标轴不同。`,
    spread: "按种子展开", spreadTitle: "逐个种子",
    costly: seconds => `在本机上每个种子约需 ${seconds} 秒，六个共约 ${6 * seconds} 秒。`,
    start: "开始", cancel: "取消", close: "关闭",
    progress: (seed, index, seeds) => `种子 ${seed}：第 ${index} 个，共 ${seeds} 个。`,
    left: seconds => `大约还需 ${seconds} 秒。`,
    cancelled: "已取消，设置已恢复原样。", moved: "实验的设置有了改动，因此停止。",
    broken: "已停止：其中一个种子无法运行。设置已恢复原样。",
    done: "完成，设置已恢复原样。",
    seed: seed => `种子 ${seed}`,
    range: (label, low, high) => `${label}：在这些种子上从 ${low} 到 ${high}`,
    gray: seeds => `灰色：图中所示 ${seeds} 个种子的均值。`,
    mean: text => `；图中为 ${text}`, stop: "。",
    old: "这些结果的设置与当前所示的不同。",
  },
};

function element(name, className, ...content) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

function button(text, act) {
  const made = element("button", "lab-button", text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

// A text is written where it differs: what stands is not said again.
function write(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

const isShown = lab => lab.state === "idle" || lab.state === "done";

// What is shown, copied, once it is painted: the picture comes with the screen's frame after the numbers.
async function capture(lab) {
  const digest = lab.digest;
  await new Promise(requestAnimationFrame);
  if (!isShown(lab) || lab.digest !== digest) return null;
  return { digest, settings: lab.shown(), results: results(lab.figure), panels: lab.panels() };
}

const strands = panel => panel.marks.filter(mark =>
  (mark.kind === "line" || mark.kind === "points") && mark.label && mark.stroke !== "thin");

const hasRange = (panel, x, y) =>
  [[panel.x.range, x], [panel.y.range, y]].every(([[low, high], value]) => value >= low && value <= high);

const isAlike = (one, other) =>
  one.x.length === other.x.length && one.x.every((x, index) =>
    Object.is(x, other.x[index]) && Object.is(one.y[index], other.y[index]));

// Where a line or a row of points was last seen within the axes, in pixels.
function end(panel, { x, y }) {
  for (let index = x.length - 1; index >= 0; index -= 1) {
    if (hasRange(panel, x[index], y[index])) return [panel.px(x[index]), panel.py(y[index])];
  }
  return null;
}

function swatch(letter) {
  const drawing = shape("svg", { class: "pin-swatch", viewBox: "0 0 40 8", "aria-hidden": "true" });
  drawing.append(shape("path", { d: "M0 4H40", "stroke-dasharray": PATTERNS[letter] }));
  return drawing;
}

let clips = 0;

class Compare {
  constructor(lab) {
    this.lab = lab;
    this.figure = lab.figure;
    this.say = words[lab.code];
    this.pins = [];
    this.survey = null;
    this.clock = new Clock(lab);
    this.clip = `pins-${(clips += 1)}`;
    this.build();
    lab.onpaint(() => this.draw());
    lab.onstate(() => this.follow());
    this.follow();
  }

  build() {
    const { say, figure } = this;
    this.pinButton = button(say.pin, () => this.pin());
    const buttons = figure.querySelector(".lab-buttons");
    const row = [this.pinButton];
    if (figure.querySelector('[data-control="seeds"]')) {
      this.spreadButton = button(say.spread, () => this.open());
      row.push(this.spreadButton);
    }
    (buttons.querySelector(".lab-answer") ?? buttons.lastChild).before(...row);
    this.voice = element("p", "compare-voice");
    this.voice.setAttribute("role", "status");
    buttons.after(this.voice);
    this.place = element("div", "lab-compare");
    (figure.querySelector(".lab-more") ?? figure.querySelector(".lab-outputs")).after(this.place);
  }

  // After every change of the lab's state.
  follow() {
    const isReady = isShown(this.lab) && !this.survey;
    this.pinButton.setAttribute("aria-disabled", !isReady || this.pins.length === LETTERS.length);
    this.spreadButton?.setAttribute("aria-disabled", !isReady);
    if (!this.survey) this.fill();
    if (this.spread) this.spread.markAge();
  }

  // A run is pinned.
  async pin() {
    const { say, lab, pins } = this;
    if (pins.length === LETTERS.length) return write(this.voice, say.full);
    const run = isShown(lab) && !this.survey ? await capture(lab) : null;
    if (!run) return write(this.voice, say.busy);
    const twin = pins.find(({ digest, settings }) => digest === run.digest && alike(settings, run.settings));
    if (twin) return write(this.voice, say.again(twin.letter));
    run.letter = LETTERS.find(letter => pins.every(pin => pin.letter !== letter));
    // A second press may have come while the first waited for the screen.
    if (!run.letter) return;
    pins.push(run);
    pins.sort((one, other) => (one.letter < other.letter ? -1 : 1));
    this.change(say.pinned(run.letter));
  }

  unpin(letters, said) {
    if (this.table?.contains(document.activeElement)) this.pinButton.focus({ preventScroll: true });
    this.pins = this.pins.filter(pin => !letters.includes(pin.letter));
    this.change(said);
  }

  change(said) {
    write(this.voice, said);
    if (this.pins.length) this.figure.dataset.pins = this.pins.map(pin => pin.letter).join(" ");
    else delete this.figure.dataset.pins;
    this.buildTable();
    this.follow();
    this.draw();
  }

  buildTable() {
    const { say, pins, figure } = this;
    this.table?.remove();
    this.table = null;
    this.notes = null;
    if (!pins.length) return;
    const title = element("p", "compare-title", say.pins);
    title.id = `${figure.id}-pins`;
    const list = element("ul", "pin-list", ...pins.map(pin => {
      const named = (text, act) => {
        const made = button(text, act);
        made.setAttribute("aria-label", say.of(text, pin.letter));
        return made;
      };
      return element(
        "li", "", element("strong", "", pin.letter), swatch(pin.letter),
        named(say.restore, () => this.restore(pin)),
        named(say.unpin, () => this.unpin([pin.letter], say.gone(pin.letter))),
      );
    }));
    if (pins.length > 1) list.append(element("li", "", button(say.clear, () => this.unpin(LETTERS, say.cleared))));
    this.head = element("thead");
    this.settings = element("tbody", "pin-settings");
    this.outputs = element("tbody");
    this.aside = element("tbody");
    this.aside.id = `${figure.id}-pins-aside`;
    const table = element("table", "", this.head, this.settings, this.outputs, this.aside);
    table.setAttribute("aria-labelledby", title.id);
    // The table may be wider than a phone, and is then moved by keys, too.
    const frame = element("div", "pin-table", table);
    frame.tabIndex = 0;
    frame.setAttribute("role", "group");
    frame.setAttribute("aria-labelledby", title.id);
    this.notes = element("p", "pin-notes");
    this.table = element("div", "lab-pins", title, list, this.notes, frame);
    if (results(figure).some(({ isAside }) => isAside)) this.table.append(this.unfold());
    this.place.prepend(this.table);
  }

  // What is folded away in the results is so here.
  unfold() {
    const { say, aside } = this;
    const toggle = button("", () => {
      this.isWhole = !this.isWhole;
      show();
    });
    toggle.setAttribute("aria-controls", aside.id);
    const show = () => {
      aside.hidden = !this.isWhole;
      toggle.setAttribute("aria-expanded", Boolean(this.isWhole));
      toggle.textContent = this.isWhole ? say.fewer : say.whole;
    };
    show();
    return toggle;
  }

  restore({ letter, settings }) {
    const refusals = this.lab.turn(settings);
    write(this.voice, [this.say.restored(letter), ...refusals].join(" "));
  }

  // The table: settings that differ, then the outputs, a column a pin and one for what is shown.
  fill() {
    if (!this.table) return;
    const { say, pins, lab, figure } = this;
    const isBusy = !isShown(lab);
    this.table.toggleAttribute("data-busy", isBusy);
    // Numbers of a run under way are not to be compared yet.
    if (isBusy) return;
    const now = { settings: lab.shown(), results: results(figure) };
    const columns = [...pins, now];
    const cell = (name, scope, ...content) => {
      const made = element(name, "", ...content);
      if (scope) made.scope = scope;
      return made;
    };
    const row = (label, cells) => element("tr", "", cell("th", "row", label), ...cells.map(each => cell("td", "", ...each)));
    this.head.replaceChildren(element(
      "tr", "", cell("th", "col", say.quantity),
      ...pins.map(({ letter }) => cell("th", "col", letter)), cell("th", "col", say.now),
    ));
    const differing = Object.keys(now.settings).filter(name =>
      columns.some(({ settings }) => !isSame(settings[name], now.settings[name])));
    this.settings.replaceChildren(...differing.map(name =>
      row(nameOf(figure, name), columns.map(({ settings }) => [valueOf(figure, name, settings[name])]))));
    const output = ({ name, label, unit }) =>
      row(unit ? `${label} (${unit})` : label, columns.map(column => {
        const { value, error } = column.results.find(result => result.name === name) ?? { value: "—", error: "" };
        return [element("span", "lab-value", value), ...(error ? [" ", element("span", "lab-error-bar", error)] : [])];
      }));
    this.outputs.replaceChildren(...now.results.filter(({ isAside }) => !isAside).map(output));
    this.aside.replaceChildren(...now.results.filter(({ isAside }) => isAside).map(output));
  }

  // The pinned curves, over every panel that still has their axes.
  draw() {
    const { lab, pins, say } = this;
    if (!pins.length && !this.drawn) return;
    this.drawn = pins.length > 0;
    const notes = pins.filter(pin => isShown(lab) && pin.digest === lab.digest).map(pin => say.same(pin.letter));
    for (const [index, panel] of lab.panels().entries()) {
      if (panel.kind === "chart" && panel.plot) this.drawPanel(panel, index, notes);
    }
    if (this.notes) write(this.notes, notes.join(lab.code === "en" ? " " : ""));
  }

  drawPanel(panel, index, notes) {
    const { say, lab } = this;
    const layer = lab.layer(index, "pins");
    const { left, right, top, bottom } = panel.plot;
    const clip = shape("clipPath", { id: `${this.clip}-${index}` });
    clip.append(shape("rect", { x: left, y: top, width: right - left, height: bottom - top }));
    const curves = shape("g", { "clip-path": `url(#${clip.id})` });
    const labels = [];
    const there = strands(panel);
    for (const pin of this.pins) {
      const old = pin.panels[index]?.title === panel.title && pin.panels[index].kind === "chart"
        ? pin.panels[index] : pin.panels.find(({ kind, title }) => kind === "chart" && title === panel.title);
      if (!old) continue;
      if (old.x.label !== panel.x.label || old.y.label !== panel.y.label) {
        notes.push(say.other(pin.letter, panel.title || lab.figure.querySelector(".lab-title").textContent));
        continue;
      }
      let isCut = false;
      for (const mark of strands(old)) {
        const place = end(panel, mark);
        if (place) labels.push({ letter: pin.letter, x: place[0], y: place[1] });
        isCut ||= mark.x.some((x, at) => hasRange(old, x, mark.y[at]) && !hasRange(panel, x, mark.y[at]));
        // Where it is the very curve that stands there, a second stroke would only hide the first one's pattern.
        if (there.some(other => other.name === mark.name && isAlike(other, mark))) continue;
        there.push(mark);
        curves.append(drawing(panel, mark, pin.letter));
      }
      if (isCut) notes.push(say.outside(pin.letter, panel.title || lab.figure.querySelector(".lab-title").textContent));
    }
    layer.replaceChildren(clip, curves, ...letters(labels, panel.plot));
  }

  // Six seeds, one by one.
  open() {
    if (this.survey || !isShown(this.lab)) return;
    this.spread?.element.remove();
    this.spread = new Spread(this);
    this.place.append(this.spread.element);
    const seconds = this.clock.secondsPerSeed;
    if (seconds > LONG) this.spread.ask(Math.ceil(seconds));
    else this.spread.run();
  }
}

function drawing(panel, mark, letter) {
  const color = `var(--role-${mark.role})`;
  if (mark.kind === "line") {
    return shape("path", {
      class: "pin-curve", d: trace(panel, mark.x, mark.y), stroke: color, "stroke-dasharray": PATTERNS[letter],
      "data-pin": letter, "data-series": mark.name, ...(mark.stroke === "solid" ? {} : { opacity: 0.45 }),
    });
  }
  const group = shape("g", { "data-pin": letter, "data-series": mark.name, stroke: color, fill: "none" });
  mark.x.forEach((x, index) => {
    const [cx, cy] = [panel.px(x), panel.py(mark.y[index])];
    if (Number.isFinite(cx) && Number.isFinite(cy)) group.append(shape("circle", { cx, cy, r: 3 }));
  });
  return group;
}

// The letters at the curves' ends; those that would cover one another share a place.
function letters(labels, { left, right, top }) {
  const groups = [];
  for (const { letter, x, y } of labels.sort((one, other) => one.y - other.y)) {
    const near = groups.find(group => Math.abs(group.x - x) < 24 && Math.abs(group.y - y) < 13);
    if (!near) groups.push({ x, y, letters: new Set([letter]) });
    else near.letters.add(letter);
  }
  return groups.map(({ x, y, letters }) => {
    const text = shape("text", {
      class: "pin-letter", "text-anchor": "end", x: Math.min(Math.max(x, left + 16), right) - 3, y: Math.max(y - 5, top + 11),
    });
    text.textContent = [...letters].sort().join(" ");
    return text;
  });
}

// How long one seed takes, by the last run that ended.
class Clock {
  constructor(lab) {
    this.secondsPerSeed = 0;
    let [since, spent, settings] = [0, 0, ""];
    lab.onstate(state => {
      const now = performance.now();
      if (since) spent += now - since;
      since = state === "running" ? now : 0;
      if (state === "running" || state === "paused") {
        const written = JSON.stringify(lab.settings());
        // A run that was dropped for another does not count.
        if (written !== settings) spent = 0;
        settings = written;
        return;
      }
      if (state === "done" && spent) this.secondsPerSeed = spent / 1000 / Number(lab.settings().seeds ?? 1);
      [spent, settings] = [0, ""];
    });
  }
}

// The panel under the results with a small chart for each of six seeds.
class Spread {
  constructor(compare) {
    this.compare = compare;
    this.lab = compare.lab;
    this.say = compare.say;
    const { say } = this;
    this.runs = [];
    const title = element("p", "compare-title", say.spreadTitle);
    title.id = `${this.lab.figure.id}-spread`;
    this.status = element("p", "spread-status");
    this.status.setAttribute("role", "status");
    this.actions = element("p", "spread-actions");
    this.grid = element("ul", "spread-grid");
    this.words = element("p", "spread-words");
    this.age = element("p", "spread-age");
    this.element = element("div", "lab-spread", title, this.status, this.actions, this.grid, this.words, this.age);
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-labelledby", title.id);
  }

  offer(...actions) {
    const hadFocus = this.actions.contains(document.activeElement);
    this.actions.replaceChildren(...actions.map(([text, act]) => button(text, act)));
    if (hadFocus) this.actions.firstChild.focus({ preventScroll: true });
  }

  close() {
    this.compare.spreadButton.focus({ preventScroll: true });
    this.element.remove();
    this.compare.spread = null;
  }

  ask(seconds) {
    const { say } = this;
    write(this.status, say.costly(seconds));
    this.offer([say.start, () => this.run()], [say.cancel, () => this.close()]);
    this.actions.firstChild.focus();
    this.element.dataset.survey = "asking";
  }

  // Through the one living lab: so each chart is what the reader would see with that seed.
  async run() {
    const { compare, lab, say } = this;
    if (compare.survey || !isShown(lab)) return;
    const before = lab.settings();
    const wasPrinted = lab.state === "idle" && alike(before, lab.shown());
    compare.survey = this;
    lab.figure.dataset.surveying = "";
    this.element.dataset.survey = "running";
    this.cancelled = false;
    this.offer([say.cancel, () => this.cancel()]);
    compare.follow();
    let said = say.broken;
    let asked = before;
    try {
      this.before = await capture(lab);
      const first = Number(before.seed);
      for (let index = 0; index < SEEDS; index += 1) {
        // The reader may act whenever this waits for the screen.
        if (this.cancelled || !alike(lab.settings(), asked)) {
          said = this.cancelled ? say.cancelled : say.moved;
          break;
        }
        asked = { ...before, seeds: "1", seed: String(first + index) };
        const left = this.runs.length ? compare.clock.secondsPerSeed * (SEEDS - index) : 0;
        write(this.status, say.progress(first + index, index + 1, SEEDS) + (left > LONG ? say.left(Math.ceil(left)) : ""));
        const refusals = lab.turn(asked);
        if (refusals.length) {
          said = refusals.join(" ");
          asked = lab.settings();
          break;
        }
        const outcome = await this.outcome(asked);
        const run = outcome === "done" ? await capture(lab) : null;
        if (!run || this.cancelled) {
          if (this.cancelled || outcome !== "error") said = this.cancelled ? say.cancelled : say.moved;
          break;
        }
        this.runs.push({ ...run, seed: first + index });
        this.draw();
      }
      if (this.runs.length === SEEDS) said = say.done;
    } finally {
      compare.survey = null;
      delete lab.figure.dataset.surveying;
      this.putBack(before, asked, wasPrinted);
      this.element.dataset.survey = this.runs.length === SEEDS ? "done" : "stopped";
      write(this.status, said);
      this.offer([say.close, () => this.close()]);
      compare.follow();
    }
  }

  // What a reader has set meanwhile stays; everything else is as it was.
  putBack(before, asked, wasPrinted) {
    const { lab } = this;
    const now = lab.settings();
    const moved = Object.fromEntries(Object.entries(now).filter(([name, value]) => !isSame(value, asked[name])));
    // Reset has put back everything there is.
    if (lab.state === "idle") return;
    if (wasPrinted && !Object.keys(moved).length) lab.reset();
    else lab.turn({ ...before, ...moved });
  }

  cancel() {
    this.cancelled = true;
    this.wake?.();
  }

  // How the run with these settings ends: done, error, moved (the reader has set something else) or cancelled.
  outcome(asked) {
    const { lab } = this;
    return new Promise(resolve => {
      let release = () => {};
      const look = () => {
        let outcome = "";
        if (this.cancelled) outcome = "cancelled";
        else if (!alike(lab.shown(), asked)) outcome = "moved";
        else if (isShown(lab)) outcome = "done";
        else if (lab.state === "error") outcome = "error";
        if (!outcome) return;
        release();
        this.wake = null;
        resolve(outcome);
      };
      release = lab.onstate(look);
      this.wake = look;
      look();
    });
  }

  markAge() {
    if (!this.runs.length || !isShown(this.lab) || this.compare.survey) return;
    const { seeds, seed, ...settings } = this.runs[0].settings;
    write(this.age, alike(this.lab.shown(), settings) ? "" : this.say.old);
  }

  // All runs so far, on axes that hold them all.
  draw() {
    const { say, runs, before } = this;
    const charts = runs.map(({ panels }) => panels.find(panel => panel.kind === "chart" && strands(panel).length));
    const [first] = charts;
    const union = axis => [0, 1].map(side => Math[side ? "max" : "min"](...charts.map(chart => chart[axis].range[side])));
    const axes = first && { x: { ...first.x, range: union("x") }, y: { ...first.y, range: union("y") } };
    const seeds = Number(before?.settings.seeds);
    const mean = seeds > 1 && first ? before.panels.find(({ title, kind }) => kind === "chart" && title === first.title) : null;
    this.grid.replaceChildren(...runs.map(({ seed, results: [result] }, index) => {
      const label = say.seed(seed);
      const item = element("li", "");
      if (charts[index]) item.append(miniature(axes, charts[index], mean, `${label}. ${first.title}`));
      item.append(element("p", "", `${label} · ${result.label} `, element("b", "", result.value)));
      return item;
    }));
    const values = runs.map(({ results: [{ value, number }] }) => ({ value, number })).sort((a, b) => a.number - b.number);
    const [{ label }] = runs[0].results;
    const shown = before?.results[0];
    write(this.words,
      say.range(label, values[0].value, values.at(-1).value)
      + (seeds > 1 ? say.mean([shown.value, shown.error].filter(Boolean).join(" ")) : "") + say.stop
      + (mean ? say.gray(seeds) : ""));
  }
}

const digits = value => String(Number(value.toPrecision(3))).replace("-", "−");

// A few round values on an axis.
function ticks({ scale, range: [low, high] }) {
  if (scale === "linear") {
    const step = roundStep((high - low) / 3);
    const count = Math.floor(high / step + 1e-9) - Math.ceil(low / step - 1e-9) + 1;
    return Array.from({ length: count }, (_, index) => (Math.ceil(low / step - 1e-9) + index) * step);
  }
  const start = scale === "log" ? low : Math.max(low, 1);
  const [from, to] = [Math.ceil(Math.log10(start) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const stride = Math.max(1, Math.ceil((to - from) / 3));
  const powers = [];
  for (let power = from; power <= to; power += stride) powers.push(10 ** power);
  const zero = scale === "log_from_zero" && low <= 0 ? [0] : [];
  return powers.length + zero.length > 1 ? [...zero, ...powers] : [low, high];
}

// A small chart of one run.
function miniature(axes, chart, mean, label) {
  const [width, height, left, right, top, bottom] = [240, 150, 38, 234, 8, 128];
  const [px] = scale(axes.x, left, right);
  const [py] = scale(axes.y, bottom, top);
  const panel = { px, py };
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  const clip = shape("clipPath", { id: `spread-${(clips += 1)}` });
  clip.append(shape("rect", { x: left, y: top, width: right - left, height: bottom - top }));
  svg.append(clip);
  const say = (x, y, anchor, text) => {
    const made = shape("text", { x, y, "text-anchor": anchor });
    made.textContent = text;
    svg.append(made);
  };
  for (const value of ticks(axes.y)) {
    svg.append(shape("path", { class: "grid", d: `M${left} ${py(value)}H${right}` }));
    say(left - 5, py(value) + 4, "end", digits(value));
  }
  for (const value of ticks(axes.x)) {
    svg.append(shape("path", { class: "grid", d: `M${px(value)} ${top}V${bottom}` }));
    say(Math.min(px(value), right - 6), bottom + 15, "middle", digits(value));
  }
  const curves = shape("g", { "clip-path": `url(#${clip.id})`, fill: "none" });
  const stroke = (mark, color, className) => {
    if (mark.kind === "points") {
      mark.x.forEach((x, index) => {
        const [cx, cy] = [px(x), py(mark.y[index])];
        if (Number.isFinite(cx) && Number.isFinite(cy)) curves.append(shape("circle", { cx, cy, r: 2, fill: color }));
      });
    } else curves.append(shape("path", { class: className, d: trace(panel, mark.x, mark.y), stroke: color }));
  };
  const isMain = mark => mark.kind === "points" || mark.stroke === "solid";
  for (const mark of mean ? strands(mean).filter(mark => mark.stroke === "solid") : []) stroke(mark, "var(--muted)", "mean");
  for (const mark of strands(chart)) stroke(mark, `var(--role-${mark.role})`, isMain(mark) ? "" : "aside");
  for (const mark of chart.marks) {
    if (mark.kind !== "probe" && mark.kind !== "threshold") continue;
    curves.append(shape("path", { class: mark.kind, d: `M${px(mark.x)} ${top}V${bottom}` }));
  }
  svg.append(curves);
  return svg;
}

// Gives every lab of the page what it takes to compare its runs, once it lives.
export function start() {
  for (const figure of document.querySelectorAll("figure[data-lab]")) live(figure).then(lab => new Compare(lab));
}
