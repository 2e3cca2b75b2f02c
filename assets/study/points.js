// The points of a lab in the plane, in the reader's hand: drag them by pointer, finger or keys, add some, take some away,
// turn their class. A small program solves for the exact max-margin directions while a point moves, so that they follow
// it within the frame; the lab runs behind.
import { live, shape } from "./plot.js";

// As many, as far out and as fine as the lab takes them.
const MOST = 40;
const REACH = 5;
const GRID = 100;
// What a pointer rounds to, what a key moves by, and what it moves by with Shift.
const SNAP = 0.05;
const STEP = 0.1;
const FINE = 0.01;
// Least time between two runs of the lab while a point moves, in milliseconds.
const PACE = 150;

const norms = [
  { series: "l2_direction", name: "ℓ2", kind: "l2" },
  { series: "l1_direction", name: "ℓ1", kind: "l1" },
  { series: "linf_direction", name: "ℓ∞", kind: "linf" },
];

const words = {
  en: {
    group: "Points of the plane",
    keys: "Arrow keys move the point, with Shift in small steps; Page Up and Page Down go to other points; Space turns the class; Delete takes the point away.",
    point: (index, sign, x, y) => `Point ${index}, class ${sign}, at ${x}, ${y}`,
    help: "Drag a point, or double-click the plane to add one.",
    add: sign => `Add a point ${sign}`, turn: "Turn its class", remove: "Delete the point",
    exact: angles => `Exact directions: ${angles}.`, list: ", ",
    none: "No line through the origin separates these points: there is no max-margin direction.",
    added: "Point added.", removed: "Point deleted.", full: `${MOST} points are the most.`, last: "The last point stays.",
  },
  zh: {
    group: "平面上的点",
    keys: "方向键移动点，按住 Shift 步子更小；Page Up 与 Page Down 换到别的点；空格键换类别；Delete 键删除。",
    point: (index, sign, x, y) => `第 ${index} 点，${sign} 类，位于 ${x}，${y}`,
    help: "拖动任意一点；双击平面可添加一点。",
    add: sign => `添加 ${sign} 类点`, turn: "换类别", remove: "删除此点",
    exact: angles => `精确方向：${angles}。`, list: "，",
    none: "没有过原点的直线能分开这些点：不存在最大间隔方向。",
    added: "已添加一点。", removed: "已删除此点。", full: `最多 ${MOST} 个点。`, last: "最后一点不能删除。",
  },
};

const round = (value, grain) => Math.min(REACH, Math.max(-REACH, Math.round(Math.round(value / grain) * grain * GRID) / GRID));
const signOf = point => (point.plus ? "+" : "−");
const number = value => String(value).replace("-", "−");

const read = text => text.split(";").map(piece => {
  const [x, y, sign = ""] = piece.split(",");
  return { x: Number(x), y: Number(y), plus: sign !== "-" };
});
const write = points => points.map(({ x, y, plus }) => `${x},${y}${plus ? "" : ",-"}`).join(";");

function make(name, kind, text = "") {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  made.textContent = text;
  return made;
}

// The exact directions of points, once their program is there.
let solve = null;
async function load() {
  const { default: init, directions } = await import("../__DIRECTIONS_JS__");
  await init({ module_or_path: new URL("../__DIRECTIONS_WASM__", import.meta.url) });
  solve = directions;
}

class Points {
  constructor(lab) {
    this.lab = lab;
    this.say = words[lab.code];
    this.points = [];
    this.handles = [];
    // The point that the buttons are about, and the one that is held.
    this.chosen = 0;
    this.held = null;
    // What runs the lab while a point moves.
    this.timer = null;
    // Whether the points are ahead of what the lab shows.
    this.ahead = false;
    this.build();
    lab.onpaint(() => this.paint());
    lab.onstate(() => this.paint());
    this.paint();
  }

  build() {
    const { lab, say } = this;
    this.container = lab.figure.querySelector(".lab-panels");
    this.surface = make("div", "points-surface");
    this.surface.setAttribute("role", "group");
    this.surface.setAttribute("aria-label", say.group);
    this.keys = make("p", "visually-hidden", say.keys);
    this.keys.id = `${lab.figure.id}-points-keys`;
    this.voice = make("div", "visually-hidden");
    this.voice.setAttribute("aria-live", "polite");
    this.tools = make("div", "points-tools");
    const button = (text, act) => {
      const made = make("button", "lab-button", text);
      made.type = "button";
      made.addEventListener("click", act);
      this.tools.append(made);
      return made;
    };
    button(say.add("+"), () => this.add(true));
    button(say.add("−"), () => this.add(false));
    this.turner = button(say.turn, () => this.turn(this.chosen));
    this.remover = button(say.remove, () => this.remove(this.chosen));
    this.words = make("p", "points-words");
    this.tools.append(this.words, make("p", "points-help", say.help));
    this.container.append(this.surface, this.keys, this.voice);
    // Right below the plane: on a phone, the other panels fill a screen.
    this.lab.elements()[0].after(this.tools);
    this.surface.addEventListener("pointerdown", event => this.grip(event));
    this.surface.addEventListener("pointermove", event => this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) this.surface.addEventListener(end, event => this.drop(event));
    this.surface.addEventListener("keydown", event => this.key(event));
    this.surface.addEventListener("focusin", ({ target }) => this.choose(this.handles.indexOf(target)));
    this.container.addEventListener("dblclick", event => this.place(event));
  }

