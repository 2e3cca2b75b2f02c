// Prose and figures light each other up. A phrase of the text sets a lab and shows what it speaks of; a color of meaning
// that is pointed at lights up in words, formulas and curves.
import { live, shape, trace } from "./plot.js";
import { make } from "./parts.js";

const words = {
  en: {
    shown: text => `Shown here: “${text}”`,
    detail: text => ` (${text})`,
    back: "Back to the text",
    clear: "Clear the highlight (Esc)",
    bar: "What the text points at",
    legend: "Legend. Pressing an entry lights up its curve.",
    reveal: role => `${role}: show in the figure`,
    join: ", ",
    stop: " ",
    roles: {
      train: "training", test: "test", theory: "theory", bias: "bias", variance: "variance", signal: "signal",
      noise: "noise", norm: "norm", regularized: "regularized", neutral: "reference",
    },
  },
  zh: {
    shown: text => `图中所示：“${text}”`,
    detail: text => `（${text}）`,
    back: "回到正文",
    clear: "取消突出显示（Esc）",
    bar: "正文所指",
    legend: "图例。按下一项，对应的曲线便突出显示。",
    reveal: role => `${role}：在图中显示`,
    join: "，",
    stop: "",
    roles: {
      train: "训练", test: "测试", theory: "理论", bias: "偏差", variance: "方差", signal: "信号",
      noise: "噪声", norm: "范数", regularized: "正则化", neutral: "参考",
    },
  },
};

// Passing over a word is not pointing at it.
const PAUSE = 120;
const SYMBOL = ".text [class*='role-']";
const stages = new Map();
let followed = null;
let pressed = null;
let pointed = null;

const codeOf = element => (element.closest("[lang]")?.lang.startsWith("zh") ? "zh" : "en");
const roleOf = element => element.getAttribute("class")?.match(/(?:^|\s)role-([a-z]+)/)?.[1];
const figures = () => Array.from(document.querySelectorAll("figure.lab[data-lab]"));
const isBefore = (one, other) => Boolean(one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);

// A living figure and what stands out in it: what is pointed at, else what is pressed, else what a phrase shows.
class Stage {
  constructor(lab) {
    this.lab = lab;
    this.words = words[lab.code];
    this.asked = {};
    lab.onpaint(() => this.draw());
    this.dressLegend();
    const legend = lab.figure.querySelector(".lab-legend");
    new MutationObserver(() => this.dressLegend()).observe(legend, { childList: true });
  }

  // Lets something stand out for one of the reasons, or nothing more.
  ask(reason, look) {
    if (!look && !this.asked[reason]) return;
    this.asked[reason] = look;
    const { figure } = this.lab;
    const { phrase } = this.asked;
    if (phrase) figure.dataset.shown = phrase.name;
    else delete figure.dataset.shown;
    const lit = this.asked.pointed ?? this.asked.pressed;
    if (lit) figure.dataset.lit = lit.name;
    else delete figure.dataset.lit;
    this.draw();
  }

  draw() {
    const look = this.asked.pointed ?? this.asked.pressed ?? this.asked.phrase;
    const panels = this.lab.panels();
    const first = panels.find(panel => panel.plot);
    panels.forEach((panel, index) => {
      const isDrawn = panel.plot && (look || panel.element.querySelector("[data-layer=shown]"));
      if (!isDrawn) return;
      const group = this.lab.layer(index, "shown");
      group.replaceChildren();
      const marks = look ? panel.marks.filter(look.picks) : [];
      const at = look?.at && (marks.length || (!look.isNamed && panel.x.label === first.x.label)) ? look.at : null;
      group.toggleAttribute("data-on", Boolean(marks.length || at));
      if (!marks.length && !at) return;
      // Above what other modules draw.
      group.parentNode.append(group);
      paint(group, panel, marks, at);
    });
  }

  // The labels of what stands out, and where, in words.
  tell(look) {
    const panels = this.lab.panels().filter(panel => panel.plot);
    const marks = panels.flatMap(panel => panel.marks.filter(look.picks));
    // A curve and its spread over seeds share a name.
    const isSpread = mark => mark.kind === "band" && marks.some(({ kind, name }) => kind === "line" && name === mark.name);
    const labels = marks.filter(mark => !isSpread(mark)).map(mark => mark.label).filter(Boolean);
    if (look.at && panels.length) labels.push(place(panels[0], look.at));
    return Array.from(new Set(labels)).join(this.words.join);
  }

