// Lets the labs judge challenges: while one is taken up, every run of its lab that ends is held against the goal, over
// as many seeds as the challenge asks for.
import { bring, isSame, nameOf, results, valueOf } from "./plot.js";
import * as progress from "./progress.js";

const words = {
  en: {
    comma: ", ", stop: ".",
    judged: seeds => `Judged over ${seeds} seeds.`,
    spare: seeds => `Judged over ${seeds} seeds: the mean has to hold with two standard errors to spare.`,
    fixed: list => `Fixed: ${list}.`,
    start: "Try it", end: "Stop", text: "Back to the challenge", lab: "To the lab", restore: "Set back",
    reset: "Back to the printed run", close: "Keep these settings",
    loading: "The lab is loading.", running: "The lab is running. It judges when it is done.",
    failure: "The run stopped with an error, so there is nothing to judge.",
    set: list => `Set: ${list}. `,
    moved: list => `You changed ${list}, which this challenge fixes. `,
    few: (have, need) =>
      `It holds over ${have} ${have === "1" ? "seed" : "seeds"}, but is judged over ${need}: the lab runs again with ${need}. `,
    over: seeds => ` over ${seeds} ${seeds === "1" ? "seed" : "seeds"}`,
    not: "Not yet. ", pass: seeds => `Passed${seeds}.`,
    met: "met", needs: goal => `needs ${goal}`, exactly: number => `needs exactly ${number}`,
    luck: (side, number) => `the mean is ${side} ${number}, but by less than two standard errors: that may be luck`,
    "<": "below", ">": "above", diverged: "not a finite number: such a run does not count",
    done: " ✓ Done",
  },
  zh: {
    comma: "，", stop: "。",
    judged: seeds => `以 ${seeds} 个种子评判。`,
    spare: seeds => `以 ${seeds} 个种子评判：均值须留出两个标准误差的余量。`,
    fixed: list => `固定不变：${list}。`,
    start: "开始", end: "结束", text: "回到挑战", lab: "到实验处", restore: "改回来",
    reset: "回到构建时的结果", close: "保留这些设置",
    loading: "实验正在载入。", running: "实验正在运行，完成后随即评判。",
    failure: "这次运行因错误而停止，无从评判。",
    set: list => `已设为：${list}。`,
    moved: list => `你改动了${list}，而这项挑战规定它不变。`,
    few: (have, need) => `在 ${have} 个种子上已达到，但须以 ${need} 个种子评判：实验以 ${need} 个种子重新运行。`,
    over: seeds => `（${seeds} 个种子）`,
    not: "还没有达到。", pass: seeds => `通过${seeds}。`,
    met: "已达到", needs: goal => `须 ${goal}`, exactly: number => `须恰为 ${number}`,
    luck: (side, number) => `均值${side} ${number}，但相差不到两个标准误差：可能只是运气`,
    "<": "低于", ">": "高于", diverged: "不是有限的数：这样的运行不算",
    done: " ✓ 已完成",
  },
};

const write = number => String(number).replace("-", "−");

// How a run stands to each condition: met, luck (the mean is right, but not by two standard errors), off, or diverged.
export function judge(goal, outputs) {
  return goal.map(([name, sign, number]) => {
    const value = outputs[name] ?? NaN;
    // An output that no chance enters has no error.
    const spare = 2 * (outputs[`${name}_standard_error`] ?? 0);
    if (!Number.isFinite(value)) return "diverged";
    if (sign === "=") return value === number ? "met" : "off";
    const ahead = sign === "<" ? number - value : value - number;
    if (ahead <= 0) return "off";
    return (sign === "<" ? value + spare < number : value - spare > number) ? "met" : "luck";
  });
}

function element(name, className, ...content) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

