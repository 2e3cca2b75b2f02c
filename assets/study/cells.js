// A heat map's cells, one by one: the value of the cell under the pointer or the keys, and what is behind it. A finished
// cell opens the lab that it is a summary of, with the cell's own parameters.
import { live, shape } from "./plot.js";
import { follow } from "./phrases.js";

const words = {
  en: {
    is: (label, value) => `${label}: ${value}`, and: "; ",
    pending: "not computed yet", none: "no value",
    keys: "Arrow keys move from cell to cell; Home and End go to the ends of a row, Page Up and Page Down to those of a column.",
    keysOpen: "Enter opens the cell in the lab that it stands for.",
    open: "Open", click: "Click to open this run", enter: "Enter opens this run", back: "Back to the map",
  },
  zh: {
    is: (label, value) => `${label}：${value}`, and: "；",
    pending: "尚未算出", none: "没有数值",
    keys: "方向键逐格移动，Home 与 End 跳到一行的两端，Page Up 与 Page Down 跳到一列的两端。",
    keysOpen: "按 Enter 在相应的实验里打开这一格。",
    open: "打开", click: "点击打开这次运行", enter: "按 Enter 打开这次运行", back: "回到相图",
  },
};

// Few digits, without zeros that say nothing.
export const written = (value, digits) => String(Number(value.toPrecision(digits))).replace("-", "−");

// The borders of cells with these centers, in pixels and inside `ends`, as the picture has them: halfway between
// neighbors, and as far beyond the outermost.
function borders(centers, pixel, ends) {
  const at = Array.from(centers, pixel);
  const last = at.length - 1;
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const border = index => {
    if (index > 0 && index <= last) return (at[index - 1] + at[index]) / 2;
    if (last < 1) return ends[index ? 1 : 0];
    return index ? at[last] + (at[last] - at[last - 1]) / 2 : at[0] - (at[1] - at[0]) / 2;
  };
  return Array.from({ length: at.length + 1 }, (_, index) => Math.min(high, Math.max(low, border(index))));
}

// The grid of a panel's heat map, in pixels of its plot.
export class Grid {
  constructor(panel, map) {
    this.panel = panel;
    this.map = map;
    const { left, right, top, bottom } = panel.plot;
    this.across = borders(map.x, panel.px, [left, right]);
    this.down = borders(map.y, panel.py, [bottom, top]);
    this.columns = map.x.length;
    this.rows = map.y.length;
  }

  // The index of the cell at a place, or of the nearest one; nothing beyond the map, if `isStrict`.
  at(x, y, isStrict = true) {
    const between = (borders, place) => {
      const found = borders.findIndex((border, index) => index && (border - place) * (borders[index - 1] - place) <= 0);
      if (found > 0) return found - 1;
      if (isStrict) return -1;
      return Math.abs(place - borders[0]) < Math.abs(place - borders.at(-1)) ? 0 : borders.length - 2;
    };
    const [column, row] = [between(this.across, x), between(this.down, y)];
    return column < 0 || row < 0 ? -1 : row * this.columns + column;
  }

  row(cell) {
    return Math.floor(cell / this.columns);
  }

  column(cell) {
    return cell % this.columns;
  }

  box(cell) {
    const [row, column] = [this.row(cell), this.column(cell)];
    const order = (a, b) => [Math.min(a, b), Math.abs(a - b)];
    const [x, width] = order(this.across[column], this.across[column + 1]);
    const [y, height] = order(this.down[row], this.down[row + 1]);
    return { x, y, width, height };
  }

  // Where a key leads from a cell.
  step(cell, key) {
    const isUpward = this.down[0] > this.down.at(-1);
    const [row, column] = [this.row(cell), this.column(cell)];
    const up = isUpward ? 1 : -1;
    const [top, bottom] = isUpward ? [this.rows - 1, 0] : [0, this.rows - 1];
    const inside = (at, count) => Math.min(count - 1, Math.max(0, at));
    const to = {
      ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1], ArrowUp: [row + up, column], ArrowDown: [row - up, column],
      Home: [row, 0], End: [row, this.columns - 1], PageUp: [top, column], PageDown: [bottom, column],
    }[key];
    return to && inside(to[0], this.rows) * this.columns + inside(to[1], this.columns);
  }

  // The cell that keys begin at: first of the highest row.
  get first() {
    return this.down[0] > this.down.at(-1) ? (this.rows - 1) * this.columns : 0;
  }
}

// A panel's heat map, if it has one.
export const mapOf = panel => (panel.kind === "chart" && panel.plot ? panel.marks.find(({ kind }) => kind === "heat_map") : undefined);

export function make(name, kind, text = "") {
  const made = document.createElement(name);
  made.className = kind;
  made.textContent = text;
  return made;
}