  // The plane, if the figure shows one.
  plane() {
    const panels = this.lab.panels();
    const index = panels.findIndex(panel => panel.plot && panel.marks.some(({ name }) => name === "positive_points"));
    return index < 0 ? null : { index, panel: panels[index] };
  }

  // The points that the lab runs with: its own set's are those that are drawn.
  known(panel) {
    const settings = this.lab.settings();
    if (settings.dataset === "points") return read(settings.points);
    const of = (series, plus) => {
      const mark = panel.marks.find(({ name }) => name === series);
      return mark ? Array.from(mark.x, (x, at) => ({ x, y: mark.y[at], plus })) : [];
    };
    return [...of("positive_points", true), ...of("negative_points", false)];
  }

  // After a frame of the lab: its points, unless the reader holds one.
  paint() {
    const found = this.plane();
    this.surface.hidden = this.tools.hidden = !found;
    this.container.toggleAttribute("data-points", Boolean(found));
    this.found = found;
    if (!found) return;
    if (!this.ahead) this.points = this.known(found.panel);
    this.lay();
  }

  // Puts the handles over the points and draws what belongs to them.
  lay() {
    const { panel } = this.found;
    const { left, top, right, bottom } = panel.plot;
    const { offsetLeft, offsetTop } = panel.element;
    Object.assign(this.surface.style, {
      left: `${offsetLeft + left}px`, top: `${offsetTop + top}px`, width: `${right - left}px`, height: `${bottom - top}px`,
    });
    while (this.handles.length > this.points.length) this.handles.pop().remove();
    while (this.handles.length < this.points.length) {
      const handle = make("button", "points-handle");
      handle.type = "button";
      handle.setAttribute("aria-describedby", this.keys.id);
      this.handles.push(handle);
      this.surface.append(handle);
    }
    this.chosen = Math.max(0, Math.min(this.chosen, this.points.length - 1));
    this.points.forEach((point, index) => {
      const handle = this.handles[index];
      handle.style.transform = `translate(${panel.px(point.x) - left}px, ${panel.py(point.y) - top}px)`;
      const label = this.say.point(index + 1, signOf(point), number(point.x), number(point.y));
      if (handle.ariaLabel !== label) handle.ariaLabel = label;
      handle.toggleAttribute("data-chosen", index === this.chosen);
      // One stop for the tabulator, however many points there are.
      handle.tabIndex = index === this.chosen ? 0 : -1;
    });
    this.remover.setAttribute("aria-disabled", this.points.length < 2);
    this.draw();
  }

  // The three directions of the points as they are now, in the order of `norms`; nothing if there are none.
  exact() {
    if (!solve) return null;
    const signed = this.points.flatMap(({ x, y, plus }) => (plus ? [x, y] : [-x, -y]));
    const found = solve(new Float64Array(signed));
    return found.length ? norms.map((_, at) => [found[2 * at], found[2 * at + 1]]) : [];
  }

  draw() {
    const { lab, found: { index, panel } } = this;
    const exact = this.exact();
    const layer = lab.layer(index, "points");
    const parts = [];
    // The canvas lags behind the hand by a run: its marks are hidden and drawn anew.
    panel.element.toggleAttribute("data-ahead", this.ahead);
    if (this.ahead) {
      const mark = panel.marks.find(({ name }) => name === "direction");
      // Weights at zero have no direction.
      if (mark) parts.push(ray(panel, [mark.x[1], mark.y[1]], "points-now"), boundary(panel, [mark.x[1], mark.y[1]]));
      for (const [at, direction] of (exact ?? []).entries()) parts.push(ray(panel, direction, `points-${norms[at].kind}`));
      for (const { x, y, plus } of this.points) parts.push(glyph(panel.px(x), panel.py(y), plus));
    }
    for (const { name, x, y, kinds } of labels(panel, exact ?? [])) {
      const text = shape("text", { class: `points-name points-${kinds[0]}`, x, y });
      text.textContent = name;
      parts.push(text);
    }
    layer.replaceChildren(...parts);
    if (exact) this.words.textContent = this.sentence(exact);
    this.words.toggleAttribute("data-none", exact?.length === 0);
    // What tests and style sheets see of it.
    this.surface.dataset.exact = exact ? exact.map(([x, y]) => ((Math.atan2(y, x) * 180) / Math.PI).toFixed(6)).join(" ") : "unknown";
  }