function button(className, text, act) {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

// The challenge that each figure's runs are held against.
const taken = new Map();

class Challenge {
  constructor(section, figure) {
    this.section = section;
    this.figure = figure;
    this.say = words[section.closest("[lang]")?.lang.startsWith("zh") ? "zh" : "en"];
    this.goal = JSON.parse(section.dataset.goal);
    this.keep = Object.fromEntries(new URLSearchParams(section.dataset.keep ?? ""));
    this.seeds = section.dataset.seeds;
    this.id = progress.place(section.id);
    this.label = section.querySelector(".label");
    this.title = this.label?.textContent.trim() ?? "";
    this.note = "";
    this.build();
    progress.subscribe(() => this.mark());
    this.mark();
  }

  get isTaken() {
    return taken.get(this.figure) === this;
  }

  condition([name, sign, number]) {
    const { label, unit } = results(this.figure).find(row => row.name === name) ?? { label: name, unit: "" };
    return `${label} ${sign} ${write(number)}${unit && ` ${unit}`}`;
  }

  setting([name, value]) {
    return `${nameOf(this.figure, name)} = ${valueOf(this.figure, name, value)}`;
  }

  list(settings) {
    return Object.entries(settings).map(pair => this.setting(pair)).join(this.say.comma);
  }

  build() {
    const { say, section } = this;
    this.lines = this.goal.map(condition => {
      const found = element("span", "found");
      return { item: element("li", "", element("span", "what", this.condition(condition)), found), found };
    });
    const isStrict = this.goal.some(([, sign]) => sign !== "=");
    const rules = [(isStrict ? say.spare : say.judged)(this.seeds)];
    if (Object.keys(this.keep).length) rules.unshift(say.fixed(this.list(this.keep)));
    this.verdict = element("p", "verdict");
    this.toggle = button("", say.start, () => (this.isTaken ? this.drop() : this.take()));
    this.link = element("a", "to-lab", say.lab);
    this.link.href = `#${this.figure.id}`;
    this.link.hidden = true;
    const panel = element(
      "div", "trial",
      element("ul", "goal", ...this.lines.map(line => line.item)),
      element("p", "rules", rules.join(say.stop === "." ? " " : "")),
      this.verdict,
      element("p", "actions", this.toggle, this.link),
    );
    const solution = section.querySelector("details.solution");
    if (solution) solution.before(panel);
    else section.append(panel);
    section.dataset.verdict = "";
    this.sign = element("span", "done");
    this.label?.append(this.sign);
  }

  // What stands in the figure while the challenge is taken up, below the controls: what changes in it moves none of them.
  buildStrip() {
    const { say } = this;
    this.strip = element("div", "lab-challenge");
    this.strip.tabIndex = -1;
    this.strip.setAttribute("role", "group");
    this.strip.setAttribute("aria-label", this.title);
    this.status = element("div", "status");
    this.status.setAttribute("role", "status");
    // Only what is new is said.
    this.status.setAttribute("aria-atomic", "false");
    this.line = element("p", "");
    this.found = element("ul", "");
    this.status.append(this.line, this.found);
    this.actions = element("p", "actions");
    this.strip.append(element("p", "name", this.title), this.status, this.actions);
    this.offer("stand");
    this.figure.querySelector(".lab-controls").after(this.strip);
  }

  // The buttons of the strip. Those that fit already stay, and keep the focus.
  offer(kind) {
    if (this.actions.dataset.kind === kind) return;
    const { say } = this;
    const [text, end] = [[say.text, () => this.goToText()], [say.end, () => this.drop()]];
    const actions = {
      stand: [text, end],
      back: [[say.restore, () => this.restore()], text, end],
      passed: [[say.close, () => this.close()], [say.reset, () => { this.close(); this.lab.reset(); }], text],
    };
    this.actions.dataset.kind = kind;
    this.actions.replaceChildren(...actions[kind].map(([text, act]) => button("lab-button", text, act)));
  }

  restore() {
    this.strip.focus({ preventScroll: true });
    this.setUp();
  }

  close() {
    this.focusFigure();
    this.strip?.remove();
    this.strip = null;
  }

  mark() {
    const isDone = progress.get("challenge", this.id) === true;
    this.sign.textContent = isDone ? this.say.done : "";
    this.section.toggleAttribute("data-done", isDone);
  }

  async take() {
    const { figure, say } = this;
    taken.get(figure)?.drop();
    // What another challenge, passed by now, has left in the figure.
    figure.querySelector(".lab-challenge")?.remove();
    this.strip = null;
    taken.set(figure, this);
    this.toggle.textContent = say.end;
    this.link.hidden = false;
    this.show("judging", say.loading);
    const lab = await bring(figure);
    // Meanwhile the reader may have stopped, or begun another one.
    if (!this.isTaken || this.strip) return;
    this.lab = lab;
    this.buildStrip();
    this.release = lab.onstate(() => this.look());
    // The lab is asked once what it shows, however often it says that it is done.
    this.seen = "";
    this.setUp();
    this.strip.focus({ preventScroll: true });
    this.strip.scrollIntoView({ block: "end" });
  }

  // Sets what the challenge fixes, and runs if that is not what is shown.
  setUp() {
    const asked = { ...this.keep };
    if ("seeds" in this.lab.settings()) asked.seeds = this.seeds;
    this.note = this.say.set(this.list(asked)) + this.lab.turn(asked).join(" ");
    this.look();
  }

  look() {
    const { lab, say } = this;
    // Another tool runs the lab with settings of its own, and puts them back.
    if (this.figure.hasAttribute("data-surveying")) return;
    if (lab.state === "running" || lab.state === "paused") {
      this.seen = "";
      return this.show("judging", this.note + say.running);
    }
    if (lab.state === "error") return this.show("fail", this.note + say.failure);
    const seen = JSON.stringify([lab.digest, lab.shown()]);
    if (seen === this.seen) return;
    this.seen = seen;
    this.decide();
  }

  decide() {
    const { lab, say, keep, goal } = this;
    const settings = lab.shown();
    const moved = Object.keys(keep).filter(name => !isSame(settings[name], keep[name]));
    const standings = judge(goal, lab.outputs());
    const isFew = "seeds" in settings && Number(settings.seeds) < Number(this.seeds);
    const over = "seeds" in settings ? say.over(settings.seeds) : "";
    const note = this.note;
    this.note = "";
    if (moved.length) {
      const names = moved.map(name => nameOf(this.figure, name)).join(say.comma);
      this.show("fail", note + say.not + say.moved(names), standings, over, "back");
    } else if (isFew && standings.every(standing => standing === "met" || standing === "luck")) {
      this.note = say.few(settings.seeds, this.seeds) + lab.set({ seeds: this.seeds }).join(" ");
      this.show("judging", this.note, standings, over);
    } else if (standings.every(standing => standing === "met")) {
      this.pass(over, standings);
    } else {
      this.show("fail", note + say.not, standings, over);
    }
  }

  // Says a verdict, in the figure and at the challenge.
  show(verdict, line, standings, over = "", actions = "stand") {
    const { say } = this;
    this.section.dataset.verdict = verdict;
    this.verdict.textContent = line;
    const rows = results(this.figure);
    const said = standings?.map((standing, index) => {
      const [name, sign, number] = this.goal[index];
      const row = rows.find(row => row.name === name);
      const found = [row?.value, row?.unit, row?.error].filter(Boolean).join(" ") + (row?.error ? over : "");
      const reason = {
        met: say.met,
        diverged: say.diverged,
        luck: say.luck(say[sign], write(number)),
        off: sign === "=" ? say.exactly(write(number)) : say.needs(`${sign} ${write(number)}`),
      }[standing];
      return `${standing === "met" ? "✓" : "✗"} ${found}${say.comma}${reason}`;
    });
    // While the lab runs, the numbers of the last run stay.
    for (const [index, { item, found }] of this.lines.entries()) {
      if (!said) break;
      item.dataset.standing = standings[index];
      found.textContent = said[index];
    }
    if (!this.strip) return;
    this.strip.dataset.verdict = verdict;
    this.offer(actions);
    if (this.line.textContent !== line) this.line.textContent = line;
    if (said) this.found.replaceChildren(...this.lines.map(({ item }) => item.cloneNode(true)));
  }

  goToText() {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.section.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "nearest" });
    this.toggle.focus({ preventScroll: true });
  }

  pass(over, standings) {
    const { say } = this;
    this.leave();
    this.show("pass", say.pass(over), standings, over, "passed");
    progress.set("challenge", this.id, true);
  }

  // The focus goes on from what disappears.
  focusFigure() {
    if (this.strip?.contains(document.activeElement)) {
      this.figure.querySelector(".lab-run")?.focus({ preventScroll: true });
    }
  }

  // Runs are no longer judged.
  leave() {
    taken.delete(this.figure);
    this.release?.();
    this.release = null;
    this.toggle.textContent = this.say.start;
    this.link.hidden = true;
  }

  drop() {
    this.leave();
    this.close();
    this.note = "";
    this.section.dataset.verdict = "";
    this.verdict.textContent = "";
    for (const { item, found } of this.lines) {
      found.textContent = "";
      delete item.dataset.standing;
    }
  }
}

// Brings every challenge of the page to life whose lab stands there, too.
export function start() {
  const { still } = document.documentElement.dataset;
  if (still === "unsupported" || still === "failed") return;
  for (const section of document.querySelectorAll(".challenge[data-goal]:not([data-verdict])")) {
    const figure = document.querySelector(`figure[data-lab="${section.dataset.for}"]`);
    if (figure) new Challenge(section, figure);
  }
}