class Cells {
  constructor(lab) {
    this.lab = lab;
    this.say = words[lab.code];
    this.container = lab.figure.querySelector(".lab-panels");
    // What is read: the panel's index, the cell, and by what: "mouse", "touch" or "keys".
    this.read = null;
    this.grids = new Map();
    this.isBuilt = false;
    lab.onpaint(() => this.paint());
    lab.onstate(() => this.show());
    this.paint();
  }

  // A lab without a heat map costs nothing.
  build() {
    this.isBuilt = true;
    const { container, lab, say } = this;
    this.tip = make("div", "lab-tip cells-tip");
    this.tip.hidden = true;
    this.text = make("div", "cells-text");
    this.text.setAttribute("aria-hidden", "true");
    this.button = make("button", "", say.open);
    this.button.type = "button";
    this.tip.append(this.text, this.button);
    this.voice = make("div", "visually-hidden");
    this.voice.setAttribute("aria-live", "polite");
    this.help = make("div", "", say.keys);
    this.help.id = `${lab.figure.id}-cells`;
    this.help.hidden = true;
    container.append(this.tip, this.voice, this.help);
    const on = (event, act, capture = true) => container.addEventListener(event, act, capture);
    // Before the panel itself, which reads curves at the same keys and places.
    on("pointermove", event => this.point(event));
    on("pointerdown", event => (this.pointer = event.pointerType));
    on("pointerleave", ({ target, pointerType }) => {
      if (pointerType !== "touch" && target.matches?.("[data-cells]") && this.read?.by === "mouse") this.look(null);
    });
    on("keydown", event => this.key(event));
    on("click", event => this.click(event), false);
    on("focusout", ({ relatedTarget }) => {
      if (this.read?.by === "keys" && !this.tip.contains(relatedTarget)) this.look(null);
    }, false);
    this.button.addEventListener("click", () => this.open());
    // A guess is being marked on this map now.
    lab.figure.addEventListener("predict", () => this.look(null));
    document.addEventListener("pointerdown", ({ target }) => {
      if (this.read?.by === "touch" && !container.contains(target)) this.look(null);
    });
  }

  paint() {
    const { lab } = this;
    this.grids.clear();
    let opens = false;
    for (const [index, panel] of lab.panels().entries()) {
      const map = mapOf(panel);
      panel.element.toggleAttribute("data-cells", Boolean(map));
      if (map) {
        if (!this.isBuilt) this.build();
        this.grids.set(index, new Grid(panel, map));
        panel.element.setAttribute("aria-describedby", this.help.id);
        // A plane has no curves that keys read, but cells.
        panel.element.tabIndex = 0;
        opens ||= Boolean(map.opens);
      } else if (this.isBuilt && panel.element.getAttribute("aria-describedby") === this.help.id) {
        panel.element.removeAttribute("aria-describedby");
      }
    }
    if (!this.isBuilt) return;
    this.container.toggleAttribute("data-mapped", this.grids.size > 0);
    this.help.textContent = opens ? `${this.say.keys} ${this.say.keysOpen}` : this.say.keys;
    this.show();
  }

  // The map that an event is on, with the cell there.
  target({ target, clientX, clientY }) {
    const element = target.closest?.("[data-cells]");
    for (const [index, grid] of this.grids) {
      if (grid.panel.element !== element) continue;
      const { left, top } = element.getBoundingClientRect();
      return { index, grid, cell: grid.at(clientX - left, clientY - top) };
    }
    return null;
  }

  point(event) {
    const found = this.target(event);
    // A probe is moved by the panel.
    if (!found || found.grid.panel.marks.some(({ kind }) => kind === "probe")) return;
    event.stopPropagation();
    if (event.pointerType === "touch") return;
    this.look(found.cell < 0 ? null : { index: found.index, cell: found.cell, by: "mouse" });
  }

  // A finger reads first, and opens the cell that it has read.
  click(event) {
    const found = this.target(event);
    if (!found) return;
    const { index, cell } = found;
    const isTouch = (event.pointerType || this.pointer) === "touch";
    const wasRead = this.read?.index === index && this.read.cell === cell;
    this.look(cell < 0 ? null : { index, cell, by: isTouch ? "touch" : "mouse" });
    if (!isTouch || wasRead) this.open();
  }

  key(event) {
    const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
    if (ctrlKey || metaKey || altKey || shiftKey || !event.target.matches("[data-cells]")) return;
    const found = this.target(event);
    if (!found) return;
    const { index, grid } = found;
    const now = this.read?.index === index ? this.read.cell : null;
    if (key === "Escape") return this.look(null);
    const next = now === null && grid.step(0, key) !== undefined ? grid.first : grid.step(now ?? 0, key);
    const isOpening = (key === "Enter" || key === " ") && now !== null;
    if (next === undefined && !isOpening) return;
    event.preventDefault();
    event.stopPropagation();
    if (isOpening) return this.open();
    this.look({ index, cell: next, by: "keys" });
    this.voice.textContent = this.lines().join(this.say.and);
  }

