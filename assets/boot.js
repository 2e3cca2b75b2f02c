// Starts the page's program, or says why the labs stay still. The smallest module with one 128-bit SIMD instruction
// tells whether this browser can run the labs.
const simd = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

function explain(reason) {
  document.documentElement.dataset.still = reason;
}

// The text and the labs do without what helps to study; the reader is told all the same.
const missing = {
  en: "Some of this page's tools did not load. Reload the page to get them.",
  zh: "本页的部分工具未能载入。请重新加载页面。",
};
function miss(error) {
  console.error(error);
  const { dataset, lang } = document.documentElement;
  if (dataset.still) return;
  explain("study");
  const line = document.createElement("p");
  line.className = "notice";
  line.setAttribute("role", "alert");
  const sides = document.querySelectorAll("main > section[lang], main > .sides > section[lang]");
  // A page in both languages says it in both.
  for (const side of sides.length ? sides : [{ lang }]) {
    const part = document.createElement("span");
    part.lang = side.lang;
    part.textContent = `${missing[side.lang.slice(0, 2)]} `;
    line.append(part);
  }
  document.querySelector("main").prepend(line);
}

// A page that opens at its beginning has only the paragraphs near it laid out. The others follow when the first lab
// lives, a few at a time, so that the page answers in between; all at once for a reader who presses something, who may
// be about to jump. A finger that comes down may but scroll.
const { dataset: marks } = document.documentElement;
function layAll() {
  delete marks.opening;
}
async function layFar() {
  const paragraphs = Array.from(document.querySelectorAll(".text > p, .text > div p"));
  while ("opening" in marks && !document.hidden && paragraphs.length) {
    const some = paragraphs.splice(0, 5);
    for (const paragraph of some) paragraph.dataset.laid = "";
    // To ask for a height is to lay out.
    void some[0].offsetHeight;
    await new Promise(resolve => setTimeout(resolve));
  }
  layAll();
}
let resting;
function rest() {
  resting ??= layFar();
  return resting;
}

// The formulas' font comes last, when the first lab has had the network to itself: until then, formulas are set in a
// font of the reader's system.
let dressed = false;
function dress() {
  if (dressed) return;
  dressed = true;
  const { dataset } = document.documentElement;
  const blocks = Array.from(document.querySelectorAll(".text > *")).filter(block => block.querySelector("math"));
  if (!blocks.length) return void (dataset.dressed = "");
  // A chapter has hundreds of formulas. To set all anew at once would hold the page for longer than a reader should feel.
  const near = new IntersectionObserver(entries => {
    for (const { target, isIntersecting } of entries) {
      target.toggleAttribute("data-far", !isIntersecting);
      if (isIntersecting) near.unobserve(target);
    }
    dataset.dressed = "";
  }, { rootMargin: "100% 0px" });
  for (const block of blocks) near.observe(block);
  // Paper has all of them, wherever the window is.
  document.fonts.load('1em "Book Math"').catch(() => {});
}

// What helps to study, each module with what it is for on a page. It comes after the first lab, too,
// or with the reader's first press.
const study = [
  ["a.term, [role=doc-biblioref]", () => import("./study/cards.js")],
  [".works", () => import("./study/references.js")],
  [".exercise", () => import("./study/exercises.js")],
  ["a.phrase, [data-lab]", () => import("./study/phrases.js")],
  [".predict", () => import("./study/predict.js")],
  [".predict[data-region]", () => import("./study/region.js")],
  [".challenge", () => import("./study/challenges.js")],
  ["[data-surface]", () => import("./study/surface.js")],
  ["[data-lab]", () => import("./study/cells.js")],
  ["[data-output=diverged]", () => import("./study/diverged.js")],
  ["[data-control=points]", () => import("./study/points.js")],
  ["[data-lab]", () => import("./study/compare.js")],
  ["[data-lab]", () => import("./study/data.js")],
  ["[data-lab]", () => import("./study/take.js")],
  ["article[data-chapter]", () => import("./study/pairs.js")],
  ["article[data-chapter], [data-journey]", () => import("./study/journey.js")],
  ["article[data-chapter]", () => import("./study/position.js")],
  ["article[data-chapter], [data-lab]", () => import("./study/print.js")],
  [".equation", () => import("./study/scrollers.js")],
  // A lab in another site's frame keeps nothing.
  ["html:not([data-framed])", () => import("./study/offline.js")],
];
let studying = false;
async function help() {
  if (studying) return;
  studying = true;
  await rest();
  // The modules' looks come before their work.
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = new URL("./__STUDY__", import.meta.url);
  await new Promise(settled => {
    sheet.addEventListener("load", settled);
    sheet.addEventListener("error", () => settled(miss(sheet.href)));
    document.head.append(sheet);
  });
  for (const [subject, load] of study) {
    if (!document.querySelector(subject)) continue;
    try {
      (await load()).start();
    } catch (error) {
      miss(error);
    }
  }
  document.documentElement.dataset.study = "";
}

