// A heat map of a plane as a surface that the reader turns, with level lines on both. All surfaces of a lab have one
// scale of heights and turn together, so that they can be compared.
import { live, ondots, shape } from "./plot.js";
import { make, mapOf, written } from "./cells.js";
import { joined, pieces, rounds } from "./contours.js";

const words = {
  en: {
    name: (quantity, titles) => `Surface${titles.length > 1 ? "s" : ""} of the ${quantity}: ${titles.join(", ")}`,
    keys: count => `Drag to turn ${count > 1 ? "both" : "it"}, or use the arrow keys; Home goes back to the first view.`,
    first: "First view",
    view: (round, up) => `Turned by ${round}°, seen from ${up}° above`,
    least: value => `minimum ${value}`,
    // A quantity of which the logarithm is shown is named and numbered itself.
    logarithm: /^log₁₀ of (?:the )?(.+)$/,
  },
  zh: {
    name: (quantity, titles) => `${quantity}的曲面：${titles.join("、")}`,
    keys: count => `拖动即可转动${count > 1 ? "两个曲面" : "曲面"}，也可用方向键；按 Home 回到初始视角。`,
    first: "初始视角",
    view: (round, up) => `水平转过 ${round}°，俯角 ${up}°`,
    least: value => `最小值 ${value}`,
    logarithm: /^(.+?)的 ?log₁₀$/,
  },
};

// The figures' own scale of colors, from low to high.
const channels = code => [1, 3, 5].map(start => parseInt(code.slice(start, start + 2), 16));
const stops = "__COLOR_SCALE__".split(" ").map(channels);
const SHADES = 48;
const LIGHTS = 24;

// The color of a height under a light, as a text that a canvas takes: made once, where it is first needed.
const tints = [];
function tint(index) {
  const position = (Math.floor(index / LIGHTS) / SHADES) * (stops.length - 1);
  const from = Math.min(Math.floor(position), stops.length - 2);
  const light = 0.5 + (0.62 * (index % LIGHTS)) / (LIGHTS - 1);
  const mixed = stops[from].map((low, k) => {
    const plain = low + (position - from) * (stops[from + 1][k] - low);
    return Math.round(light <= 1 ? plain * light : 255 - (255 - plain) * (2 - light));
  });
  tints[index] = `rgb(${mixed.join(" ")})`;
  return tints[index];
}

// The height of the box over a base from −1 to 1.
const HEIGHT = 0.9;
const FIRST = { round: 0.6, up: 0.9 };
const LOWEST = 0.08;
const STEP = Math.PI / 36;
// How far a finger goes before it is known whether it turns or scrolls, in pixels.
const SLACK = 6;
// Where the light comes from, as seen by the reader: from the left, a little from the front.
const LIGHT = [-0.52, -0.3, 0.8];
// How far a cell reaches under those that are drawn after it, in pixels: where edges fall between pixels, paper would
// shine through.
const OVERLAP = 0.8;
// Room for words around the box.
const MARGIN = { across: 46, top: 16, bottom: 40 };
const DOTS = 3;

const sign = value => (value < 0 ? -1 : 1);
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
// A share of the way from a point to another one, or none where that one is not known.
const toward = (places, from, step, share) => share * (places[from + step] - places[from]) || 0;
// Dark lines on light colors, light ones on dark.
const isBright = share => share > 0.62;

// What the values of a map are: the quantity, how a value is written, and at which values there are ticks and lines.
function measure({ label, range }, say) {
  const quantity = label.match(say.logarithm)?.[1];
  if (!quantity) {
    return { quantity: label, write: (value, digits = 3) => written(value, digits), ticks: rounds(range, 4), levels: rounds(range, 8) };
  }
  const decades = Array.from({ length: 41 }, (_, index) => index - 20);
  const isInside = level => level > range[0] && level < range[1];
  const levels = decades.flatMap(decade => [decade, decade + Math.log10(3)]).filter(isInside);
  const write = (value, digits = 2) => String(Number((10 ** value).toPrecision(digits)));
  return { quantity, write, ticks: decades.filter(at => at >= range[0] && at <= range[1]), levels };
}