  look(read) {
    this.read = read;
    this.show();
  }

  // The cell that is read, as it is now.
  seen() {
    const grid = this.read && this.grids.get(this.read.index);
    if (!grid || this.read.cell >= grid.map.values.length) return null;
    const { map } = grid;
    const { cell } = this.read;
    return { grid, cell, x: map.x[grid.column(cell)], y: map.y[grid.row(cell)], value: map.values[cell] };
  }

  // What the cell is, and its value.
  lines() {
    const { grid: { panel, map }, x, y, value } = this.seen();
    const { say } = this;
    const none = this.lab.state === "done" || this.lab.state === "idle" ? say.none : say.pending;
    return [
      say.is(panel.x.label, written(x, 4)), say.is(panel.y.label, written(y, 4)),
      say.is(map.label, Number.isFinite(value) ? written(value, 3) : none),
    ];
  }

  show() {
    if (!this.isBuilt) return;
    const { tip, lab, say } = this;
    for (const index of this.grids.keys()) lab.layer(index, "cell").replaceChildren();
    const seen = this.seen();
    tip.hidden = !seen;
    if (!seen) return;
    const { grid, cell, value } = seen;
    const { by } = this.read;
    const { x, y, width, height } = grid.box(cell);
    const outline = kind => shape("rect", { class: kind, x, y, width, height });
    lab.layer(this.read.index, "cell").append(outline("cells-halo"), outline("cells-outline"));
    const [across, down, own] = this.lines();
    const lines = [make("span", "lab-tip-x", across), make("span", "lab-tip-x", down), make("strong", "", own)];
    const opens = Boolean(grid.map.opens) && Number.isFinite(value);
    if (opens && by !== "touch") lines.push(make("span", "cells-hint", by === "keys" ? say.enter : say.click));
    this.text.replaceChildren(...lines);
    this.button.hidden = !opens || by !== "touch";
    grid.panel.element.toggleAttribute("data-opens", opens);
    this.place(grid.panel, { x, y, width, height });
  }

  // Beside the cell, or below it where there is no room at its sides. Fingers need the map, so that the button is below.
  place({ element: { offsetLeft, offsetTop }, plot }, { x, y, width, height }) {
    const { tip, container } = this;
    tip.style.left = tip.style.top = "0";
    const gap = 10;
    const [room, own] = [container.clientWidth, tip.offsetWidth];
    const [start, end] = [offsetLeft + x - gap - own, offsetLeft + x + width + gap];
    const isBeside = this.read.by !== "touch" && (end + own <= room || start >= 0);
    const middle = Math.max(0, Math.min(room - own, offsetLeft + x + width / 2 - own / 2));
    const below = this.read.by === "touch" ? plot.bottom : y + height;
    tip.style.left = `${!isBeside ? middle : end + own <= room ? end : start}px`;
    tip.style.top = `${offsetTop + (isBeside ? y : below + gap)}px`;
  }

  // Goes to the lab that the cell stands for: on this page, with a way back, or on a page of its own.
  open() {
    const seen = this.seen();
    if (!seen || !Number.isFinite(seen.value) || !seen.grid.map.opens) return;
    const { grid: { panel, map: { opens } }, x, y } = seen;
    const values = { ...opens.settings, [opens.x]: String(x), [opens.y]: String(y) };
    const [across, down] = this.lines();
    const figure = document.querySelector(`figure.lab[data-lab="${CSS.escape(opens.lab)}"]`);
    if (figure) {
      this.look(null);
      const said = { text: `${across}${this.say.and}${down}`, back: this.say.back };
      // Whatever else the reader has changed there is no part of the cell.
      return follow(panel.element, figure, null, other => ({ ...other.printed(), ...values }), said);
    }
    const { root } = document.documentElement.dataset;
    const query = new URLSearchParams({ ...values, run: "1" });
    const { href } = new URL(`${root}${this.lab.code}/lab/${opens.lab}/?${query}`, document.baseURI);
    // A frame stays with the lab that it was made for.
    if (parent !== self) Object.assign(document.createElement("a"), { href, target: "_blank", rel: "noopener" }).click();
    else location.assign(href);
  }
}

// Reads the cells of every heat map.
export function start() {
  for (const figure of document.querySelectorAll("figure.lab[data-lab]")) live(figure).then(lab => new Cells(lab));
}