// Search comes last, too, unless it is asked for earlier.
let finding = false;
async function find() {
  if (finding) return;
  finding = true;
  try {
    (await import("./study/search.js")).start();
  } catch (error) {
    finding = false;
    miss(error);
  }
}
function ask({ type, key, target }) {
  if (type === "click" ? !target.closest("button.search") : key !== "/" || target.closest("input, textarea")) return;
  document.documentElement.dataset.asked = type;
  find();
}

// The text comes first: what the labs need shares the network with nothing that the first paint waits for. A page that
// is not painted, in a hidden tab or a frame far below, does not wait for that.
function painted() {
  return new Promise(resolve => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, 500);
  });
}

// Where the host was not known when the page was printed, its addresses are relative; search engines want them whole.
for (const link of document.querySelectorAll("[rel=canonical], [rel=alternate]")) link.href = link.href;

async function start() {
  if (!document.querySelector("[data-lab]")) return;
  if (typeof WebAssembly !== "object" || !WebAssembly.validate(simd)) return explain("unsupported");
  // A program that has stopped on an error of its own moves no lab any more.
  const stop = ({ error, reason }) => (error ?? reason) instanceof WebAssembly.RuntimeError && explain("failed");
  for (const sign of ["error", "unhandledrejection"]) addEventListener(sign, stop);
  await painted();
  try {
    const [{ default: init }, program] = await Promise.all([
      import("./__MAIN_JS__"),
      fetch(new URL("./__MAIN_WASM__", import.meta.url)),
    ]);
    await init({ module_or_path: program });
  } catch (error) {
    console.error(error);
    explain("failed");
  }
}

// The language link leads to the same section with the same query, and so to the same labs in the same state.
function keepPlace({ target }) {
  const link = target.closest?.("a[data-keep-place]");
  if (!link) return;
  const line = innerHeight / 3;
  const headings = Array.from(document.querySelectorAll("article h2[id], article h3[id]"));
  const section = headings.findLast(heading => heading.getBoundingClientRect().top <= line);
  link.search = location.search;
  link.hash = section ? section.id : "";
}
for (const sign of ["pointerdown", "focusin", "click"]) document.addEventListener(sign, keepPlace);

document.addEventListener("lablive", rest, { once: true });
document.addEventListener("lablive", () => setTimeout(dress, 2000), { once: true });
setTimeout(dress, 5000);
document.addEventListener("click", ask);
document.addEventListener("keydown", ask);
setTimeout(find, document.querySelector("[data-lab]") ? 5000 : 0);
document.addEventListener("lablive", () => setTimeout(help, 1500), { once: true });
for (const sign of ["keydown", "click"]) document.addEventListener(sign, layAll, { once: true });
for (const sign of ["pointerdown", "keydown", "click"]) document.addEventListener(sign, help, { once: true });
setTimeout(help, document.querySelector("[data-lab]") ? 5000 : 0);
start();
// The page around a frame waits to hear how high the lab is.
if (parent !== self) import("./study/frame.js").then(frame => frame.start()).catch(console.error);