// One map as a mesh in a box, and the canvas that shows it.
class Surface {
  constructor() {
    this.title = make("p", "surface-title");
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    this.element = make("div", "surface-view");
    this.element.append(this.title, this.canvas);
    this.context = this.canvas.getContext("2d");
  }

  // Takes new values.
  take({ panel, map, measure: { quantity, ticks, levels, write } }, say) {
    const [columns, rows] = [map.x.length, map.y.length];
    Object.assign(this, { columns, rows, quantity });
    const share = ([low, high], value) => (value - low) / (high - low);
    const height = value => HEIGHT * clamp(share(map.range, value), 0, 1);
    const side = ({ range }, value) => 2 * share(range, value) - 1;
    this.x = Float64Array.from(map.x, value => side(panel.x, value));
    this.y = Float64Array.from(map.y, value => side(panel.y, value));
    this.z = Float64Array.from(map.values, height);
    this.placeX = new Float64Array(this.z.length);
    this.placeY = new Float64Array(this.z.length);
    const ticked = axis => rounds(axis.range, 4).map(value => [side(axis, value), value]);
    const label = axis => ({ label: axis.label, ticks: ticked(axis) });
    this.axes = { x: label(panel.x), y: label(panel.y), z: ticks.map(value => [height(value), write(value)]) };
    this.light();
    this.lines = pieces({ x: this.x, y: this.y, values: map.values }, levels);
    this.levels = levels.map(value => ({ z: height(value), bright: isBright(share(map.range, value)) }));
    let least = -1;
    map.values.forEach((value, index) => {
      if (Number.isFinite(value) && !(map.values[least] <= value)) least = index;
    });
    this.least = least < 0 ? null : { index: least, text: say.least(write(map.values[least], 3)) };
  }

  // The color and the normal of each cell; no color where a corner is not known.
  light() {
    const { x, y, z, columns, rows } = this;
    const cells = Math.max(0, (columns - 1) * (rows - 1));
    this.shade = new Int16Array(cells).fill(-1);
    this.normal = new Float64Array(3 * cells);
    for (let row = 0, cell = 0; row < rows - 1; row += 1) {
      for (let column = 0; column < columns - 1; column += 1, cell += 1) {
        const point = row * columns + column;
        const [a, b, c, d] = [z[point], z[point + 1], z[point + columns + 1], z[point + columns]];
        const mean = (a + b + c + d) / 4;
        if (!Number.isFinite(mean)) continue;
        this.shade[cell] = Math.round((mean / HEIGHT) * SHADES);
        const slopeX = (b + c - a - d) / (2 * (x[column + 1] - x[column]));
        const slopeY = (c + d - a - b) / (2 * (y[row + 1] - y[row]));
        this.normal.set([-slopeX, -slopeY, 1].map(part => part / Math.hypot(slopeX, slopeY, 1)), 3 * cell);
      }
    }
  }

  // Adapts to the room, the device's dots and the theme.
  fit() {
    const { canvas } = this;
    const style = getComputedStyle(canvas);
    const color = name => style.getPropertyValue(`--${name}`).trim();
    this.colors = { paper: color("paper"), ink: color("ink"), muted: color("muted"), grid: color("grid") };
    this.font = style.fontFamily;
    [this.width, this.height] = [canvas.clientWidth, canvas.clientHeight];
    this.ratio = Math.min(DOTS, devicePixelRatio);
    const [across, down] = [Math.round(this.width * this.ratio), Math.round(this.height * this.ratio)];
    if (canvas.width !== across) canvas.width = across;
    if (canvas.height !== down) canvas.height = down;
  }

  // From the box to pixels. Parallel lines stay parallel, so that heights can be compared anywhere. Its size depends on
  // the height of the eye alone: a box that is turned does not breathe.
  look({ round, up }) {
    const { width, height } = this;
    const [cosine, sine, rise, sink] = [Math.cos(round), Math.sin(round), Math.cos(up), Math.sin(up)];
    const reach = 2 * Math.SQRT2;
    const room = height - MARGIN.top - MARGIN.bottom;
    const size = Math.min((width - 2 * MARGIN.across) / reach, room / (reach * sink + HEIGHT * rise));
    const middle = (height + MARGIN.top - MARGIN.bottom + size * HEIGHT * rise) / 2;
    const across = (x, y) => width / 2 + size * (x * cosine - y * sine);
    const down = (x, y, z) => middle - size * (z * rise + (x * sine + y * cosine) * sink);
    const to = (x, y, z) => [across(x, y), down(x, y, z)];
    return { cosine, sine, rise, sink, size, across, down, to };
  }