  // Makes the legend's entries buttons. The program writes the list anew when its entries change.
  dressLegend() {
    const legend = this.lab.figure.querySelector(".lab-legend");
    const entries = Array.from(legend.querySelectorAll(":scope > li"));
    if (!entries.length || entries.every(entry => entry.querySelector("button"))) return;
    legend.setAttribute("aria-label", this.words.legend);
    for (const entry of entries) {
      const button = make("button", { type: "button", class: "legend-entry", "aria-pressed": "false" });
      button.append(...entry.childNodes);
      entry.append(button);
      if (button.textContent === this.focused) button.focus({ preventScroll: true });
      if (pressed?.stage === this && pressed.key === button.textContent) {
        pressed.element = entry;
        button.setAttribute("aria-pressed", "true");
      }
    }
  }

  // The bar that says what is shown, with the way back.
  get bar() {
    if (!this.built) {
      const id = `${this.lab.figure.id}-shown`;
      const { clear, bar } = this.words;
      this.says = make("p", { id });
      this.back = make("button", { type: "button", class: "shown-back", "aria-describedby": id });
      const end = make("button", { type: "button", class: "shown-clear", "aria-label": clear, title: clear }, "×");
      this.built = make("div", { class: "shown", role: "group", "aria-label": bar, hidden: "" });
      this.built.append(make("div", {}, this.says, this.back, end));
      this.lab.figure.append(this.built);
      this.back.addEventListener("click", goBack);
      end.addEventListener("click", () => {
        goBack();
        finish();
      });
    }
    return this.built;
  }
}

// What a picture shows of its own, veiled, and the marks that stand out once more, in their colors.
function paint(group, panel, marks, at) {
  const { left, top, right, bottom } = panel.plot;
  const [width, height] = [right - left, bottom - top];
  const plot = shape("svg", { x: left, y: top, width, height, viewBox: `${left} ${top} ${width} ${height}` });
  group.append(plot);
  const [from, to] = at ? at.map(panel.px) : [];
  const veil = (start, end) => {
    const box = { x: start, y: top, width: Math.max(0, end - start), height };
    plot.append(shape("rect", { ...box, class: "shown-veil" }));
  };
  if (marks.some(mark => mark.kind !== "heat_map")) veil(left, right);
  else if (at && from !== to) {
    veil(left, from);
    veil(to, right);
  }
  for (const mark of marks) draw(plot, panel, mark);
  if (at) point(group, plot, panel, marks, at);
}

function draw(plot, panel, mark) {
  const color = `var(--role-${mark.role})`;
  if (mark.kind === "band") {
    for (const [start, end] of runs(mark)) {
      const [x, low, high] = [mark.x, mark.low, mark.high].map(values => values.subarray(start, end));
      const there = trace(panel, x, high);
      const back = trace(panel, x.slice().reverse(), low.slice().reverse());
      const area = `${there}${back.replace("M", "L")}Z`;
      plot.append(shape("path", { d: area, fill: color, "fill-opacity": mark.filled ? 0.75 : 0.3 }));
      plot.append(shape("path", { d: there, fill: "none", stroke: color, "stroke-width": mark.filled ? 2.5 : 1.5 }));
    }
  }
  if (mark.kind === "line") {
    const d = trace(panel, mark.x, mark.y);
    const line = { d, fill: "none", "stroke-linejoin": "round" };
    const strong = mark.stroke === "thin" ? 2 : 4;
    plot.append(shape("path", { ...line, stroke: "var(--paper)", "stroke-width": strong + 3 }));
    const dash = { dashed: "10 6", dotted: "2 6" }[mark.stroke];
    plot.append(shape("path", {
      ...line, stroke: color, "stroke-width": strong, ...(dash && { "stroke-dasharray": dash }),
    }));
  }
  if (mark.kind === "points") {
    mark.x.forEach((x, index) => {
      const [cx, cy] = [panel.px(x), panel.py(mark.y[index])];
      if (!Number.isFinite(cx + cy)) return;
      plot.append(shape("circle", { cx, cy, r: 5, fill: color, stroke: "var(--paper)", "stroke-width": 1.5 }));
    });
  }
}

