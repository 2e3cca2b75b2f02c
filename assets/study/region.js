// Predict, then run, on a heat map: the reader marks the cells in which high values are expected. The run is then drawn
// within the outline of what was marked, and words say where the guess was too bold or too timid.
import { shape } from "./plot.js";
import { Prediction, attend, digits, naming } from "./predict.js";
import { Grid, mapOf } from "./cells.js";

// As many rows of wrong cells are told one by one.
const ROWS = 5;

const words = {
  en: {
    draw: "Mark your guess", resume: "Go on with your guess", run: "Run and compare",
    help: "Drag across the map to mark cells, or to clear them.",
    above: (label, middle) => `Mark the cells in which you expect more than ${middle}: ${label}. Drag across the map; drag from a marked cell to clear.`,
    keys: "Keys: arrows move from cell to cell, Space marks, Shift with an arrow marks on the way, Enter runs, Esc cancels.",
    surface: label => `Your guess: ${label}`,
    cell: (across, down) => `${across}, ${down}`, printed: value => `; printed run: ${value}`,
    empty: "Mark at least one cell first, or press Cancel and skip.",
    left: "You changed the lab, so marking stopped. Your guess is kept: go on when you like.",
    missing: "This run does not have the map that the question is about.",
    axes: "The map of this run does not have the cells that you marked, so your guess is not shown.",
    reference: "the printed run, faded", wrong: "not as guessed",
    all: count => `All ${count} cells agree with your guess.`,
    agree: (agree, count) => `${agree} of ${count} cells agree with your guess.`,
    unknown: count => (count > 1 ? `${count} cells have no value and are not counted.` : "One cell has no value and is not counted."),
    sizes: (mine, theirs, middle) => `You marked ${mine} ${mine === 1 ? "cell" : "cells"}; in the run, ${theirs} ${theirs === 1 ? "is" : "are"} above ${middle}.`,
    bold: (count, middle, where) => `Too bold in ${count}, marked but not above ${middle}: ${where}.`,
    timid: (count, middle, where) => `Too timid in ${count}, above ${middle} but not marked: ${where}.`,
    row: (row, columns) => `${row} (${columns})`, join: "; ", list: ", ",
    more: (count, rows) => `${count} more in ${rows > 1 ? `${rows} other rows` : "another row"}`,
  },
  zh: {
    draw: "标出猜测", resume: "接着标", run: "运行并对照",
    help: "在图上拖动即可标出或擦去格子。",
    above: (label, middle) => `请标出你预计数值高于 ${middle} 的格子（${label}）。在图上拖动即可标出，从已标的格子拖起则是擦去。`,
    keys: "键盘：方向键逐格移动，空格键标出或擦去，按住 Shift 移动则一路标过去，Enter 运行，Esc 取消。",
    surface: label => `你的猜测：${label}`,
    cell: (across, down) => `${across}，${down}`, printed: value => `；构建时的运行：${value}`,
    empty: "请先至少标出一格，或者按“取消”再跳过。",
    left: "你改动了实验，标记已停止。猜测已保留，随时可以接着标。",
    missing: "这次运行里没有所问的那幅图。",
    axes: "这次运行的格子与你所标的不同，因此不显示你的猜测。",
    reference: "构建时的运行（已淡化）", wrong: "与猜测不符",
    all: count => `全部 ${count} 格都与你的猜测一致。`,
    agree: (agree, count) => `${count} 格中有 ${agree} 格与你的猜测一致。`,
    unknown: count => `有 ${count} 格没有数值，未计入。`,
    sizes: (mine, theirs, middle) => `你标了 ${mine} 格；运行结果中高于 ${middle} 的有 ${theirs} 格。`,
    bold: (count, middle, where) => `过于大胆的有 ${count} 格，标了却不高于 ${middle}：${where}。`,
    timid: (count, middle, where) => `过于谨慎的有 ${count} 格，高于 ${middle} 却没有标：${where}。`,
    row: (row, columns) => `${row}（${columns}）`, join: "；", list: "、",
    more: (count, rows) => `另外 ${rows} 行里还有 ${count} 格`,
  },
};

const middleOf = ({ range: [low, high] }) => (low + high) / 2;

// How marked cells and the values of a run compare, as indices of cells.
export function compare(marked, { values, range }) {
  const middle = middleOf({ range });
  const found = { agree: [], bold: [], timid: [], unknown: [], above: [] };
  Array.from(values).forEach((value, cell) => {
    if (!Number.isFinite(value)) return found.unknown.push(cell);
    const isAbove = value > middle;
    if (isAbove) found.above.push(cell);
    found[isAbove === Boolean(marked[cell]) ? "agree" : isAbove ? "timid" : "bold"].push(cell);
  });
  return found;
}

// The stretches of numbers that follow one another.
export function stretches(numbers) {
  const found = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else found.push([number, number]);
  }
  return found;
}

class Region extends Prediction {
  words() {
    return { ...super.words(), ...words[this.lab.code] };
  }