  sentence(exact) {
    if (!exact.length) return this.say.none;
    const angles = exact.map(([x, y], at) => `${norms[at].name} ${number(degrees(x, y))}°`);
    return this.say.exact(angles.join(this.say.list));
  }

  // Runs the lab with the points as they are: at once when a change is over, now and then while it goes on. Then it
  // waits for its turn, so that the frame is the moving point's.
  send(isOver) {
    this.ahead = true;
    if (!isOver) {
      this.timer ??= setTimeout(() => this.hand(), PACE);
      return;
    }
    this.hand();
    this.settle();
  }

  hand() {
    clearTimeout(this.timer);
    this.timer = null;
    const refused = this.lab.set({ dataset: "points", points: write(this.points) });
    if (refused.length) this.words.textContent = refused.join(" ");
  }

  // Once the lab shows what the hand has made, the canvas has the word again.
  async settle() {
    this.round = (this.round ?? 0) + 1;
    const { round } = this;
    // The run begins with the next frame.
    await new Promise(next => requestAnimationFrame(() => requestAnimationFrame(next)));
    await this.lab.settled();
    if (round !== this.round || this.held !== null) return;
    this.ahead = false;
    this.paint();
  }

  tell(text) {
    const exact = this.exact();
    this.voice.textContent = [text, exact ? this.sentence(exact) : ""].join(" ").trim();
  }

  choose(index) {
    if (index < 0) return;
    this.chosen = index;
    this.lay();
  }

  // The point under an event, in the plane.
  spot({ clientX, clientY }) {
    const { panel } = this.found;
    const box = panel.element.getBoundingClientRect();
    return [panel.vx(clientX - box.left), panel.vy(clientY - box.top)];
  }

  grip(event) {
    if (event.button !== 0 || !event.isPrimary || !event.target.closest(".points-handle")) return;
    // Handles overlap: the nearest point is meant.
    const { panel } = this.found;
    const box = panel.element.getBoundingClientRect();
    const far = ({ x, y }) => Math.hypot(panel.px(x) - (event.clientX - box.left), panel.py(y) - (event.clientY - box.top));
    const nearest = this.points.reduce((best, point, index) => (far(point) < far(this.points[best]) ? index : best), 0);
    event.preventDefault();
    this.surface.setPointerCapture(event.pointerId);
    const [x, y] = this.spot(event);
    this.held = { index: nearest, shift: [this.points[nearest].x - x, this.points[nearest].y - y], before: this.points };
    this.handles[nearest].focus({ preventScroll: true });
    this.choose(nearest);
  }

  drag(event) {
    if (!this.held) return;
    const { index, shift } = this.held;
    const [x, y] = this.spot(event);
    this.move(index, round(x + shift[0], SNAP), round(y + shift[1], SNAP), false);
  }

  drop(event) {
    if (!this.held) return;
    const { before } = this.held;
    const isMoved = before !== this.points;
    this.held = null;
    if (event.type === "pointercancel" && isMoved) this.points = before;
    if (!isMoved) return;
    this.lay();
    this.send(true);
    this.tell("");
  }

  move(index, x, y, isOver) {
    const point = this.points[index];
    if (point.x === x && point.y === y) return;
    this.points = this.points.with(index, { ...point, x, y });
    this.ahead = true;
    this.lay();
    this.send(isOver);
  }