// The stretches of a band without gaps, as index ranges.
function runs({ x, low, high }) {
  const found = [];
  let start = 0;
  for (let index = 0; index <= x.length; index += 1) {
    if (index < x.length && Number.isFinite(x[index] + low[index] + high[index])) continue;
    if (index > start + 1) found.push([start, index]);
    start = index + 1;
  }
  return found;
}

// A place on the x axis: a line at a value, a bracket over a stretch, and what it is.
function point(group, plot, panel, marks, at) {
  const { left, top, right } = panel.plot;
  const [from, to] = at.map(value => Math.min(Math.max(panel.px(value), left), right));
  const middle = (from + to) / 2;
  if (from === to) {
    plot.append(shape("line", { x1: from, x2: from, y1: top, y2: panel.plot.bottom, class: "shown-place" }));
    plot.append(shape("path", { d: `M${from - 7} ${top}h14l-7 11z`, class: "shown-tip" }));
    for (const mark of marks) {
      const y = mark.kind === "line" ? panel.py(valueAt(mark, panel, at[0])) : NaN;
      if (!Number.isFinite(y)) continue;
      plot.append(shape("circle", { cx: from, cy: y, r: 6, class: "shown-ring", stroke: `var(--role-${mark.role})` }));
    }
  } else {
    plot.append(shape("path", { d: `M${from} ${top + 12}V${top + 3}H${to}V${top + 12}`, class: "shown-place" }));
  }
  const text = shape("text", { class: "shown-name", y: top + 26 });
  const [anchor, gap] = from !== to ? ["middle", 0] : middle > (left + right) / 2 ? ["end", -10] : ["start", 10];
  text.setAttribute("text-anchor", anchor);
  text.setAttribute("x", middle + gap);
  text.textContent = place(panel, at);
  group.append(text);
}

// A line's value at an abscissa, along the drawn straight piece.
function valueAt({ x, y }, panel, value) {
  const after = x.findIndex(other => other >= value);
  if (after < 0 || x[after] === value) return y[after];
  if (after === 0) return NaN;
  const [before, across, end] = [panel.px(x[after - 1]), panel.px(value), panel.px(x[after])];
  const [low, high] = [panel.py(y[after - 1]), panel.py(y[after])];
  return panel.vy(low + ((across - before) / (end - before)) * (high - low));
}

// `γ = 1`, `0.2 ≤ γ ≤ 0.6`: the axis' symbol stands at the end of its label.
function place({ x: { label } }, [from, to]) {
  const symbol = label.match(/(?:^|\s)(\p{L})(?:\s*=.*)?$/u)?.[1];
  const [low, high] = [from, to].map(value => String(value).replace("-", "−"));
  if (from === to) return symbol ? `${symbol} = ${low}` : low;
  return symbol ? `${low} ≤ ${symbol} ≤ ${high}` : `${low} – ${high}`;
}

// What a phrase asks to stand out; nothing if it only sets.
function lookOf({ dataset: { show, at } }) {
  const names = show ? show.split(",").map(name => name.trim()) : [];
  const ends = at ? at.split("..").map(Number) : null;
  if (!names.length && !ends) return null;
  return {
    name: names.join(" ") || at,
    isNamed: names.length > 0,
    picks: mark => names.includes(mark.name),
    at: ends && [ends[0], ends[ends.length - 1]],
  };
}

const byRole = role => ({ name: role, isNamed: true, picks: mark => mark.role === role, at: null });

// Glides over what can be followed with the eyes, and is there at once from farther away.
function glide(distance) {
  const isFar = Math.abs(distance) > 1.5 * innerHeight;
  return isFar || matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
}

// Scrolls only if what is to be seen is not in sight.
function bringIntoSight(element) {
  const { top, bottom } = element.getBoundingClientRect();
  if (top >= 48 && bottom <= innerHeight - 64) return;
  element.scrollIntoView({ behavior: glide(top), block: bottom - top < innerHeight - 120 ? "center" : "start" });
}

