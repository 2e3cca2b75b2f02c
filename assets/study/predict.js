// Predict, then run: the reader sketches a curve, or one value, over a lab's printed run before the run that it is
// about. That run is then drawn beneath the sketch, and words say where the two part.
import { live, roundStep, shape, trace } from "./plot.js";
import * as progress from "./progress.js";

// How many places of the axis a sketch has a value at.
const KNOTS = 25;
// Curves part where they are further from one another than this share of the chart's height.
const APART = 0.1;
// A curve turns where it then goes the other way by more than this share of the chart's height.
const TURN = 0.05;

const words = {
  en: {
    title: "Predict, then run",
    draw: "Draw your guess", drawValue: "Set your guess", resume: "Go on with your guess", again: "Guess again",
    skip: "Skip and run", run: "Run and compare", rerun: "Run it again", undo: "Undo", clear: "Clear",
    cancel: "Cancel", show: "Show my guess",
    help: "Drag across the chart to draw; redo any part.",
    helpValue: "Drag the dot up or down.",
    keys: "Keys: ← → choose a place, ↑ ↓ move the curve there (Shift: by more), Enter runs, Esc cancels.",
    keysValue: "Keys: ↑ ↓ move the dot (Shift: by more), Enter runs, Esc cancels.",
    surface: label => `Your guess: ${label}`, sketch: "sketch",
    knot: (at, value, knot, knots) => `${at}: ${value}` + (knots > 1 ? `, knot ${knot} of ${knots}` : ""),
    unset: "not set", printed: value => `; printed run: ${value}`,
    empty: "Draw something first, or press Cancel and skip.",
    running: "Running what you guessed about…", plain: "Running…", shown: "This is the run that the question is about.",
    stopped: "The run was stopped before its end. Your guess is kept.", stoppedPlain: "The run was stopped before its end.",
    failed: "The run failed, so nothing can be compared. Your guess is kept.", failedPlain: "The run failed.",
    moved: "The settings were changed during the run, so nothing is compared. Your guess is kept.",
    left: "You changed the lab, so drawing stopped. Your sketch is kept: go on when you like.",
    missing: "This run does not have the curve that the question is about.",
    axes: "The axes of this run are not those that you drew on, so your guess is not shown.",
    other: "This is not the run that you guessed, so nothing is compared.",
    guess: "your guess", made: setting => `your guess (${setting})`, reference: "the printed run, faded",
    and: ", ", is: (label, value) => `${label}: ${value}`,
    at: (symbol, label, value) => (symbol ? `${symbol}\u00a0=\u00a0${value}` : `${label} ${value}`),
    level: value => `stays about level near ${value}`,
    rises: "rises", falls: "falls", throughout: (way) => `${way} throughout`, until: (way, at) => `${way} until ${at}`,
    join: parts => `${parts.slice(0, -1).join(", ")}, then ${parts.at(-1)}`,
    waves: turns => `turns ${turns} times`,
    course: (same, guess, truth) => `${same ? "Same course" : "Different course"}: your guess ${guess}; the run ${truth}.`,
    highest: (guess, truth) => `Highest: your guess with ${guess}; the run with ${truth}.`,
    lowest: (guess, truth) => `Lowest: your guess with ${guess}; the run with ${truth}.`,
    place: (value, at, until, off) => `${value} ${until ? `from ${at} to ${until}` : `at ${at}`}${off ? " (off the chart)" : ""}`,
    near: "The two stay within a tenth of the chart’s height of each other.",
    all: "They are more than a tenth of the chart’s height apart at every place that was measured.",
    first: at => `They first part by more than a tenth of the chart’s height at ${at}`,
    begin: "They begin more than a tenth of the chart’s height apart",
    meet: at => `, and come together again at ${at}`, never: " and stay apart to the end.", stop: ".",
    more: (times, at) => (times > 1 ? `; they part ${times} more times, next at ${at}.` : `; they part once more at ${at}.`),
    most: (at, guess, truth) => `The difference is largest at ${at}: you guessed ${guess}, the run gives ${truth}.`,
    off: value => `${value} (off the chart)`,
    value: (at, guess, truth) => `At ${at} you guessed ${guess}; the run gives ${truth}`,
    aboutTruth: truth => `about ${truth}`,
    above: by => `, ${by} more.`, below: by => `, ${by} less.`,
    timesMore: by => `, ${by} times your guess.`, timesLess: by => `; your guess is ${by} times that.`, same: ": the same to these digits.",
  },
  zh: {
    title: "先猜，再运行",
    draw: "画出猜测", drawValue: "标出猜测", resume: "接着画", again: "重新猜",
    skip: "跳过并运行", run: "运行并对照", rerun: "再运行一次", undo: "撤销", clear: "清空",
    cancel: "取消", show: "显示我的猜测",
    help: "在图上拖动即可画线，任何一段都可以重画。",
    helpValue: "上下拖动圆点。",
    keys: "键盘：← → 选位置，↑ ↓ 移动曲线（按住 Shift 步子更大），Enter 运行，Esc 取消。",
    keysValue: "键盘：↑ ↓ 移动圆点（按住 Shift 步子更大），Enter 运行，Esc 取消。",
    surface: label => `你的猜测：${label}`, sketch: "草图",
    knot: (at, value, knot, knots) => `${at}：${value}` + (knots > 1 ? `，第 ${knot} 点，共 ${knots} 点` : ""),
    unset: "未定", printed: value => `；构建时的运行：${value}`,
    empty: "请先画一笔，或者按“取消”再跳过。",
    running: "正在运行你所猜的那一次……", plain: "正在运行……", shown: "这就是所问的那次运行。",
    stopped: "运行没有做完就停下了。你的猜测已保留。", stoppedPlain: "运行没有做完就停下了。",
    failed: "运行出错，无法对照。你的猜测已保留。", failedPlain: "运行出错。",
    moved: "运行途中设置有变，不作对照。你的猜测已保留。",
    left: "你改动了实验，绘制已停止。草图已保留，随时可以接着画。",
    missing: "这次运行里没有所问的那条曲线。",
    axes: "这次运行的坐标轴与你作画时的不同，因此不显示你的猜测。",
    other: "这不是你所猜的那次运行，因此不作对照。",
    guess: "你的猜测", made: setting => `你的猜测（${setting}）`, reference: "构建时的运行（已淡化）",
    and: "，", is: (label, value) => `${label}：${value}`,
    at: (symbol, label, value) => (symbol ? `${symbol}\u00a0=\u00a0${value}` : `${label} ${value}`),
    level: value => `大致持平，在 ${value} 附近`,
    rises: "上升", falls: "下降", throughout: way => `一路${way}`, until: (way, at) => `${way}到 ${at} 处`,
    join: parts => parts.map((part, index) => (index ? (index === parts.length - 1 && index > 1 ? "最后" : "再") : "先") + part).join("，"),
    waves: turns => `转向 ${turns} 次`,
    course: (same, guess, truth) => `走势${same ? "相同" : "不同"}：你的猜测${guess}；运行结果${truth}。`,
    highest: (guess, truth) => `最高处：你的猜测${guess}；运行结果${truth}。`,
    lowest: (guess, truth) => `最低处：你的猜测${guess}；运行结果${truth}。`,
    place: (value, at, until, off) => `在 ${at}${until ? ` 至 ${until}` : ""} 处，为 ${value}${off ? "（超出图框）" : ""}`,
    near: "两条曲线处处相差不到图高的十分之一。",
    all: "在所有测量点上，两者都相差图高的十分之一以上。",
    first: at => `两者在 ${at} 处首次相差超过图高的十分之一`,
    begin: "两者一开始就相差图高的十分之一以上",
    meet: at => `，到 ${at} 处重新靠拢`, never: "，此后一直没有靠拢。", stop: "。",
    more: (times, at) => (times > 1 ? `；之后又分开 ${times} 次，下一次在 ${at} 处。` : `；之后在 ${at} 处又分开一次。`),
    most: (at, guess, truth) => `相差最大的地方在 ${at}：你猜 ${guess}，运行得到 ${truth}。`,
    off: value => `${value}（超出图框）`,
    value: (at, guess, truth) => `在 ${at} 处，你猜 ${guess}，运行得到 ${truth}`,
    aboutTruth: truth => `约 ${truth}`,
    above: by => `，比你猜的多 ${by}。`, below: by => `，比你猜的少 ${by}。`,
    timesMore: by => `，是你猜的 ${by} 倍。`, timesLess: by => `，你猜的是它的 ${by} 倍。`, same: "，到这几位数字为止相同。",
  },
};