  key(event) {
    const index = this.handles.indexOf(event.target);
    if (index < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const grain = event.shiftKey ? FINE : STEP;
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    const turn = { PageUp: -1, PageDown: 1 }[event.key];
    if (way) {
      const { x, y } = this.points[index];
      this.move(index, round(x + way[0] * grain, FINE), round(y + way[1] * grain, FINE), false);
      clearTimeout(this.calm);
      this.calm = setTimeout(() => {
        this.send(true);
        this.tell(this.handles[index]?.ariaLabel ?? "");
      }, 300);
    } else if (turn) this.handles.at((index + turn) % this.handles.length).focus({ preventScroll: true });
    else if (event.key === " " || event.key === "Enter") this.turn(index);
    else if (event.key === "Delete" || event.key === "Backspace") this.remove(index);
    else return;
    event.preventDefault();
  }

  turn(index) {
    const point = this.points[index];
    this.points = this.points.with(index, { ...point, plus: !point.plus });
    this.change();
    this.tell(this.handles[index].ariaLabel);
  }

  remove(index) {
    if (this.points.length < 2) return this.tell(this.say.last);
    const hadFocus = this.handles.includes(document.activeElement);
    this.points = this.points.toSpliced(index, 1);
    this.chosen = Math.min(index, this.points.length - 1);
    this.change();
    if (hadFocus) this.handles[this.chosen].focus();
    this.tell(this.say.removed);
  }

  // A new point, in the middle of its class's side or the free place next to it.
  add(plus, at = null) {
    if (this.points.length >= MOST) return this.tell(this.say.full);
    const [direction] = this.exact() ?? [];
    const [x, y] = direction ?? [Math.SQRT1_2, Math.SQRT1_2];
    const side = plus ? 1 : -1;
    const places = Array.from({ length: 60 }, (_, step) => {
      const turn = step % 2 ? -Math.ceil(step / 2) : step / 2;
      return [side * (2.5 * x - 0.35 * turn * y), side * (2.5 * y + 0.35 * turn * x)];
    });
    const isFree = ([px, py]) => Math.max(Math.abs(px), Math.abs(py)) < REACH - 0.3
      && this.points.every(point => Math.hypot(point.x - px, point.y - py) > 0.5);
    const [px, py] = at ?? places.find(isFree) ?? places[0];
    this.points = [...this.points, { x: round(px, SNAP), y: round(py, SNAP), plus }];
    this.chosen = this.points.length - 1;
    this.change();
    this.handles[this.chosen].focus({ preventScroll: true });
    this.tell(this.say.added);
  }

  // A double click on the plane adds a point of the class chosen last.
  place(event) {
    const { found } = this;
    if (!found || event.target.closest(".points-handle") || event.target.closest(".lab-panel") !== found.panel.element) return;
    const [x, y] = this.spot(event);
    if (Math.max(Math.abs(x), Math.abs(y)) > REACH) return;
    this.add(this.points[this.chosen]?.plus ?? true, [x, y]);
  }

  change() {
    this.ahead = true;
    this.lay();
    this.send(true);
  }
}

const degrees = (x, y) => Math.round((Math.atan2(y, x) * 1800) / Math.PI) / 10;

// A direction from the origin, as long as the lab draws it.
function ray(panel, [x, y], kind) {
  const length = 4.6 / Math.hypot(x, y);
  return shape("path", { class: `points-ray ${kind}`, d: `M${panel.px(0)} ${panel.py(0)}L${panel.px(length * x)} ${panel.py(length * y)}` });
}

// The line of the points that a direction cannot tell apart.
function boundary(panel, [x, y]) {
  const length = REACH / Math.max(Math.abs(x), Math.abs(y));
  const [across, up] = [-length * y, length * x];
  return shape("path", { class: "points-boundary", d: `M${panel.px(across)} ${panel.py(up)}L${panel.px(-across)} ${panel.py(-up)}` });
}

function glyph(x, y, plus) {
  const arms = plus ? `M${x - 5} ${y}h10M${x} ${y - 5}v10` : `M${x - 5} ${y}h10`;
  const group = shape("g", { class: plus ? "points-plus" : "points-minus" });
  group.append(shape("circle", { cx: x, cy: y, r: 3 }), shape("path", { d: arms }));
  return group;
}

// The norms' names at the ends of their directions; those that coincide share one.
function labels(panel, exact) {
  const found = [];
  for (const [at, [x, y]] of exact.entries()) {
    const angle = Math.atan2(y, x);
    const same = found.find(other => Math.abs(Math.atan2(Math.sin(other.angle - angle), Math.cos(other.angle - angle))) < 0.05);
    if (same) {
      same.name += `, ${norms[at].name}`;
      same.kinds.push(norms[at].kind);
    } else {
      const place = { x: panel.px(4.85 * Math.cos(angle)), y: panel.py(4.85 * Math.sin(angle)) };
      found.push({ angle, name: norms[at].name, kinds: [norms[at].kind], ...place });
    }
  }
  return found;
}

// Makes the points of every lab that takes some movable.
export function start() {
  const figures = Array.from(document.querySelectorAll("figure.lab:has([data-control=points])"));
  const all = figures.map(figure => live(figure).then(lab => new Points(lab)));
  // Without it points still move; the lab's own run then shows the directions.
  load().then(async () => {
    for (const points of await Promise.all(all)) points.paint();
  }, console.error);
}
