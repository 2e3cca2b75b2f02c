// What a figure shows without sight: its numbers as tables, and its summary told when a run has ended.
import { live } from "./plot.js";
import { make } from "./parts.js";

const words = {
  en: {
    data: "Data as a table",
    caption: (title, label) => (title ? `${title}: ${label}` : label),
    part: (index, count) => ` (${index} of ${count})`,
    value: "value",
    spread: (label, end) => `${label}, ${end}`,
    ends: ["low", "high"],
    constant: (label, value) => `${label}: ${value} throughout.`,
    threshold: (label, axis, value) => `${label} where ${axis} is ${value}.`,
    none: "not measured",
    unknown: "Nothing has been measured yet.",
    copy: "Copy as tab-separated values",
    copied: "Copied",
    failed: "The browser does not let this page copy. Select the text:",
  },
  zh: {
    data: "数据表",
    caption: (title, label) => (title ? `${title}：${label}` : label),
    part: (index, count) => `（${index}/${count}）`,
    value: "值",
    spread: (label, end) => `${label}，${end}`,
    ends: ["下端", "上端"],
    constant: (label, value) => `${label}：恒为 ${value}。`,
    threshold: (label, axis, value) => `${label}：${axis} 为 ${value} 处。`,
    none: "未测量",
    unknown: "尚无测量结果。",
    copy: "复制（制表符分隔）",
    copied: "已复制",
    failed: "浏览器不允许本页复制，请选中以下文字：",
  },
};

// Runs follow one another while a slider moves; only the last one is told.
const REST = 900;

const raised = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

// A number with four digits; whole ones keep up to five.
export function brief(value) {
  if (Number.isNaN(value)) return "—";
  const sign = value < 0 ? "−" : "";
  const size = Math.abs(value);
  if (size === Infinity) return `${sign}∞`;
  if (size === 0 || (Number.isInteger(size) && size < 1e5)) return sign + size;
  const [mantissa, exponent] = size.toExponential(3).split("e");
  const power = Number(exponent);
  if (power >= -3 && power < 5) return sign + Number(size.toPrecision(4));
  const digits = Array.from(String(power), digit => raised[digit]).join("");
  return `${sign}${Number(mantissa)}×10${digits}`;
}

// What a mark is called in its panel: spreads of several curves, which have one label in the legend, also by the curve.
function nameIn({ marks }, { kind, name, label }, caption) {
  const isShared = marks.filter(other => other.kind === kind && other.label === label).length > 1;
  const curve = isShared && kind === "band" && marks.find(other => other.kind === "line" && other.name === name);
  return curve ? caption(curve.label || name, label) : label || name;
}

// The columns of a mark: a heading, and a value for each abscissa.
function columns(panel, mark, { caption, spread, ends }) {
  const label = nameIn(panel, mark, caption);
  if (mark.kind !== "band") return [{ label, values: mark.y }];
  // A part of a stack stands for its height.
  if (mark.filled) return [{ label, values: mark.high.map((high, index) => high - mark.low[index]) }];
  return [mark.low, mark.high].map((values, index) => ({ label: spread(label, ends[index]), values }));
}

const isSame = (one, other) => one.length === other.length && one.every((value, index) => value === other[index]);
const isKnown = ({ values }) => values.some(value => !Number.isNaN(value));

// What stands in the tables of a panel: for each set of abscissas the columns that have it, and remarks.
export function digest(panel, say) {
  const { caption, part, constant, threshold } = say;
  const tables = [];
  const remarks = [];
  for (const mark of panel.marks) {
    if (mark.kind === "threshold") remarks.push(threshold(mark.label, panel.x.label, brief(mark.x)));
    if (mark.kind === "heat_map") {
      const cells = Array.from(mark.y, (y, row) => mark.values.subarray(row * mark.x.length, (row + 1) * mark.x.length));
      const head = Array.from(mark.x, (x, column) => ({ label: brief(x), values: cells.map(row => row[column]) }));
      const axes = `${panel.y.label} × ${panel.x.label}`;
      tables.push({ caption: caption(mark.label || panel.title, axes), axis: panel.y.label, x: mark.y, columns: head });
    }
    if (!mark.x?.length || !mark.y && !mark.low || mark.kind === "heat_map" || !(mark.name || mark.label)) continue;
    // A straight line for reference is one number.
    if (!mark.name && mark.y?.every(value => value === mark.y[0])) {
      remarks.push(constant(mark.label, brief(mark.y[0])));
      continue;
    }
    const known = columns(panel, mark, say).filter(isKnown);
    const table = tables.find(({ kind, x }) => kind === "series" && isSame(x, mark.x));
    if (table) table.columns.push(...known);
    else if (known.length) tables.push({ kind: "series", axis: panel.x.label, x: mark.x, columns: known });
  }
  const series = tables.filter(({ kind }) => kind === "series");
  series.forEach((table, index) => {
    const title = caption(panel.title, panel.y.label);
    table.caption = series.length > 1 ? title + part(index + 1, series.length) : title;
  });
  return { tables, remarks };
}