// Three significant digits, without zeros that say nothing.
export function digits(value) {
  if (!Number.isFinite(value)) return value > 0 ? "∞" : value < 0 ? "−∞" : "–";
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-4 || size >= 1e6)) {
    const [factor, power] = value.toExponential(2).split("e");
    const raised = Array.from(String(Number(power)), c => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c])).join("");
    return `${Number(factor)}×10${raised}`.replace("-", "−");
  }
  return String(size < 1000 ? Number(value.toPrecision(3)) : Math.round(value)).replace("-", "−");
}

// The points of a series among a panel's marks, named as in the lab's data.
function series(panel, name) {
  for (const mark of panel.marks ?? []) {
    if ((mark.kind === "line" || mark.kind === "points") && mark.name === name) return mark;
    if (mark.kind === "band" && name === `${mark.name}_low`) return { ...mark, y: mark.low };
    if (mark.kind === "band" && name === `${mark.name}_high`) return { ...mark, y: mark.high };
  }
  return null;
}

// What a guess must share with a run to be drawn over it.
const axesOf = ({ panel }) => [panel.x.scale, ...panel.x.range, panel.y.scale, ...panel.y.range];
const alike = (a, b) => Array.isArray(a) && a.length === b.length && a.every((part, index) => part === b[index]);

// The height of a value on the chart, 0 at the foot of the axis and 1 at its head; values beyond have a height, too.
function height(panel, value) {
  const { top, bottom } = panel.plot;
  return (bottom - panel.py(value)) / (bottom - top);
}

const clip = share => Math.min(1, Math.max(0, share));

// The value of a curve through points at an abscissa, straight between them as it is drawn, constant beyond.
function valueAt(panel, x, y, at) {
  const last = x.length - 1;
  if (at <= x[0]) return y[0];
  if (at >= x[last]) return y[last];
  const right = x.findIndex(other => other >= at);
  if (x[right] === at) return y[right];
  const [from, to] = [panel.px(x[right - 1]), panel.px(x[right])];
  const share = (panel.px(at) - from) / (to - from);
  const [low, high] = [panel.py(y[right - 1]), panel.py(y[right])];
  return panel.vy(low + share * (high - low));
}

