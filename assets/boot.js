// Starts the page's program, or says why the labs stay still. The smallest module with one 128-bit SIMD instruction
// tells whether this browser can run the labs.
const simd = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

function explain(reason) {
  document.documentElement.dataset.still = reason;
}

// The formulas' font comes last, when the first lab has had the network to itself: until then, formulas are set in a
// font of the reader's system.
let dressed = false;
function dress() {
  if (dressed) return;
  dressed = true;
  if (!document.querySelector("math")) return;
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = new URL("./__MATH__", import.meta.url);
  document.head.append(sheet);
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
  ["[data-lab]", () => import("./study/cells.js")],
  ["[data-control=points]", () => import("./study/points.js")],
  ["[data-lab]", () => import("./study/compare.js")],
  ["[data-lab]", () => import("./study/data.js")],
  ["article[data-chapter]", () => import("./study/pairs.js")],
  ["article[data-chapter], [data-journey]", () => import("./study/journey.js")],
  ["article[data-chapter]", () => import("./study/position.js")],
  ["article[data-chapter]", () => import("./study/print.js")],
  [".equation", () => import("./study/scrollers.js")],
];
let studying = false;
async function help() {
  if (studying) return;
  studying = true;
  // The modules' looks come before their work.
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = new URL("./__STUDY__", import.meta.url);
  await new Promise(settled => {
    sheet.addEventListener("load", settled);
    sheet.addEventListener("error", settled);
    document.head.append(sheet);
  });
  for (const [subject, load] of study) {
    if (!document.querySelector(subject)) continue;
    try {
      (await load()).start();
    } catch (error) {
      console.error(error);
      document.documentElement.dataset.still ??= "study";
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
    console.error(error);
    finding = false;
    document.documentElement.dataset.still ??= "study";
  }
}
function ask({ type, key, target }) {
  if (type === "click" ? !target.closest("button.search") : key !== "/" || target.closest("input, textarea")) return;
  document.documentElement.dataset.asked = type;
  find();
}

// Where the host was not known when the page was printed, its addresses are relative; search engines want them whole.
for (const link of document.querySelectorAll("[rel=canonical], [rel=alternate]")) link.href = link.href;

async function start() {
  if (typeof WebAssembly !== "object" || !WebAssembly.validate(simd)) return explain("unsupported");
  try {
    const { default: init } = await import("./__MAIN_JS__");
    await init({ module_or_path: new URL("./__MAIN_WASM__", import.meta.url) });
  } catch (error) {
    console.error(error);
    explain("failed");
  }
}

document.addEventListener("lablive", () => setTimeout(dress, 2000), { once: true });
setTimeout(dress, 5000);
document.addEventListener("click", ask);
document.addEventListener("keydown", ask);
setTimeout(find, document.querySelector("[data-lab]") ? 5000 : 0);
document.addEventListener("lablive", () => setTimeout(help, 1500), { once: true });
for (const sign of ["pointerdown", "keydown"]) document.addEventListener(sign, help, { once: true });
setTimeout(help, document.querySelector("[data-lab]") ? 5000 : 0);
start();