  draw(view) {
    const { context, ratio, width, height } = this;
    if (!context || !width) return;
    const eye = this.look(view);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.lineJoin = "round";
    this.back(eye);
    this.mesh(eye);
    this.front(eye);
    this.mark(eye);
  }

  path(points, color, closed = false) {
    const { context } = this;
    context.beginPath();
    points.forEach(([x, y], index) => (index ? context.lineTo(x, y) : context.moveTo(x, y)));
    if (closed) context.closePath();
    context.strokeStyle = color;
    context.stroke();
  }

  // The floor and the walls that the surface stands before, with lines at the heights of the ticks.
  back({ cosine, sine, to }) {
    const { context, colors, axes } = this;
    const [farX, farY] = [sign(sine), sign(cosine)];
    context.lineWidth = 1;
    this.path([to(-1, -1, 0), to(1, -1, 0), to(1, 1, 0), to(-1, 1, 0)], colors.grid, true);
    for (const z of [0, ...axes.z.map(([z]) => z), HEIGHT]) {
      this.path([to(farX, -farY, z), to(farX, farY, z), to(-farX, farY, z)], colors.grid);
    }
    const posts = [[farX, -farY], [farX, farY], [-farX, farY]];
    for (const [x, y] of posts) this.path([to(x, y, 0), to(x, y, HEIGHT)], colors.grid);
  }