// The finite points of a series within the axis.
function measured(panel, { x, y }) {
  const [low, high] = panel.x.range;
  const points = [];
  for (let index = 0; index < x.length; index += 1) {
    if (Number.isFinite(y[index]) && x[index] >= low && x[index] <= high) points.push({ x: x[index], y: y[index] });
  }
  return points.sort((a, b) => a.x - b.x);
}

// The ways that a curve goes, one after the other, and where it turns: [{ up, until }]. Beyond the chart's edge it goes
// nowhere, but turns where it is farthest out.
function course(panel, points) {
  const ways = [];
  const level = point => clip(height(panel, point.y));
  const above = (a, b) => level(a) > level(b) || (level(a) === level(b) && a.y > b.y);
  let [low, high] = [points[0], points[0]];
  for (const point of points) {
    const way = ways.at(-1);
    if (way?.up !== false && above(point, high)) high = point;
    if (way?.up !== true && above(low, point)) low = point;
    if (way?.up !== true && level(point) - level(low) > TURN) {
      if (way) way.until = low.x;
      ways.push({ up: true });
      high = point;
    } else if (way?.up !== false && level(high) - level(point) > TURN) {
      if (way) way.until = high.x;
      ways.push({ up: false });
      low = point;
    }
  }
  return ways;
}

// Where a curve is highest (`sign` 1) or lowest (-1): its value and the stretch of abscissas that share it.
function extreme(points, sign) {
  const best = points.reduce((best, point) => (sign * point.y > sign * best.y ? point : best));
  const from = points.indexOf(best);
  let to = from;
  while (to + 1 < points.length && points[to + 1].y === best.y) to += 1;
  const inside = from > 0 && to < points.length - 1;
  return { y: best.y, x: best.x, until: to > from ? points[to].x : undefined, inside };
}

// How a guess and a run's series compare, from their numbers alone.
export function compare(panel, guess, truth) {
  const points = measured(panel, truth);
  if (!points.length) return null;
  const [first, last] = [points[0].x, points.at(-1).x];
  const guessed = at => valueAt(panel, guess.x, guess.y, at);
  // A straight line's extremes are its ends: the guess's own knots within what was measured, and its two ends.
  const inner = guess.x.map((x, index) => ({ x, y: guess.y[index] })).filter(({ x }) => x > first && x < last);
  const sketch = [{ x: first, y: guessed(first) }, ...inner, ...(last > first ? [{ x: last, y: guessed(last) }] : [])];
  const rows = points.map(({ x, y }) => {
    const own = guessed(x);
    // Beyond the chart's edge nobody can draw.
    return { x, y, guess: own, apart: Math.abs(clip(height(panel, y)) - clip(height(panel, own))), off: isOff(panel, y) };
  });
  const most = rows.reduce((most, row) => (row.apart > most.apart ? row : most));
  const stretches = [];
  rows.forEach((row, index) => {
    if (row.apart <= APART) return;
    const open = stretches.at(-1);
    if (open?.last === index - 1) open.last = index;
    else stretches.push({ first: index, last: index });
  });
  return {
    rows, most, stretches,
    guess: { course: course(panel, sketch), highest: extreme(sketch, 1), lowest: extreme(sketch, -1) },
    truth: { course: course(panel, points), highest: extreme(points, 1), lowest: extreme(points, -1) },
  };
}

const isOff = (panel, value) => value < panel.y.range[0] || value > panel.y.range[1];