  mark() {
    return "@region";
  }

  pick(panel) {
    const map = mapOf(panel);
    return map?.name === this.series ? map : null;
  }

  axes(found) {
    const { x, y, range } = found.series;
    return [...super.axes(found), ...x, ...y, ...range];
  }

  places({ series }) {
    return Array.from(series.values, (_, cell) => cell);
  }

  // Cells that are not marked are clear.
  whole() {
    const { y } = this.draft;
    return y.some(Boolean) ? y.map(Number) : null;
  }

  grid() {
    const found = this.seen();
    return found && new Grid(found.panel, found.series);
  }

  judge({ panel, series: map }, guess) {
    const { say } = this;
    const found = compare(guess.y, map);
    const known = map.values.length - found.unknown.length;
    if (!known) return null;
    const middle = digits(middleOf(map));
    const marked = guess.y.filter((mark, cell) => mark && !found.unknown.includes(cell)).length;
    const isAll = found.agree.length === known;
    const sentences = [isAll ? say.all(known) : say.agree(found.agree.length, known)];
    sentences.push(say.sizes(marked, found.above.length, middle));
    for (const kind of ["bold", "timid"]) {
      const cells = found[kind];
      if (cells.length) sentences.push(say[kind](cells.length, middle, this.where(panel, map, cells)));
    }
    if (found.unknown.length) sentences.push(say.unknown(found.unknown.length));
    return sentences;
  }

  // Cells in words, row by row from the highest.
  where(panel, map, cells) {
    const { say } = this;
    const grid = new Grid(panel, map);
    const [across, down] = [naming(panel.x, say), naming(panel.y, say)];
    const rows = group(cells, cell => grid.row(cell));
    const order = Array.from(rows.keys()).sort((a, b) => map.y[b] - map.y[a]);
    const said = order.slice(0, order.length > ROWS + 1 ? ROWS : order.length).map(row => {
      const runs = stretches(rows.get(row).map(cell => grid.column(cell)));
      const columns = runs.map(run => Array.from(new Set(run), column => digits(map.x[column])).join("–"));
      return say.row(down(digits(map.y[row])), across(columns.join(say.list)));
    });
    const rest = order.slice(said.length);
    const left = rest.reduce((sum, row) => sum + rows.get(row).length, 0);
    return [...said, ...(left ? [say.more(left, rest.length)] : [])].join(say.join);
  }

  semantics() {
    return { role: "grid", "aria-multiselectable": "true" };
  }

  buildSurface(found) {
    super.buildSurface(found);
    const { say, surface, block } = this;
    const { panel, series: map } = found;
    this.help.firstChild.textContent = `${say.above(map.label, digits(middleOf(map)))} `;
    const [across, down] = [naming(panel.x, say), naming(panel.y, say)];
    const grid = new Grid(panel, map);
    const rows = Array.from(map.y, () => part("row"));
    this.cells = Array.from(map.values, (value, cell) => {
      const made = part("gridcell");
      made.id = `${block.id}-cell-${cell}`;
      const place = say.cell(across(digits(map.x[grid.column(cell)])), down(digits(map.y[grid.row(cell)])));
      made.setAttribute("aria-label", place + (Number.isFinite(value) ? say.printed(digits(value)) : ""));
      rows[grid.row(cell)].append(made);
      return made;
    });
    if (map.y.length && grid.first) rows.reverse();
    surface.append(...rows);
    if (!this.history.length && !this.draft.y.some(Boolean)) this.knot = grid.first;
  }

  unbuild() {
    super.unbuild();
    this.cells = [];
  }

  layOut(panel) {
    const { left, right, top, bottom } = panel.plot;
    const { offsetLeft, offsetTop } = panel.element;
    Object.assign(this.surface.style, {
      left: `${offsetLeft + left}px`, top: `${offsetTop + top}px`, width: `${right - left}px`, height: `${bottom - top}px`,
    });
    const grid = this.grid();
    this.cells.forEach((cell, index) => {
      const { x, y, width, height } = grid.box(index);
      Object.assign(cell.style, { left: `${x - left}px`, top: `${y - top}px`, width: `${width}px`, height: `${height}px` });
      cell.setAttribute("aria-selected", Boolean(this.draft.y[index]));
    });
    this.surface.setAttribute("aria-activedescendant", this.cells[this.knot].id);
  }

  press(event) {
    if (event.button !== 0 || !event.isPrimary) return;
    const { panel } = this.seen() ?? {};
    if (!panel) return;
    event.preventDefault();
    this.surface.setPointerCapture(event.pointerId);
    this.surface.focus({ preventScroll: true });
    this.remember();
    this.stroke = this.point(panel, event);
    const cell = this.grid().at(this.stroke.x, this.stroke.y, false);
    // A stroke does all along what it does to its first cell.
    this.brush = this.draft.y[cell] ? null : 1;
    this.dab(cell);
    this.changed();
  }