// All digits, columns by tabs, for a spreadsheet.
export function separated({ axis, x, columns: all }) {
  const plain = text => text.replace(/\s+/g, " ");
  const head = [axis, ...all.map(({ label }) => label)].map(plain);
  const rows = Array.from(x, (value, row) => [value, ...all.map(({ values }) => values[row])]);
  return [head, ...rows].map(cells => cells.join("\t")).join("\n");
}

function build(table, id, say) {
  const cell = value => {
    const shown = brief(value);
    const made = make("td", { "data-value": value }, shown);
    if (Number.isNaN(value)) made.title = say.none;
    else if (shown !== String(value)) made.title = value;
    return made;
  };
  const head = (text, scope) => make("th", { scope }, text);
  const rows = Array.from(table.x, (x, row) => {
    const first = head(brief(x), "row");
    first.dataset.value = x;
    return make("tr", {}, first, ...table.columns.map(({ values }) => cell(values[row])));
  });
  const heads = [table.axis, ...table.columns.map(({ label }) => label)].map(text => head(text, "col"));
  const caption = make("caption", { id }, table.caption);
  const whole = make("table", {}, caption, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows));
  const scroll = make("div", { class: "lab-data-table", role: "group", "aria-labelledby": id, tabindex: "0" }, whole);
  const copy = make("button", { type: "button" }, say.copy);
  copy.setAttribute("aria-describedby", id);
  const answer = make("span", { role: "status" });
  copy.addEventListener("click", async () => {
    const text = separated(table);
    try {
      await navigator.clipboard.writeText(text);
      answer.textContent = say.copied;
    } catch {
      const field = make("textarea", { readonly: "", rows: "4", "aria-label": say.copy });
      field.value = text;
      answer.replaceChildren(say.failed, field);
      field.select();
    }
  });
  return [scroll, make("p", { class: "lab-data-copy" }, copy, answer)];
}

class Data {
  constructor(lab) {
    this.lab = lab;
    this.words = words[lab.code];
    const summary = lab.figure.querySelector(".lab-words");
    this.body = make("div");
    this.details = make("details", { class: "lab-data" }, make("summary", {}, this.words.data), this.body);
    summary.after(this.details);
    this.details.addEventListener("toggle", () => this.fill());
    // The picture is painted after the state has changed.
    lab.onpaint(() => {
      if (lab.state !== "running") this.fill();
    });
    this.tell(summary.querySelector("p"));
  }

  // The summary describes the figure, and is told once a run that the reader asked for has come to rest.
  tell(text) {
    const { figure } = this.lab;
    text.id ||= `${figure.id}-words`;
    figure.setAttribute("aria-describedby", text.id);
    const voice = make("p", { class: "visually-hidden lab-voice", role: "status" });
    figure.append(voice);
    let waiting;
    let isAsked = this.lab.state !== "idle";
    this.lab.onstate(state => {
      clearTimeout(waiting);
      if (state === "running") isAsked = true;
      if (state === "running" || state === "idle") voice.textContent = "";
      // Runs of a survey over seeds are not the reader's.
      if (state !== "done" || !isAsked || "surveying" in this.lab.figure.dataset) return;
      waiting = setTimeout(() => {
        isAsked = false;
        voice.textContent = text.textContent;
      }, REST);
    });
  }

  fill() {
    const { details, body, lab, words: say } = this;
    const filled = lab.digest && `${lab.digest} ${lab.state}`;
    if (!details.open || (filled && filled === this.filled)) return;
    this.filled = filled;
    // A reader in the middle of a table stays there.
    const regions = () => Array.from(body.querySelectorAll(".lab-data-table"));
    const kept = regions().map(region => [region.scrollTop, region.scrollLeft, region === document.activeElement]);
    const parts = lab.panels().flatMap((panel, index) => this.panel(panel, index));
    body.replaceChildren(...(parts.length ? parts : [make("p", {}, say.unknown)]));
    regions().forEach((region, index) => {
      const [top, left, isFocused] = kept[index] ?? [];
      region.scrollTo(left, top);
      if (isFocused) region.focus({ preventScroll: true });
    });
  }

  panel(panel, index) {
    if (panel.kind === "images") {
      const items = (panel.captions ?? []).map(text => make("li", {}, text));
      return items.length ? [make("p", { class: "lab-data-title" }, panel.title), make("ul", {}, ...items)] : [];
    }
    const { tables, remarks } = digest(panel, this.words);
    const id = number => `${this.lab.figure.id}-data-${index}-${number}`;
    const built = tables.flatMap((table, number) => build(table, id(number), this.words));
    return remarks.length && built.length ? [...built, make("p", {}, remarks.join(" "))] : built;
  }
}

export function start() {
  for (const figure of document.querySelectorAll("figure.lab[data-lab]")) live(figure).then(lab => new Data(lab));
}