// Shows something in a figure for the sake of a place in the text, or in another figure, which there is a way back to.
// The values may depend on the lab; `said` is how the place calls what it shows, and the way back to it.
export async function follow(source, figure, look, values, said = {}) {
  finish();
  const mine = { source, figure, top: source.getBoundingClientRect().top };
  followed = mine;
  if (source.matches("a")) source.setAttribute("aria-current", "true");
  bringIntoSight(figure.querySelector(".lab-panel") ?? figure);
  const lab = await live(figure);
  if (followed !== mine) return;
  const stage = stageOf(lab);
  const refused = values ? lab.set(typeof values === "function" ? values(lab) : values) : [];
  const panel = look && lab.panels().find(({ plot, marks }) => plot && marks.some(look.picks));
  if (panel) bringIntoSight(panel.element);
  stage.ask("phrase", look);
  const { bar } = stage;
  const say = () => {
    const detail = look && stage.tell(look);
    const text = said.text ?? source.getAttribute("aria-label") ?? source.textContent.trim();
    const shown = values || source.matches("a") ? stage.words.shown(text) + (detail ? stage.words.detail(detail) : "") : detail;
    stage.says.textContent = [...refused, shown].join(stage.words.stop);
    stage.says.title = stage.says.textContent;
  };
  say();
  stage.back.textContent = `↩ ${said.back ?? stage.words.back}`;
  bar.hidden = false;
  stage.back.focus({ preventScroll: true });
  await lab.settled();
  // The run may have brought the curve that was asked for.
  if (followed === mine) say();
}

// Back to where the reader was, to the line.
function goBack() {
  if (!followed) return;
  const { source, top } = followed;
  source.focus({ preventScroll: true });
  const away = () => source.getBoundingClientRect().top - top;
  const distance = away();
  // What comes to life on the way may have moved the line meanwhile.
  addEventListener("scrollend", () => {
    if (followed?.source === source && document.activeElement === source) scrollBy({ top: away(), behavior: "instant" });
  }, { once: true });
  // Not by the distance: on the way elsewhere, that would be counted from there.
  scrollTo({ top: scrollY + distance, behavior: glide(distance) });
}

// Nothing stands out for a phrase any more.
function finish() {
  if (!followed) return;
  const { source, figure } = followed;
  followed = null;
  source.removeAttribute("aria-current");
  const stage = stages.get(figure);
  if (!stage) return;
  const { bar } = stage;
  if (bar.contains(document.activeElement)) figure.querySelector(".lab-panel[tabindex]")?.focus({ preventScroll: true });
  bar.hidden = true;
  stage.ask("phrase", null);
}

function stageOf(lab) {
  if (!stages.has(lab.figure)) stages.set(lab.figure, new Stage(lab));
  return stages.get(lab.figure);
}

// The last figure before an element that has a color, or else the next one.
function figureWith(role, element) {
  const having = figures().filter(figure => figure.querySelector(`.lab-legend .role-${role}`));
  return having.filter(figure => isBefore(figure, element)).pop() ?? having[0];
}

function isOnScreen(figure) {
  const { top, bottom } = figure.querySelector(".lab-panels").getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}

// The words and symbols of a color in the section of an element.
function symbolsOf(role, element) {
  const heads = Array.from(document.querySelectorAll(".text > h2"));
  const headOf = other => heads.filter(head => isBefore(head, other)).length;
  const section = headOf(element);
  const symbols = Array.from(document.querySelectorAll(SYMBOL));
  return symbols.filter(other => !other.closest(".lab") && roleOf(other) === role && headOf(other) === section);
}

// What a symbol or an entry of a legend stands for, and where it lights up.
function subject(element) {
  const entry = element.closest(".lab-legend > li");
  if (entry) {
    const figure = entry.closest("figure.lab");
    const role = roleOf(entry.querySelector("[class*='role-']"));
    const label = entry.textContent;
    const look = { ...byRole(role), picks: mark => mark.role === role && mark.label === label };
    return { element: entry, stage: stages.get(figure), key: label, look, symbols: symbolsOf(role, entry) };
  }
  const symbol = element.closest(`${SYMBOL}, .role-handle`);
  if (!symbol || symbol.closest(".lab")) return null;
  const role = symbol.dataset.role ?? roleOf(symbol);
  const figure = figureWith(role, symbol);
  const stage = figure && isOnScreen(figure) ? stages.get(figure) : null;
  return { element: symbol, stage, key: role, look: byRole(role), symbols: symbolsOf(role, symbol) };
}