  dab(cell) {
    this.knot = cell;
    this.draft.y[cell] = this.brush;
  }

  // One straight piece of a stroke: a fast one passes several cells.
  pull(_, to) {
    const from = this.stroke;
    this.stroke = to;
    const grid = this.grid();
    const steps = Math.max(1, Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / 3));
    for (let step = 1; step <= steps; step += 1) {
      const share = step / steps;
      this.dab(grid.at(from.x + share * (to.x - from.x), from.y + share * (to.y - from.y), false));
    }
  }

  key(event) {
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
    const isUndo = (ctrlKey || metaKey) && key.toLowerCase() === "z";
    if (!isUndo && (ctrlKey || metaKey || altKey)) return;
    const acts = {
      " ": () => this.set(this.draft.y[this.knot] ? null : 1),
      Delete: () => this.set(null), Backspace: () => this.set(null),
      Enter: () => this.reveal(), Escape: () => this.cancel(),
    };
    const act = isUndo ? () => this.undo() : acts[key];
    const next = act ? undefined : this.grid()?.step(this.knot, key);
    if (!act && next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (act) return act();
    if (shiftKey) this.drawTo(next);
    this.knot = next;
    this.changed();
  }

  // All cells on the straight way to another become what this one is.
  drawTo(cell) {
    const mark = this.draft.y[this.knot];
    const { columns } = this.grid();
    const isAcross = Math.floor(cell / columns) === Math.floor(this.knot / columns);
    const step = (isAcross ? 1 : columns) * Math.sign(cell - this.knot);
    this.remember();
    for (let at = this.knot; at !== cell; at += step) this.draft.y[at + step] = mark;
  }

  set(mark) {
    if (this.draft.y[this.knot] === mark) return;
    this.remember();
    this.draft.y[this.knot] = mark;
    this.changed();
  }

  sign() {
    return [shape("path", { class: "predict-halo", d: "M8 1H32V11H8Z" }), shape("path", { class: "predict-line", d: "M8 1H32V11H8Z" })];
  }

  drawing({ panel, series: map }, guess, isDrawing) {
    const grid = new Grid(panel, map);
    const parts = [];
    if (isDrawing) {
      this.layOut(panel);
      guess.y.forEach((mark, cell) => mark && parts.push(shape("rect", { class: "predict-marked", ...grid.box(cell) })));
    }
    const d = outline(grid, guess.y);
    parts.push(shape("path", { class: "predict-halo", d }), shape("path", { class: "predict-line", d }));
    if (isDrawing && document.activeElement === this.surface) {
      parts.push(shape("rect", { class: "predict-halo", ...grid.box(this.knot) }));
      parts.push(shape("rect", { class: "predict-ring", ...grid.box(this.knot) }));
    }
    if (!isDrawing && this.isAnswer()) {
      const { bold, timid } = compare(guess.y, map);
      for (const cell of [...bold, ...timid]) parts.push(...cross(grid.box(cell)));
    }
    return parts;
  }

  drawOver(found, guess) {
    super.drawOver(found, guess);
    if (this.state === "drawing" || !this.isAnswer()) return;
    const key = shape("svg", { viewBox: "0 0 40 12", "aria-hidden": "true" });
    key.append(...cross({ x: 14, y: 0, width: 12, height: 12 }));
    const entry = document.createElement("span");
    entry.textContent = this.say.wrong;
    this.legend.append(key, entry);
  }
}

function group(items, key) {
  const groups = new Map();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

function part(role) {
  const made = document.createElement("div");
  made.setAttribute("role", role);
  return made;
}

// A cell that is not as guessed.
function cross({ x, y, width, height }) {
  const size = Math.min(5, width / 3, height / 3);
  const [across, down] = [x + width / 2, y + height / 2];
  const d = `M${across - size} ${down - size}l${2 * size} ${2 * size}m0 ${-2 * size}l${-2 * size} ${2 * size}`;
  return [shape("path", { class: "predict-halo", d }), shape("path", { class: "predict-wrong", d })];
}

// The border of the marked cells, in pieces as long as they are straight.
function outline({ across, down, columns, rows }, marked) {
  const is = (row, column) => row >= 0 && row < rows && column >= 0 && column < columns && Boolean(marked[row * columns + column]);
  const indices = count => Array.from({ length: count }, (_, index) => index);
  let d = "";
  for (const row of indices(rows + 1)) {
    const parting = indices(columns).filter(column => is(row - 1, column) !== is(row, column));
    for (const [from, to] of stretches(parting)) d += `M${across[from]} ${down[row]}H${across[to + 1]}`;
  }
  for (const column of indices(columns + 1)) {
    const parting = indices(rows).filter(row => is(row, column - 1) !== is(row, column));
    for (const [from, to] of stretches(parting)) d += `M${across[column]} ${down[from]}V${down[to + 1]}`;
  }
  return d;
}

// Brings the prompts about heat maps to life.
export function start() {
  attend(".predict[id][data-region]", Region);
}
