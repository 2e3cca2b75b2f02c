// Brings the printed exercises to life: checks an answer, responds to it, and remembers what is done. What it responds
// is printed in each exercise's folded answer; here are only the words around it.
import * as progress from "./progress.js";

const words = {
  en: {
    right: "Right. ", wrong: "Wrong. ", nothing: "Choose an option first.", empty: "Type a number first.",
    unread: text => `“${text}” is not a number that can be read here. Write it like 0.33, 1/3, 33% or 3.3e-1.`,
    more: "So far so good, but something right is still missing.", large: "Too large.", small: "Too small.",
    mark: "Mark as done", done: "✓ Done",
  },
  zh: {
    right: "对。", wrong: "不对。", nothing: "请先选一项。", empty: "请先填一个数。",
    unread: text => `“${text}”读不成一个数。请写成 0.33、1/3、33% 或 3.3e-1 的样子。`,
    more: "选中的都对，但还漏了正确的选项。", large: "太大了。", small: "太小了。",
    mark: "标为已完成", done: "✓ 已完成",
  },
};

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

// A number as readers write it: decimals, fractions, per cent, powers of ten, with the digits and signs of either
// keyboard. Returns the number and whether it is in per cent, or null.
export function parse(text) {
  const plain = text
    .replace(/[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, power =>
      "^" + Array.from(power, c => (c === "⁻" ? "-" : c === "⁺" ? "" : superscripts.indexOf(c))).join(""))
    .normalize("NFKC")
    .replace(/\s/g, "")
    .replace(/[−–—]/g, "-")
    .replace(/[。．]/g, ".")
    .replace(/[、,，]/g, ",")
    .replace(/^[≈~=约]+/, "")
    .replace(/\.$/, "")
    .replace(/[x×*·]10\^?\(?([+-]?\d+)\)?/i, "e$1")
    .replace(/^([+-]?)10\^\(?([+-]?\d+)\)?/, "$11e$2")
    .replace(/^([+-]?[1-9]\d{0,2})((?:,\d{3})+)(?=\.|$)/, (_, first, rest) => first + rest.replaceAll(",", ""))
    .replace(",", ".");
  const number = "[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?\\d+)?";
  const found = new RegExp(`^(${number})(?:/(${number}))?(%?)$`, "i").exec(plain);
  if (!found) return null;
  const value = Number(found[1]) / (found[2] === undefined ? 1 : Number(found[2]));
  return Number.isFinite(value) ? { value, percent: found[3] === "%" } : null;
}

// A copy of what is printed, without the ids that stay with the original.
function copy(element) {
  const twin = element.cloneNode(true);
  for (const part of twin.querySelectorAll("[id]")) part.removeAttribute("id");
  return Array.from(twin.childNodes);
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function checkChoices(form, answer, say) {
  const inputs = Array.from(form.querySelectorAll("li input"));
  const items = Array.from(answer.querySelectorAll(":scope > ol > li"));
  const chosen = inputs.flatMap((input, index) => (input.checked ? [index] : []));
  if (!chosen.length) return { message: [say.nothing] };
  const isRight = index => "right" in items[index].dataset;
  const clean = chosen.every(isRight);
  const whole = items.every((_, index) => !isRight(index) || inputs[index].checked);
  const responses = chosen.map(index => {
    const line = document.createElement("div");
    // Where several may be chosen, the response says to which it belongs.
    if (inputs[index].type === "checkbox") line.append(`${String.fromCharCode(65 + index)} · `);
    line.append(...copy(items[index]));
    return line;
  });
  if (clean && !whole) responses.push(element("div", say.more));
  return { right: clean && whole, message: responses };
}

function checkNumber(form, answer, say) {
  const text = form.querySelector("input").value.trim();
  if (!text) return { message: [say.empty] };
  const read = parse(text);
  if (!read) return { message: [say.unread(text)] };
  const result = answer.querySelector(":scope > p");
  const right = Number(result.querySelector("data").value);
  const tolerance = Number(answer.dataset.tolerance);
  // Behind the field stands a per cent sign, and some will write one, some a share and some neither.
  const inPercent = form.querySelector("label").textContent.trim().endsWith("%");
  const meant = read.percent ? [read.value / 100] : inPercent ? [read.value / 100, read.value] : [read.value];
  const near = number => meant.some(value => Math.abs(value - number) <= tolerance * (1 + 1e-9));
  if (near(right)) return { right: true, message: [element("strong", say.right), ...copy(result)] };
  const numberOf = item => Number(item.querySelector("data").value);
  const [closest] = meant.sort((a, b) => Math.abs(a - right) - Math.abs(b - right));
  const known = Array.from(answer.querySelectorAll("li")).filter(item => near(numberOf(item)))
    .sort((a, b) => Math.abs(closest - numberOf(a)) - Math.abs(closest - numberOf(b)));
  const why = known.length ? copy(known[0]) : [closest > right ? say.large : say.small];
  return { right: false, message: [element("strong", say.wrong), ...why] };
}

function bringToLife(exercise) {
  const say = words[exercise.closest("[lang]")?.lang.startsWith("zh") ? "zh" : "en"];
  const id = progress.place(exercise.id);
  const isDone = () => progress.get("exercise", id) === true;
  const label = exercise.querySelector(".label");
  const sign = element("span", "");
  sign.className = "done";
  label?.append(sign);
  const form = exercise.querySelector("form.check");
  const solution = exercise.querySelector("details.solution");
  const mark = !form && solution ? element("button", say.mark) : null;
  const show = () => {
    sign.textContent = isDone() ? ` ${say.done}` : "";
    exercise.toggleAttribute("data-done", isDone());
    mark?.setAttribute("aria-pressed", isDone());
  };
  if (form) {
    const answer = form.querySelector(".answer");
    const verdict = element("div", "");
    verdict.setAttribute("role", "status");
    answer.before(verdict);
    form.addEventListener("submit", event => {
      event.preventDefault();
      const { right, message } = (form.querySelector("fieldset") ? checkChoices : checkNumber)(form, answer, say);
      verdict.className = right === undefined ? "" : right ? "right" : "wrong";
      verdict.replaceChildren(...message);
      if (right) progress.set("exercise", id, true);
    });
    form.querySelector("button").disabled = false;
  } else if (mark) {
    mark.type = "button";
    mark.addEventListener("click", () => progress.set("exercise", id, isDone() ? undefined : true));
    solution.append(mark);
  }
  progress.subscribe(show);
  show();
}

// Brings every exercise of the page to life.
export function start() {
  for (const exercise of document.querySelectorAll(".exercise[id]")) bringToLife(exercise);
}