// How a place on an axis is written: by the symbol that ends the axis' label, if there is one.
export function naming({ label }, say) {
  const symbol = /(?:^|\s)(\p{L}|\p{Lu}{2,})(?:\s=\s[^（(]*)?(?:\s*[（(].*)?$/u.exec(label)?.[1];
  return written => say.at(symbol, label, written);
}

function abscissa(panel, say) {
  const name = naming(panel.x, say);
  return value => name(digits(value));
}

// The sentences about a sketched curve.
function sayCurve(panel, sketch, measurement, say) {
  const found = compare(panel, sketch, measurement);
  if (!found) return null;
  const at = abscissa(panel, say);
  const { rows, most, stretches, guess, truth } = found;
  const mean = ({ highest, lowest }) => digits((highest.y + lowest.y) / 2);
  const ways = curve => {
    const { course } = curve;
    if (!course.length) return say.level(mean(curve));
    if (course.length > 4) return say.waves(course.length - 1);
    const way = ({ up }) => (up ? say.rises : say.falls);
    if (course.length === 1) return say.throughout(way(course[0]));
    return say.join(course.map(part => (part.until === undefined ? way(part) : say.until(way(part), at(part.until)))));
  };
  const place = ({ y, x, until }) =>
    say.place(digits(y), at(x), until === undefined ? "" : at(until), isOff(panel, y));
  const isSame = guess.course.map(({ up }) => up).join() === truth.course.map(({ up }) => up).join();
  const sentences = [say.course(isSame, ways(guess), ways(truth))];
  if (guess.course.length && truth.course.length) {
    sentences.push(say.highest(place(guess.highest), place(truth.highest)));
    if (guess.lowest.inside || truth.lowest.inside) sentences.push(say.lowest(place(guess.lowest), place(truth.lowest)));
  }
  if (!stretches.length) {
    sentences.push(say.near);
  } else if (stretches[0].first === 0 && stretches[0].last === rows.length - 1) {
    sentences.push(say.all);
  } else {
    const [{ first, last }, ...later] = stretches;
    const begin = first === 0 ? say.begin : say.first(at(rows[first].x));
    const end = last === rows.length - 1 ? say.never : say.meet(at(rows[last + 1].x));
    const rest = later.length ? say.more(later.length, at(rows[later[0].first].x)) : last === rows.length - 1 ? "" : say.stop;
    sentences.push(begin + end + rest);
  }
  const shown = most.off ? say.off(digits(most.y)) : digits(most.y);
  if (most.apart > 0) sentences.push(say.most(at(most.x), digits(most.guess), shown));
  return sentences;
}

// The sentence about one guessed value.
function sayValue(panel, guess, truth, say) {
  const points = measured(panel, truth);
  const [at] = guess.x;
  if (!points.length || at < points[0].x || at > points.at(-1).x) return null;
  const real = valueAt(panel, points.map(({ x }) => x), points.map(({ y }) => y), at);
  const isMeasured = points.some(({ x }) => x === at);
  const [mine, theirs] = [digits(guess.y[0]), digits(real)];
  const shown = isOff(panel, real) ? say.off(theirs) : theirs;
  const sentence = say.value(abscissa(panel, say)(at), mine, isMeasured ? shown : say.aboutTruth(shown));
  if (mine === theirs) return [sentence + say.same];
  if (panel.y.scale === "log" && real > 0) {
    const ratio = real / guess.y[0];
    return [sentence + (ratio > 1 ? say.timesMore(digits(ratio)) : say.timesLess(digits(1 / ratio)))];
  }
  const by = digits(Math.abs(real - guess.y[0]));
  return [sentence + (real > guess.y[0] ? say.above(by) : say.below(by))];
}

// A step of 1, 2 or 5 that an axis has about forty of.
const niceStep = ([low, high]) => roundStep((0.999 * (high - low)) / 40);

function button(kind, text) {
  const made = document.createElement("button");
  made.type = "button";
  made.dataset.predict = kind;
  made.textContent = text;
  return made;
}

function element(name, kind, text = "") {
  const made = document.createElement(name);
  made.className = kind;
  made.textContent = text;
  return made;
}

export class Prediction {
  constructor(block, lab) {
    this.block = block;
    this.lab = lab;
    this.say = this.words();
    this.series = block.dataset.curve ?? block.dataset.value ?? block.dataset.region;
    this.at = block.dataset.at === undefined ? null : Number(block.dataset.at);
    this.isValue = block.dataset.value !== undefined;
    this.wanted = block.dataset.set ?? "";
    this.id = progress.place(block.id);
    // A guess about another question under the same name is not this one's.
    this.about = `${this.series}${this.mark()}?${this.wanted}`;
    this.state = "ready";
    this.draft = null;
    this.knot = 0;
    this.history = [];
    // The digest of the run that the question is about, once it was seen.
    this.answer = null;
    this.message = "";
    this.told = "";
    this.isShown = false;
    // Counts what the reader began, so that what was left behind changes nothing.
    this.turn = 0;
    this.build();
    this.recall();
    this.lab.onpaint(() => {
      this.found = undefined;
      this.paint();
    });
    this.lab.onstate(() => this.follow());
    // One sketch at a time on a figure.
    this.lab.figure.addEventListener("predict", event => {
      if (event.target !== this.block && this.state === "drawing") this.cancel();
    });
    progress.subscribe(() => {
      this.recall();
      this.enter(this.state, this.message);
    });
    this.enter("ready");
  }

  // What a kind of question has of its own: its words, what tells its guesses from others, what must be the same in a run
  // for a guess to be shown over it, the places that it has a value at, and what is said of a guess.
  words() {
    return words[this.lab.code];
  }

  mark() {
    return this.isValue ? `@${this.at}` : "";
  }

  axes(found) {
    return axesOf(found);
  }

  places({ panel }) {
    const { left, right } = panel.plot;
    const even = Array.from({ length: KNOTS }, (_, knot) => panel.vx(left + ((right - left) * knot) / (KNOTS - 1)));
    return (this.isValue ? [this.at] : even).map(round);
  }

  judge({ panel, series }, guess) {
    return (this.isValue ? sayValue : sayCurve)(panel, guess, series, this.say);
  }

  pick(panel) {
    return series(panel, this.series);
  }

  build() {
    const { say, block } = this;
    block.prepend(element("p", "predict-title", say.title));
    this.help = element("p", "predict-help", `${this.isValue ? say.helpValue : say.help} `);
    this.help.id = `${block.id}-help`;
    this.help.append(element("span", "predict-keys", this.isValue ? say.keysValue : say.keys));
    const row = element("div", "predict-buttons");
    this.buttons = Object.fromEntries(
      ["draw", "run", "skip", "undo", "clear", "cancel", "show"].map(kind => [kind, button(kind, say[kind])]));
    row.append(...Object.values(this.buttons));
    const acts = {
      draw: () => this.begin(), run: () => this.reveal(), skip: () => this.reveal(), undo: () => this.undo(),
      clear: () => this.clear(), cancel: () => this.cancel(), show: () => this.toggle(),
    };
    row.addEventListener("click", event => {
      const pressed = event.target.closest("[data-predict]");
      if (pressed && pressed.getAttribute("aria-disabled") !== "true") acts[pressed.dataset.predict]();
    });
    this.status = element("div", "predict-words");
    this.status.setAttribute("role", "status");
    block.append(this.help, row, this.status);
    this.legend = element("p", "predict-legend");
    this.legend.hidden = true;
    this.lab.figure.querySelector(".lab-legend")?.after(this.legend);
    addEventListener("scroll", () => this.undock(), { passive: true });
  }

  // The settings of the run that the question is about, as the controls call them.
  setting() {
    const named = Array.from(new URLSearchParams(this.wanted), ([name, value]) => {
      const control = this.lab.figure.querySelector(`[data-control="${name}"]`);
      const label = control?.querySelector("label")?.textContent ?? name;
      const option = Array.from(control?.querySelectorAll("option") ?? []).find(option => option.value === value);
      return this.say.is(label, option?.textContent ?? value);
    });
    return named.join(this.say.and);
  }

  // What the reader guessed on this page before.
  recall() {
    const kept = progress.get("guess", this.id);
    const isNumbers = list => Array.isArray(list) && list.length > 0 && list.every(Number.isFinite);
    const isOurs = kept?.about === this.about && isNumbers(kept.x) && isNumbers(kept.y)
      && kept.x.length === kept.y.length && Array.isArray(kept.axes);
    this.guess = isOurs ? kept : null;
  }

  keep(guess) {
    this.guess = guess;
    progress.set("guess", this.id, guess);
  }

  find() {
    for (const [index, panel] of this.lab.panels().entries()) {
      const found = panel.kind === "chart" && panel.plot ? this.pick(panel) : null;
      if (found) return { index, panel, series: found };
    }
    return null;
  }

  // The same, as it was last painted.
  seen() {
    if (this.found === undefined) this.found = this.find();
    return this.found;
  }

  painted() {
    return new Promise(resolve => {
      const end = this.lab.onpaint(() => {
        end();
        resolve();
      });
    });
  }

  // Shows the buttons and words of a state, and leaves the focus with what goes on.
  enter(state, message = "") {
    const { say, buttons, guess } = this;
    this.state = state;
    this.message = message;
    const isBusy = state === "running";
    const focused = document.activeElement;
    const had = this.block.contains(focused) || focused === this.surface;
    const open = {
      draw: state === "ready" || state === "revealed",
      skip: state === "ready" || (isBusy && !this.isJudging),
      run: state === "drawing" || (isBusy && this.isJudging),
      undo: state === "drawing", clear: state === "drawing", cancel: state === "drawing",
      show: (state === "ready" || state === "revealed") && guess !== null,
    };
    const start = this.isValue ? say.drawValue : say.draw;
    buttons.draw.textContent = this.draft ? say.resume : guess ? say.again : start;
    buttons.skip.textContent = guess ? say.rerun : say.skip;
    buttons.draw.classList.toggle("predict-first", state === "ready" && !guess);
    buttons.run.classList.add("predict-first");
    buttons.show.setAttribute("aria-pressed", this.isShown);
    for (const kind of ["run", "skip"]) buttons[kind].setAttribute("aria-disabled", isBusy);
    this.help.hidden = state !== "drawing";
    if (state !== "drawing") this.unbuild();
    for (const [kind, made] of Object.entries(buttons)) made.hidden = !open[kind];
    this.block.dataset.state = state;
    if (had && (!focused.isConnected || focused.hidden)) {
      const next = state === "drawing" ? this.surface
        : { running: [buttons.run, buttons.skip], revealed: [buttons.show, buttons.draw] }[state]?.find(made => !made.hidden)
          ?? buttons.draw;
      next?.focus({ preventScroll: true });
    }
    this.paint();
  }

  // The lab went on without us, or with us.
  follow() {
    const { state } = this.lab;
    if (this.state === "drawing" && state !== "idle") {
      this.turn += 1;
      this.undock(true);
      this.enter("ready", this.say.left);
      return;
    }
    if (this.state === "revealed" && !this.isAnswer()) this.enter("ready");
    else if (state !== "done") this.paint();
  }

  isAnswer() {
    const { state, digest } = this.lab;
    return state === "done" && Boolean(digest) && (digest === this.answer || digest === this.guess?.run);
  }

  async begin() {
    const turn = (this.turn += 1);
    this.lab.reset();
    await this.painted();
    if (turn !== this.turn) return;
    const found = this.find();
    if (!found) return this.enter("ready", this.say.missing);
    const axes = this.axes(found);
    if (!this.draft || !alike(this.draft.axes, axes)) {
      const places = this.places(found);
      this.draft = { axes, x: places, y: places.map(() => null) };
      this.history = [];
      this.knot = 0;
    }
    // A copy, since the lab may go on while the sketch still needs it.
    this.reference = { x: Array.from(found.series.x), y: Array.from(found.series.y), label: found.series.label };
    this.isShown = false;
    this.buildSurface(found);
    this.block.dataset.docked = "";
    this.block.dispatchEvent(new Event("predict", { bubbles: true }));
    this.enter("drawing");
    this.surface.focus({ preventScroll: true });
    this.paint();
    this.bringPanel(found.panel.element);
  }

  // The chart and what is said of it should both be seen.
  bringPanel(panel) {
    const [chart, block] = [panel.getBoundingClientRect(), this.block.getBoundingClientRect()];
    const bar = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0;
    if (chart.top < bar || chart.bottom > innerHeight - block.height) panel.scrollIntoView({ block: "start" });
  }

  // The block stays at the window's foot while the reader draws, and after that until the page is scrolled.
  undock(isNow = false) {
    if (this.block.dataset.docked === undefined) return;
    if (!isNow && (this.state === "drawing" || this.state === "running")) return;
    this.rest ??= scrollY;
    if (!isNow && Math.abs(scrollY - this.rest) < 120) return;
    delete this.block.dataset.docked;
    this.rest = undefined;
  }

  buildSurface(found) {
    this.unbuild();
    const surface = element("div", "predict-surface");
    const attributes = {
      ...this.semantics(found), tabindex: "0", "aria-describedby": this.help.id,
      "aria-label": this.say.surface(this.reference.label || found.panel.y.label),
    };
    for (const [name, value] of Object.entries(attributes)) if (value !== undefined) surface.setAttribute(name, value);
    this.container = found.panel.element.parentElement;
    this.container.dataset.sketching = "";
    this.faded = found.panel.element;
    this.faded.dataset.faded = "";
    this.container.append(surface);
    this.surface = surface;
    surface.addEventListener("pointerdown", event => this.press(event));
    surface.addEventListener("pointermove", event => this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) surface.addEventListener(end, () => (this.stroke = null));
    surface.addEventListener("keydown", event => this.key(event));
    for (const change of ["focus", "blur"]) surface.addEventListener(change, () => this.paint());
  }

  // What the surface is to those who do not see it.
  semantics({ panel }) {
    return {
      role: "slider", "aria-roledescription": this.isValue ? undefined : this.say.sketch,
      "aria-orientation": "vertical", "aria-valuemin": panel.y.range[0], "aria-valuemax": panel.y.range[1],
    };
  }

  unbuild() {
    this.surface?.remove();
    this.surface = null;
    this.stroke = null;
    if (this.container) delete this.container.dataset.sketching;
    if (this.faded) delete this.faded.dataset.faded;
  }

  remember() {
    this.history.push([...this.draft.y]);
    if (this.history.length > 200) this.history.shift();
    this.lastKey = null;
  }

  undo() {
    if (this.history.length) this.draft.y = this.history.pop();
    this.changed();
  }

  clear() {
    if (this.draft.y.every(value => value === null)) return;
    this.remember();
    this.draft.y.fill(null);
    this.changed();
  }

  changed() {
    this.lastKey = null;
    this.message = "";
    this.paint();
  }

  cancel() {
    this.turn += 1;
    if (this.draft?.y.every(value => value === null)) this.draft = null;
    this.undock(true);
    this.enter("ready");
  }

  // The sketch with every knot: those not set lie between those that are.
  whole() {
    const { x, y } = this.draft;
    const set = y.flatMap((value, knot) => (value === null ? [] : [knot]));
    if (!set.length) return null;
    const { panel } = this.seen();
    const [known, values] = [set.map(knot => x[knot]), set.map(knot => y[knot])];
    return x.map((at, knot) => y[knot] ?? round(valueAt(panel, known, values, at)));
  }

  // What the knot has, or would begin with.
  current() {
    const { panel } = this.seen();
    const whole = this.whole();
    if (whole) return whole[this.knot];
    const printed = this.printedAt(panel, this.draft.x[this.knot]);
    return round(Number.isFinite(printed) ? this.clip(panel, printed) : panel.vy((panel.plot.top + panel.plot.bottom) / 2));
  }

  printedAt(panel, at) {
    const points = measured(panel, this.reference);
    if (!points.length || at < points[0].x || at > points.at(-1).x) return NaN;
    return valueAt(panel, points.map(({ x }) => x), points.map(({ y }) => y), at);
  }

  clip(panel, value) {
    const [low, high] = panel.y.range;
    return Math.min(high, Math.max(low, value));
  }

  put(knot, value) {
    this.draft.y[knot] = value === null ? null : round(value);
  }

  // Where the pointer is: pixels of the plot, and the value there.
  point(panel, event) {
    const box = panel.element.getBoundingClientRect();
    const { left, right, top, bottom } = panel.plot;
    const x = Math.min(right, Math.max(left, event.clientX - box.left));
    const y = Math.min(bottom, Math.max(top, event.clientY - box.top));
    return { x, y };
  }

  nearest(panel, x) {
    const distance = this.draft.x.map(at => Math.abs(panel.px(at) - x));
    return distance.indexOf(Math.min(...distance));
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
    this.knot = this.nearest(panel, this.stroke.x);
    this.put(this.knot, panel.vy(this.stroke.y));
    this.changed();
  }

  drag(event) {
    if (!this.stroke) return;
    const { panel } = this.seen() ?? {};
    if (!panel) return;
    const between = event.getCoalescedEvents?.() ?? [];
    for (const step of between.length ? between : [event]) this.pull(panel, this.point(panel, step));
    this.paint();
  }

  // One straight piece of a stroke: a fast one passes several knots.
  pull(panel, to) {
    const from = this.stroke;
    this.stroke = to;
    if (this.isValue) return this.put(0, panel.vy(to.y));
    const gap = Math.abs(panel.px(this.draft.x[1]) - panel.px(this.draft.x[0]));
    this.draft.x.forEach((at, knot) => {
      const x = panel.px(at);
      if (from.x !== to.x && (x - from.x) * (x - to.x) <= 0) {
        this.put(knot, panel.vy(from.y + ((x - from.x) / (to.x - from.x)) * (to.y - from.y)));
      }
    });
    this.knot = this.nearest(panel, to.x);
    // Up and down beside a knot moves it as well.
    if (Math.abs(panel.px(this.draft.x[this.knot]) - to.x) < gap / 3) this.put(this.knot, panel.vy(to.y));
  }

  key(event) {
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
    const last = this.draft.x.length - 1;
    if ((ctrlKey || metaKey) && key.toLowerCase() === "z") {
      event.preventDefault();
      return this.undo();
    }
    if (ctrlKey || metaKey || altKey) return;
    const move = knot => {
      this.knot = Math.min(last, Math.max(0, knot));
      this.lastKey = null;
      this.paint();
    };
    const acts = {
      ArrowLeft: () => move(this.knot - (shiftKey ? 4 : 1)), ArrowRight: () => move(this.knot + (shiftKey ? 4 : 1)),
      Home: () => move(0), End: () => move(last),
      ArrowUp: () => this.nudge(shiftKey ? 5 : 1), ArrowDown: () => this.nudge(shiftKey ? -5 : -1),
      PageUp: () => this.nudge(5), PageDown: () => this.nudge(-5), " ": () => this.nudge(0),
      Delete: () => this.forget(), Backspace: () => this.forget(),
      Enter: () => this.reveal(), Escape: () => this.cancel(),
    };
    if (!acts[key]) return;
    event.preventDefault();
    event.stopPropagation();
    acts[key]();
  }

  nudge(steps) {
    const { panel } = this.seen() ?? {};
    if (!panel) return;
    const now = this.current();
    // One stroke of undoing for all that is done to a knot in a row.
    if (this.lastKey !== this.knot) this.remember();
    this.lastKey = this.knot;
    let next = now;
    if (panel.y.scale === "linear" && steps) {
      const step = niceStep(panel.y.range);
      const grid = now / step;
      const base = steps > 0 ? Math.floor(grid + 1e-6) : Math.ceil(grid - 1e-6);
      next = (base + steps) * step;
    } else if (steps) {
      const { top, bottom } = panel.plot;
      next = panel.vy(panel.py(now) - (steps * (bottom - top)) / 40);
    }
    this.put(this.knot, this.clip(panel, next));
    this.message = "";
    this.paint();
  }

  forget() {
    if (this.draft.y[this.knot] === null) return;
    this.remember();
    this.put(this.knot, null);
    this.changed();
  }

  // Runs what the question is about, from the printed run with its settings, and compares if there is a new guess.
  async reveal() {
    const { lab, say } = this;
    if (this.state === "running") return;
    this.isJudging = this.state === "drawing";
    if (this.isJudging) {
      const whole = this.whole();
      if (!whole) {
        this.message = say.empty;
        this.paint();
        return;
      }
      const { x, axes } = this.draft;
      this.state = "running";
      this.keep({ about: this.about, x, y: whole, axes });
      this.draft = null;
      this.isShown = true;
    }
    const turn = (this.turn += 1);
    this.isShown ||= this.guess !== null;
    this.enter("running", this.guess ? say.running : say.plain);
    const end = await this.runToEnd();
    if (turn !== this.turn) return;
    if (end !== "done") {
      this.undock(true);
      const plain = this.guess ? end : `${end}Plain`;
      return this.enter("ready", end in say ? say[plain] ?? say[end] : end);
    }
    if (!this.find()) return this.enter("ready", say.missing);
    this.answer = lab.digest;
    if (this.guess) this.keep({ ...this.guess, run: lab.digest });
    this.rest = undefined;
    this.enter("revealed");
  }

  // "done", a word for what went wrong, or a sentence from the lab.
  async runToEnd() {
    const { lab } = this;
    lab.reset();
    const refused = lab.set(this.wanted);
    if (refused.length) return refused.join(" ");
    const asked = JSON.stringify(lab.settings());
    const state = await lab.settled();
    if (state === "error") return "failed";
    if (state !== "done") return "stopped";
    // The numbers are those of the frame that is painted next.
    await this.painted();
    return JSON.stringify(lab.settings()) === asked && lab.state === "done" ? "done" : "moved";
  }

  toggle() {
    this.isShown = !this.isShown;
    this.message = "";
    this.buttons.show.setAttribute("aria-pressed", this.isShown);
    this.paint();
  }

  // Says something once, in one or several sentences.
  tell(sentences) {
    const told = sentences.join("\n");
    if (told === this.told) return;
    this.told = told;
    this.status.replaceChildren(...sentences.map(sentence => element("p", "", sentence)));
  }

  paint() {
    // The run that was asked about is shown again, or a run of the reader's own came to the same.
    if (this.state === "ready" && this.isAnswer()) return this.enter("revealed");
    this.group?.replaceChildren();
    const guess = this.state === "drawing" ? this.draft : this.isShown ? this.guess : null;
    const found = guess && this.seen();
    const fits = found && guess && alike(guess.axes, this.axes(found));
    this.legend.hidden = !fits;
    if (fits) this.drawOver(found, guess);
    this.tell(this.sentences(found, guess, fits));
  }

  sentences(found, guess, fits) {
    const { say, state } = this;
    if (this.message || state === "drawing" || state === "running") return this.message ? [this.message] : [];
    if (!this.guess) return this.isAnswer() ? [say.shown] : [];
    if (!guess) return [];
    if (found && !fits) return [say.axes];
    if (!found) return [say.missing];
    if (!this.isAnswer()) return this.lab.state === "done" ? [say.other] : [];
    return this.judge(found, guess) ?? [say.missing];
  }

  // Draws a guess, or what there is of it, and its entry in the legend.
  drawOver(found, guess) {
    const { say } = this;
    const isDrawing = this.state === "drawing";
    const group = (this.group = this.lab.layer(found.index, `guess-${this.block.id}`));
    group.setAttribute("class", `predict-drawing${isDrawing || this.state === "running" || this.isAnswer() ? "" : " predict-other"}`);
    group.replaceChildren(...this.drawing(found, guess, isDrawing));
    const key = shape("svg", { viewBox: "0 0 40 12", "aria-hidden": "true" });
    key.append(...this.sign());
    const entry = element("span", "", isDrawing ? say.guess : say.made(this.setting()));
    const rest = isDrawing ? [element("span", "predict-faded", say.reference)] : [];
    this.legend.replaceChildren(key, entry, ...rest);
  }

  // What stands for a guess in the legend.
  sign() {
    const dot = shape("circle", { cx: 20, cy: 6, r: this.isValue ? 5 : 2.6 });
    return this.isValue ? [dot] : [shape("path", { class: "predict-line", d: "M0 6H40" }), dot];
  }

  drawing({ panel }, guess, isDrawing) {
    const y = isDrawing ? this.whole() : guess.y;
    const parts = [];
    if (isDrawing) {
      this.layOut(panel);
      const { x, y: printed } = this.reference;
      parts.push(shape("path", { class: "predict-reference", d: trace(panel, x, printed.map(value => this.clip(panel, value))) }));
      parts.push(...this.cursor(panel));
    }
    if (y) {
      const line = trace(panel, guess.x, y);
      parts.push(shape("path", { class: "predict-halo", d: line }), shape("path", { class: "predict-line", d: line }));
      guess.x.forEach((at, knot) => {
        if (guess.y[knot] === null) return;
        parts.push(shape("circle", { cx: panel.px(at), cy: panel.py(y[knot]), r: this.isValue ? 6 : 2.6 }));
      });
      const last = guess.x.length - 1;
      const across = this.isValue ? panel.px(guess.x[0]) + 11 : panel.px(guess.x[last]) - 4;
      const isLeft = this.isValue && across < (panel.plot.left + panel.plot.right) / 2;
      const down = Math.max(panel.plot.top + 12, panel.py(y[last]) - 9);
      const name = shape("text", {
        x: this.isValue && !isLeft ? across - 22 : across, y: this.isValue ? panel.py(y[0]) + 4 : down,
        "text-anchor": isLeft ? "start" : "end",
      });
      name.textContent = this.say.guess;
      parts.push(name);
    }
    return parts;
  }

  // The surface lies over the plot, and a little beyond its edges.
  layOut(panel) {
    const { left, right, top, bottom } = panel.plot;
    const { offsetLeft, offsetTop } = panel.element;
    const margin = 12;
    Object.assign(this.surface.style, {
      left: `${offsetLeft + left - margin}px`, top: `${offsetTop + top - margin}px`,
      width: `${right - left + 2 * margin}px`, height: `${bottom - top + 2 * margin}px`,
    });
    const { say } = this;
    const at = this.draft.x[this.knot];
    const value = this.current();
    const isSet = this.whole() !== null;
    const printed = this.printedAt(panel, at);
    const text = say.knot(abscissa(panel, say)(at), isSet ? digits(value) : say.unset, this.knot + 1, this.draft.x.length)
      + (Number.isFinite(printed) ? say.printed(digits(printed)) : "");
    this.surface.setAttribute("aria-valuenow", value);
    this.surface.setAttribute("aria-valuetext", text);
  }

  // Where the next key acts, with its value.
  cursor(panel) {
    if (document.activeElement !== this.surface) return [];
    const value = this.current();
    const [x, y] = [panel.px(this.draft.x[this.knot]), panel.py(value)];
    const { left, right, top, bottom } = panel.plot;
    const isRight = x > (left + right) / 2;
    const text = shape("text", { x: isRight ? x - 9 : x + 9, y: top + 12, "text-anchor": isRight ? "end" : "start" });
    text.textContent = this.say.knot(abscissa(panel, this.say)(this.draft.x[this.knot]), digits(value), 1, 1);
    return [
      shape("path", { class: "predict-hair", d: `M${x} ${top}V${bottom}` }),
      shape("circle", { class: "predict-ring", cx: x, cy: y, r: 7 }),
      text,
    ];
  }
}

// Few digits, so that little is kept and words after a reload are the same.
function round(value) {
  return Number(value.toPrecision(4));
}

// Brings every prompt for a curve or a value to life with its lab.
export function start() {
  attend(".predict[id]:not([data-region])", Prediction);
}

// Brings the prompts of a kind to life.
export function attend(prompts, Kind) {
  for (const block of document.querySelectorAll(prompts)) {
    const figure = block.closest("figure[data-lab]");
    if (figure) live(figure).then(lab => new Kind(block, lab));
  }
}
