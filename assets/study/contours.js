// Level lines of a function on a grid, by marching squares.
import { roundStep } from "./plot.js";

// The points of a grid are numbered row by row. Each has two edges: to the next in its row and in its column.
const across = point => 2 * point;
const along = point => 2 * point + 1;

// The pieces of the level lines, cell by cell between the grid's points: `starts[cell]` is the first piece in a cell.
// Piece k is of the level `level[k]`, from `ends[4k]`, `ends[4k + 1]` to the other two, and crosses the edges
// `edges[2k]` and `edges[2k + 1]`. Cells with a corner that is not known have none.
export function pieces({ x, y, values }, levels) {
  const columns = x.length;
  const rows = y.length;
  const starts = new Uint32Array(Math.max(0, (columns - 1) * (rows - 1)) + 1);
  const found = { starts, level: [], ends: [], edges: [] };
  for (let row = 0, cell = 0; row < rows - 1; row += 1) {
    for (let column = 0; column < columns - 1; column += 1, cell += 1) {
      const point = row * columns + column;
      const a = values[point];
      const b = values[point + 1];
      const c = values[point + columns + 1];
      const d = values[point + columns];
      if (Number.isFinite(a + b + c + d)) {
        const low = Math.min(a, b, c, d);
        const high = Math.max(a, b, c, d);
        for (let level = 0; level < levels.length; level += 1) {
          const at = levels[level];
          if (low < at && high >= at) cross(found, level, at, [a, b, c, d], { x, y, row, column });
        }
      }
      starts[cell + 1] = found.level.length;
    }
  }
  return found;
}

// Adds the pieces of a level through a cell that has corners on both sides of it.
function cross(found, level, at, [a, b, c, d], { x, y, row, column }) {
  const point = row * x.length + column;
  const [left, right, low, high] = [x[column], x[column + 1], y[row], y[row + 1]];
  const [isA, isB, isC, isD] = [a >= at, b >= at, c >= at, d >= at];
  const part = (from, to, start, end) => start + ((at - from) / (to - from)) * (end - start);
  const foot = isA !== isB && [across(point), part(a, b, left, right), low];
  const far = isB !== isC && [along(point + 1), right, part(b, c, low, high)];
  const head = isC !== isD && [across(point + x.length), part(d, c, left, right), high];
  const near = isD !== isA && [along(point), left, part(a, d, low, high)];
  const add = ([edge, fromX, fromY], [other, toX, toY]) => {
    found.level.push(level);
    found.ends.push(fromX, fromY, toX, toY);
    found.edges.push(edge, other);
  };
  const crossings = [foot, far, head, near].filter(Boolean);
  if (crossings.length === 2) {
    add(...crossings);
  } else if ((a + b + c + d) / 4 >= at === isA) {
    // A saddle: the middle tells which corners are connected.
    add(foot, far);
    add(head, near);
  } else {
    add(foot, near);
    add(far, head);
  }
}

// The pieces joined into lines: of each the level, and its points as a list of x, y, x, y, ….
export function joined({ level, ends, edges }) {
  const at = new Map();
  const span = 1 + edges.reduce((most, edge) => Math.max(most, edge), 0);
  const key = (piece, end) => level[piece] * span + edges[2 * piece + end];
  for (let piece = 0; piece < level.length; piece += 1) {
    for (const end of [0, 1]) {
      const there = at.get(key(piece, end));
      if (there) there.push(piece);
      else at.set(key(piece, end), [piece]);
    }
  }
  const isUsed = new Uint8Array(level.length);
  // Goes on from one end of a piece as far as the line leads.
  const walk = (piece, end, points) => {
    while (true) {
      const next = at.get(key(piece, end)).find(other => other !== piece && !isUsed[other]);
      if (next === undefined) return points;
      const entry = edges[2 * next] === edges[2 * piece + end] ? 0 : 1;
      [piece, end] = [next, 1 - entry];
      isUsed[piece] = 1;
      points.push(ends[4 * piece + 2 * end], ends[4 * piece + 2 * end + 1]);
    }
  };
  const lines = [];
  for (let piece = 0; piece < level.length; piece += 1) {
    if (isUsed[piece]) continue;
    isUsed[piece] = 1;
    const [fromX, fromY, toX, toY] = ends.slice(4 * piece, 4 * piece + 4);
    const onward = walk(piece, 1, [toX, toY]);
    const back = walk(piece, 0, [fromX, fromY]);
    const points = [];
    for (let index = back.length - 2; index >= 0; index -= 2) points.push(back[index], back[index + 1]);
    lines.push({ level: level[piece], points: points.concat(onward) });
  }
  return lines;
}

// Round values inside a range, about as many as wished.
export function rounds([low, high], count) {
  const step = roundStep((high - low) / count);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const found = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + 1e-9 * step; index += 1) {
    found.push(Number((index * step).toFixed(digits)));
  }
  return found;
}
