// A handout: before printing, figures in light colors and fine dots with the settings of the run they show, what is
// folded open, and the solutions apart at the end; after printing, everything as it was.
const DOTS = 2;

const words = {
  en: {
    solutions: "Solutions", settings: "Settings: ", link: ", ",
    source: (book, address, date) => `${book} · ${address} · printed ${date}`,
  },
  zh: {
    solutions: "解答", settings: "设置：", link: "，",
    source: (book, address, date) => `${book} · ${address} · 打印于 ${date}`,
  },
};

const root = document.documentElement;
const say = words[root.lang.startsWith("zh") ? "zh" : "en"];
// What takes back each change, the last one first.
let undo = [];

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function insert(place, node) {
  place(node);
  undo.push(() => node.remove());
}

function attribute(target, name, value) {
  const before = target.getAttribute(name);
  target.setAttribute(name, value);
  undo.push(() => (before === null ? target.removeAttribute(name) : target.setAttribute(name, before)));
}

// Takes a node elsewhere, and later back to where it was.
function move(node, to) {
  const mark = document.createComment("");
  node.before(mark);
  to.append(node);
  undo.push(() => mark.replaceWith(node));
}

// Canvases are drawn again when the theme changes, for the dots and the width that they find then.
function redrawn() {
  const ratio = Object.getOwnPropertyDescriptor(window, "devicePixelRatio");
  Object.defineProperty(window, "devicePixelRatio", { value: Math.max(DOTS, devicePixelRatio), configurable: true });
  root.classList.add("printing");
  undo.push(() => {
    if (ratio) Object.defineProperty(window, "devicePixelRatio", ratio);
    else delete window.devicePixelRatio;
    root.classList.remove("printing");
  });
  attribute(root, "data-theme", "light");
}

function settingsOf(lab) {
  const values = Array.from(lab.querySelectorAll(".lab-control"), control => {
    const name = control.querySelector("label").textContent.trim().replace(/\s+/g, " ");
    const field = control.querySelector("select, .lab-number, .lab-choice");
    return `${name} = ${field.selectedOptions ? field.selectedOptions[0].textContent : field.value}`;
  });
  return say.settings + values.join(say.link);
}

function solutions(page) {
  const section = element("section", "print-solutions");
  section.append(element("h2", "", say.solutions));
  for (const task of page.querySelectorAll(".exercise, .challenge")) {
    const parts = task.querySelectorAll("details.answer, details.solution");
    if (!parts.length) continue;
    const label = (task.querySelector(".label") ?? task).cloneNode(true);
    label.querySelector(".done")?.remove();
    section.append(element("p", "label", label.textContent.trim()));
    for (const part of parts) {
      attribute(part, "open", "");
      move(part, section);
    }
  }
  if (section.children.length > 1) insert(node => page.append(node), section);
}

// The margins of the page, where the browser prints into them.
function margins(title) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`@page { @top-left { content: ${JSON.stringify(title)}; font: 8pt sans-serif; color: #60646a; } }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  undo.push(() => (document.adoptedStyleSheets = document.adoptedStyleSheets.filter(other => other !== sheet)));
}

function prepare() {
  if (undo.length) return;
  // A chapter, or the page of one lab.
  const page = document.querySelector("article[data-chapter]") ?? document.querySelector("main");
  const [title, heading] = [page.querySelector(".title"), page.querySelector("h1")];
  const [focus, top] = [document.activeElement, scrollY];
  undo.push(() => {
    if (document.activeElement !== focus) focus?.focus?.({ preventScroll: true });
    // The figures have their size again when the labs have heard of the theme.
    queueMicrotask(() => scrollTo({ top, behavior: "instant" }));
  });
  const book = document.querySelector(".bar .home").textContent;
  const date = new Date().toLocaleDateString(root.lang, { dateStyle: "long" });
  const address = location.href.split(/[?#]/)[0];
  const source = element("p", "print-source", say.source(book, address, date));
  insert(node => (title ? title.append(node) : heading.after(node)), source);
  margins(`${book} · ${heading.textContent}`);
  for (const lab of page.querySelectorAll("figure[data-lab]")) {
    insert(node => lab.querySelector(".lab-status").after(node), element("p", "print-settings", settingsOf(lab)));
    attribute(lab.querySelector(".lab-words"), "open", "");
  }
  solutions(page);
  redrawn();
}

function restore() {
  const steps = undo.reverse();
  undo = [];
  for (const step of steps) step();
}

export function start() {
  addEventListener("beforeprint", prepare);
  addEventListener("afterprint", restore);
}