// What is pointed at, or pressed, lights up instead of what was before.
function light(reason, next) {
  const before = reason === "pressed" ? pressed : pointed;
  if (before?.element === next?.element) return;
  if (reason === "pressed") pressed = next;
  else pointed = next;
  if (before?.stage && before.stage !== next?.stage) before.stage.ask(reason, null);
  next?.stage?.ask(reason, next.look);
  if (before && !next?.stage) before.stage?.ask(reason, null);
  const lit = new Set([...(pressed?.symbols ?? []), ...(pointed?.symbols ?? [])]);
  for (const symbol of document.querySelectorAll(".lit")) if (!lit.has(symbol)) symbol.classList.remove("lit");
  for (const symbol of lit) symbol.classList.add("lit");
  for (const button of document.querySelectorAll(".legend-entry")) {
    button.setAttribute("aria-pressed", String(pressed?.element === button.parentElement));
  }
}

// What the pointer is over, or else what has the focus: a page that scrolls moves under a pointer at rest.
let waiting;
function pointAt(element) {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const focused = document.activeElement?.closest(".role-handle, .legend-entry:focus-visible");
    light("pointed", subject(element) ?? (focused && subject(focused)));
  }, PAUSE);
}

// A key reaches the colors of displayed formulas through one button a color and formula, which lies over its first
// symbol: what stands within a formula cannot be told to a screen reader as a button. Words of the running text have
// no stop of their own; the formulas and the legends have the same colors.
function addHandles() {
  for (const equation of document.querySelectorAll(".text .equation")) {
    const { roles, reveal } = words[codeOf(equation)];
    const seen = new Map();
    for (const symbol of equation.querySelectorAll("[class*='role-']")) {
      const role = roleOf(symbol);
      if (role && !seen.has(role) && figureWith(role, symbol)) seen.set(role, symbol);
    }
    for (const [role, symbol] of seen) {
      const handle = make("button", {
        type: "button", class: "role-handle", "data-role": role, "aria-label": reveal(roles[role]),
      });
      equation.append(handle);
      const lay = () => {
        const [outer, inner] = [equation, symbol].map(element => element.getBoundingClientRect());
        handle.style.left = `${inner.left - outer.left + equation.scrollLeft}px`;
        handle.style.top = `${inner.top - outer.top + equation.scrollTop}px`;
        handle.style.width = `${inner.width}px`;
        handle.style.height = `${inner.height}px`;
      };
      // Fonts and widths may have changed since the last time, and may change while it is there.
      handle.addEventListener("focus", lay);
      const again = () => document.activeElement === handle && lay();
      document.fonts.addEventListener("loadingdone", () => requestAnimationFrame(again));
      new ResizeObserver(again).observe(equation);
    }
  }
}

function click(event) {
  const { target } = event;
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.defaultPrevented) return;
  const phrase = target.closest("a.phrase");
  if (phrase) {
    const figure = document.getElementById(phrase.hash.slice(1));
    if (!figure?.matches("figure.lab")) return;
    event.preventDefault();
    const { set } = phrase.dataset;
    follow(phrase, figure, lookOf(phrase), set && Object.fromEntries(new URLSearchParams(set)));
    return;
  }
  if (followed?.figure.contains(target) && !target.closest(".shown")) finish();
  const found = target.closest("a, .shown") ? null : subject(target);
  if (found && !found.element.matches("li") && target.closest(".equation")) {
    const handle = target.closest(".equation").querySelector(`.role-handle[data-role="${found.key}"]`);
    if (handle) follow(handle, figureWith(found.key, handle), found.look);
    return;
  }
  light("pressed", pressed && found?.element === pressed.element ? null : found);
}

function key(event) {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  // The reader who is at the way back takes it.
  if (followed && stages.get(followed.figure)?.built?.contains(document.activeElement)) goBack();
  finish();
  light("pressed", null);
  light("pointed", null);
}

export function start() {
  document.addEventListener("click", click);
  document.addEventListener("keydown", key);
  document.addEventListener("pointerover", event => {
    if (event.pointerType !== "touch") pointAt(event.target);
  });
  document.addEventListener("focusin", ({ target }) => {
    const stage = stages.get(target.closest("figure.lab"));
    if (stage) stage.focused = target.matches(".legend-entry") ? target.textContent : null;
    if (target.matches(".role-handle, .legend-entry:focus-visible")) light("pointed", subject(target));
  });
  document.addEventListener("focusout", ({ target }) => {
    if (target.matches(".role-handle, .legend-entry")) light("pointed", null);
  });
  addHandles();
  for (const figure of figures()) live(figure).then(stageOf);
}