  // The cells from the farthest to the nearest, in strips across the line of sight. What is of one color within a strip
  // is one shape.
  mesh(eye) {
    const { context, columns, rows, x, y, z, placeX, placeY, shade } = this;
    const { cosine, sine, size } = eye;
    for (let row = 0, point = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1, point += 1) {
        placeX[point] = eye.across(x[column], y[row]);
        placeY[point] = eye.down(x[column], y[row], z[point]);
      }
    }
    // The steps from a cell to a nearer one.
    const [down, right] = [cosine >= 0 ? -1 : 1, sine >= 0 ? -1 : 1];
    const order = (count, step) => Array.from({ length: count }, (_, index) => (step < 0 ? count - 1 - index : index));
    const [rowOrder, columnOrder] = [order(rows - 1, down), order(columns - 1, right)];
    const byRows = Math.abs(cosine) >= Math.abs(sine);
    const [outer, inner] = byRows ? [rowOrder, columnOrder] : [columnOrder, rowOrder];
    const share = Math.min(0.4, (OVERLAP * Math.max(columns, rows)) / (2 * size));
    const lights = this.lights(eye);
    let ahead = [];
    for (const strip of outer) {
      let current = -1;
      const hidden = [];
      const seen = [];
      for (const place of inner) {
        const [row, column] = byRows ? [strip, place] : [place, strip];
        const cell = row * (columns - 1) + column;
        if (shade[cell] < 0) continue;
        const wanted = shade[cell] * LIGHTS + Math.abs(lights[cell]);
        if (wanted !== current) {
          if (current >= 0) context.fill();
          current = wanted;
          context.fillStyle = tints[wanted] ?? tint(wanted);
          context.beginPath();
        }
        this.cell(row, column, down, right, share);
        if (this.lines.starts[cell] < this.lines.starts[cell + 1]) (lights[cell] < 0 ? hidden : seen).push(cell);
      }
      if (current >= 0) context.fill();
      // A line is as wide on the next strip as on its own, and so comes after that one, which hides it only where the
      // surface turns away.
      this.cross(ahead.concat(hidden), eye);
      ahead = seen;
    }
    this.cross(ahead, eye);
  }

  // How light each cell is, as a number of a tint; negative where it turns its lower side to the eye.
  lights({ cosine, sine, rise, sink }) {
    const { normal, shade } = this;
    // The light turns with the reader.
    const lightX = LIGHT[0] * cosine + LIGHT[1] * sine;
    const lightY = LIGHT[1] * cosine - LIGHT[0] * sine;
    return Int8Array.from(shade, (_, cell) => {
      const [x, y, z] = [normal[3 * cell], normal[3 * cell + 1], normal[3 * cell + 2]];
      const light = (x * lightX + y * lightY + z * LIGHT[2]) * (LIGHTS - 1);
      const isUnder = z * sink - (x * sine + y * cosine) * rise < 0;
      return isUnder ? -clamp(Math.round(0.6 * light), 1, LIGHTS - 1) : clamp(Math.round(light), 1, LIGHTS - 1);
    });
  }

  // Adds a cell to the path, all of one sense, for else shapes that overlap cut holes. Corners on the way to nearer
  // cells are moved toward the next ones.
  cell(row, column, down, right, share) {
    const { context, columns, rows, placeX, placeY } = this;
    const [near, far] = down < 0 ? [row, row + 1] : [row + 1, row];
    const [close, off] = right < 0 ? [column, column + 1] : [column + 1, column];
    const below = near + down >= 0 && near + down < rows ? down * columns : 0;
    const beside = close + right >= 0 && close + right < columns ? right : 0;
    const a = far * columns + off;
    const b = far * columns + close;
    const c = near * columns + close;
    const d = near * columns + off;
    const ax = placeX[a];
    const ay = placeY[a];
    const bx = placeX[b] + toward(placeX, b, beside, share);
    const by = placeY[b] + toward(placeY, b, beside, share);
    const cx = placeX[c] + toward(placeX, c, beside, share) + toward(placeX, c, below, share);
    const cy = placeY[c] + toward(placeY, c, beside, share) + toward(placeY, c, below, share);
    const dx = placeX[d] + toward(placeX, d, below, share);
    const dy = placeY[d] + toward(placeY, d, below, share);
    const isTurned = (cx - ax) * (dy - by) < (dx - bx) * (cy - ay);
    context.moveTo(ax, ay);
    context.lineTo(isTurned ? dx : bx, isTurned ? dy : by);
    context.lineTo(cx, cy);
    context.lineTo(isTurned ? bx : dx, isTurned ? by : dy);
    context.closePath();
  }

  // The level lines through some cells.
  cross(cells, { across, down }) {
    if (!cells.length) return;
    const { context, lines, levels } = this;
    context.lineWidth = 1;
    for (const isDark of [false, true]) {
      context.strokeStyle = isDark ? "rgb(0 0 0 / 0.6)" : "rgb(255 255 255 / 0.75)";
      context.beginPath();
      for (const cell of cells) {
        for (let piece = lines.starts[cell]; piece < lines.starts[cell + 1]; piece += 1) {
          const { z, bright } = levels[lines.level[piece]];
          if (bright !== isDark) continue;
          const [fromX, fromY] = [lines.ends[4 * piece], lines.ends[4 * piece + 1]];
          const [toX, toY] = [lines.ends[4 * piece + 2], lines.ends[4 * piece + 3]];
          context.moveTo(across(fromX, fromY), down(fromX, fromY, z));
          context.lineTo(across(toX, toY), down(toX, toY, z));
        }
      }
      context.stroke();
    }
  }

  // Words that stay on the canvas.
  write(text, x, y, { align = "center", color = this.colors.muted, weight = "", isHaloed = false } = {}) {
    const { context, width, height, colors } = this;
    context.font = `${weight} 12px ${this.font}`;
    context.textAlign = "left";
    context.textBaseline = "middle";
    const wide = context.measureText(text).width;
    const start = clamp(x - { left: 0, center: wide / 2, right: wide }[align], 2, Math.max(2, width - wide - 2));
    const middle = clamp(y, 8, height - 8);
    if (isHaloed) {
      context.lineWidth = 4;
      context.strokeStyle = colors.paper;
      context.strokeText(text, start, middle);
    }
    context.fillStyle = color;
    context.fillText(text, start, middle);
  }

  // The axes that are nearest to the reader, with ticks and names.
  front({ cosine, sine, rise, to }) {
    const { context, colors, axes } = this;
    const [nearX, nearY] = [-sign(sine), -sign(cosine)];
    const hasHeights = rise > 0.2;
    // The upright axis stands where it is before nothing.
    const [left, side] = [-sign(cosine), sign(sine)];
    const [footX, footY] = to(left, side, 0);
    context.lineWidth = 1.25;
    const edge = (axis, place, outward) => {
      this.path([to(...place(-1), 0), to(...place(1), 0)], colors.muted);
      const [[x0, y0], [x1, y1]] = [to(0, 0, 0), to(...outward, 0)];
      const length = Math.hypot(x1 - x0, y1 - y0) || 1;
      const [dx, dy] = [(x1 - x0) / length, (y1 - y0) / length];
      // From a low eye, outward is hardly downward; words go below all the same.
      const below = Math.max(dy, 0.8);
      const align = dx < -0.4 ? "right" : dx > 0.4 ? "left" : "center";
      const [start, end] = [to(...place(-1), 0), to(...place(1), 0)];
      // Seen along its length, an axis has no room for ticks.
      const isFlat = Math.hypot(end[0] - start[0], end[1] - start[1]) < 60;
      for (const [at, value] of isFlat ? [] : axis.ticks) {
        const [x, y] = to(...place(at), 0);
        this.path([[x, y], [x + 5 * dx, y + 5 * dy]], colors.muted);
        if (hasHeights && Math.hypot(x - footX, y - footY) < 16) continue;
        this.write(String(value).replace("-", "−"), x + 9 * dx, y + 12 * below, { align });
      }
      const [x, y] = to(...place(0), 0);
      this.write(axis.label, x + 26 * dx, y + 30 * below, { align, color: colors.ink });
    };
    edge(axes.x, at => [at, nearY], [0, nearY]);
    edge(axes.y, at => [nearX, at], [nearX, 0]);
    if (!hasHeights) return;
    this.path([to(left, side, 0), to(left, side, HEIGHT)], colors.muted);
    for (const [z, text] of axes.z) {
      const [across, down] = to(left, side, z);
      this.path([[across, down], [across - 5, down]], colors.muted);
      this.write(text, across - 9, down, { align: "right" });
    }
    const [across, down] = to(left, side, HEIGHT);
    this.write(this.quantity, across + 12, down - 16, { align: "right", color: colors.ink });
  }

  // The lowest point; a ring where it lies behind the surface.
  mark(eye) {
    const { context, least, colors, x, y, z, columns } = this;
    if (!least) return;
    const place = [x[least.index % columns], y[Math.floor(least.index / columns)], z[least.index]];
    const [across, down] = eye.to(...place);
    const isHidden = this.isHidden(place, eye);
    const ring = (width, color) => {
      context.lineWidth = width;
      context.strokeStyle = color;
      context.stroke();
    };
    context.beginPath();
    context.arc(across, down, 4, 0, 2 * Math.PI);
    ring(isHidden ? 4 : 3, colors.paper);
    if (isHidden) ring(1.5, colors.ink);
    context.fillStyle = colors.ink;
    if (!isHidden) context.fill();
    this.write(least.text, across, down + 16, { color: colors.ink, weight: "600", isHaloed: true });
  }

  // Whether the surface comes between a point of it and the eye.
  isHidden([x, y, z], { cosine, sine, rise, sink }) {
    const steps = 2 * Math.max(this.columns, this.rows);
    const share = (centers, at) => (at - centers[0]) / (centers.at(-1) - centers[0]);
    const nearest = (centers, at) => Math.round(share(centers, at) * (centers.length - 1));
    for (let step = 4; step <= 2 * steps; step += 1) {
      const away = (2 * step) / steps;
      const [column, row] = [nearest(this.x, x - away * sine), nearest(this.y, y - away * cosine)];
      if (column < 0 || row < 0 || column >= this.columns || row >= this.rows) return false;
      if (this.z[row * this.columns + column] > z + (away * sink) / rise + 0.02) return true;
    }
    return false;
  }
}

// The level lines on a panel's map, each level named once, and the lowest value.
function contour(layer, { panel: { px, py, plot }, map, measure: { levels, write } }, { least, lines, levels: heights }) {
  // The axes of a plane are linear, and so is the way from the box.
  const between = (start, end, side) => start + ((side + 1) / 2) * (end - start);
  const drawn = joined(lines).map(({ level, points }) => {
    const places = [];
    for (let at = 0; at < points.length; at += 2) {
      places.push([between(plot.left, plot.right, points[at]), between(plot.bottom, plot.top, points[at + 1])]);
    }
    return { level, places };
  });
  const path = ({ level, places }) => {
    const d = places.map(([x, y], index) => `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
    return shape("path", { class: `contour ${heights[level].bright ? "contour-dark" : "contour-light"}`, d });
  };
  const made = drawn.map(path);
  const boxes = [];
  const word = (text, x, y, kind) => {
    const [wide, high] = [7 * text.length + 6, 15];
    const box = [x - wide / 2, y - high / 2, x + wide / 2, y + high / 2];
    const isInside = box[0] > plot.left && box[2] < plot.right && box[1] > plot.top && box[3] < plot.bottom;
    const isApart = other => box[2] < other[0] || other[2] < box[0] || box[3] < other[1] || other[3] < box[1];
    const isFree = boxes.every(isApart);
    if (!isInside || !isFree) return false;
    boxes.push(box);
    const label = shape("text", { class: kind, x, y });
    label.textContent = text;
    made.push(label);
    return true;
  };
  if (least) {
    const { index, text } = least;
    const [x, y] = [px(map.x[index % map.x.length]), py(map.y[Math.floor(index / map.x.length)])];
    made.push(shape("circle", { class: "contour-least", cx: x, cy: y, r: 4 }));
    boxes.push([x - 6, y - 6, x + 6, y + 6]);
    for (const offset of [16, -16]) if (word(text, x, y + offset, "contour-name contour-least-name")) break;
    // Names stand along a ray from the lowest point, or along another where that one leaves the map too early.
    levels.forEach((level, number) => {
      const places = drawn.filter(line => line.level === number).flatMap(line => line.places);
      for (const ray of [-0.8, -2.3, 0.8, 2.3]) {
        const off = ([across, down]) => {
          const angle = Math.atan2(down - y, across - x) - ray;
          return Math.abs(Math.atan2(Math.sin(angle), Math.cos(angle)));
        };
        const near = places.filter(place => off(place) < 0.15).sort((one, other) => off(one) - off(other))[0];
        if (near && word(write(level), ...near, "contour-name")) break;
      }
    });
  }
  layer.replaceChildren(...made);
}

// Whether a map shows the same in the same place: a run paints often, and most often something else.
function isSame({ panel: one, map: { values } }, { panel: other, map }) {
  const isThere = ["left", "top", "right", "bottom"].every(side => one.plot[side] === other.plot[side]);
  const isOf = (value, index) => Object.is(value, map.values[index]);
  return isThere && values.length === map.values.length && values.every(isOf);
}

class Stage {
  constructor(lab) {
    this.lab = lab;
    this.say = words[lab.code];
    this.surfaces = [];
    this.view = { ...FIRST };
    this.frame = 0;
    this.isStale = true;
    this.isTurned = false;
    // The maps whose lines are still to be drawn.
    this.due = [];
    this.build();
    lab.onpaint(() => {
      this.isStale = true;
      this.ask();
    });
    this.ask();
    ondots(() => {
      this.isStale = true;
      this.ask();
    });
  }

  build() {
    const { lab, say } = this;
    this.stage = make("div", "surface-stage");
    this.stage.tabIndex = 0;
    // Its arrow keys are its own, not those that read a page.
    this.stage.setAttribute("role", "application");
    this.hint = make("p", "surface-hint");
    this.hint.id = `${lab.figure.id}-surface`;
    this.stage.setAttribute("aria-describedby", this.hint.id);
    this.button = make("button", "", say.first);
    this.button.type = "button";
    this.button.addEventListener("click", () => this.turn(FIRST));
    const tools = make("div", "surface-tools");
    tools.append(this.hint, this.button);
    this.voice = make("div", "visually-hidden");
    this.voice.setAttribute("aria-live", "polite");
    this.element = make("div", "surface");
    this.element.append(this.stage, tools, this.voice);
    const container = lab.figure.querySelector(".lab-panels");
    container.append(this.element);
    container.dataset.surface = "drawn";
    this.stage.addEventListener("pointerdown", event => this.grip(event));
    this.stage.addEventListener("pointermove", event => this.drag(event));
    this.stage.addEventListener("pointerup", () => (this.held = null));
    this.stage.addEventListener("pointercancel", () => (this.held = null));
    this.stage.addEventListener("keydown", event => this.key(event));
  }

  // A finger that starts downward scrolls the page; one that starts sideways turns, and then tilts, too.
  grip({ isPrimary, button, pointerId, pointerType, clientX, clientY }) {
    if (!isPrimary || button !== 0) return;
    this.stage.setPointerCapture(pointerId);
    this.held = { x: clientX, y: clientY, isSure: pointerType !== "touch", ...this.view };
  }

  drag({ isPrimary, clientX, clientY }) {
    const { held } = this;
    if (!held || !isPrimary) return;
    held.isSure ||= Math.abs(clientX - held.x) > Math.max(SLACK, Math.abs(clientY - held.y));
    if (!held.isSure) return;
    // What is held at the front goes with the pointer.
    const pull = 2.2 / Math.max(1, this.surfaces[0]?.width ?? 1);
    this.turn({ round: held.round + pull * (clientX - held.x), up: held.up + pull * (clientY - held.y) });
  }

  key(event) {
    const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
    if (ctrlKey || metaKey || altKey || shiftKey) return;
    const { round, up } = this.view;
    const next = {
      ArrowLeft: { round: round - STEP, up }, ArrowRight: { round: round + STEP, up },
      ArrowUp: { round, up: up + STEP }, ArrowDown: { round, up: up - STEP }, Home: FIRST,
    }[key];
    if (!next) return;
    event.preventDefault();
    this.turn(next);
    const degrees = angle => Math.round((angle * 180) / Math.PI);
    this.voice.textContent = this.say.view((degrees(this.view.round) + 720) % 360, degrees(this.view.up));
  }

  turn({ round, up }) {
    this.view = { round: round % (2 * Math.PI), up: clamp(up, LOWEST, Math.PI / 2) };
    this.isTurned = true;
    this.ask();
  }

  // Once a frame at most.
  ask() {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.go();
      if (this.isStale || this.isTurned || this.due.length) this.ask();
    });
  }

  // One of the things that are to be done: no task is long, and what is done for the first time takes longest.
  go() {
    if (this.due.length) {
      for (const [seen, surface] of this.due.splice(0)) contour(this.lab.layer(seen.index, "contours"), seen, surface);
      return;
    }
    const isFirst = !this.surfaces.length;
    if (this.isStale) this.read();
    this.isTurned = isFirst && this.surfaces.length > 0;
    if (!isFirst) for (const surface of this.surfaces) surface.draw(this.view);
  }

  // What the lab shows now.
  read() {
    const { lab, say, stage } = this;
    this.isStale = false;
    const maps = [];
    for (const [index, panel] of lab.panels().entries()) {
      const map = mapOf(panel);
      if (map) maps.push({ index, panel, map, measure: measure(map, say) });
    }
    while (this.surfaces.length < maps.length) this.surfaces.push(new Surface());
    this.surfaces.length = maps.length;
    const views = this.surfaces.map(({ element }) => element);
    if (stage.children.length !== views.length) stage.replaceChildren(...views);
    const titles = maps.map(({ panel }) => panel.title);
    if (maps.length) stage.setAttribute("aria-label", say.name(maps[0].measure.quantity, titles));
    this.hint.textContent = say.keys(maps.length);
    this.element.hidden = !maps.length;
    maps.forEach((seen, number) => {
      const surface = this.surfaces[number];
      surface.fit();
      surface.title.textContent = seen.panel.title;
      if (surface.seen && isSame(surface.seen, seen)) return;
      surface.seen = seen;
      surface.take(seen, say);
      this.due.push([seen, surface]);
    });
  }
}

// Draws the maps of planes as surfaces.
export function start() {
  for (const panels of document.querySelectorAll("figure.lab[data-lab] > [data-surface]")) {
    live(panels.parentElement).then(lab => new Stage(lab));
  }
}
