// What a reader takes away of a lab: its numbers, its picture, a citation, a snippet to embed it; and the way back, a
// saved run opened again. Files are made by a program that is loaded when the first one is asked for.
import { live } from "./plot.js";
import { addressOf, answer, button, copier, hidden, make, save, titleOf } from "./parts.js";
import { Embed } from "./embed.js";
import { programOf, restore } from "./restore.js";

const VERSION = "__VERSION__";
// Between the rows of a saved figure, in pixels.
const GAP = 20;

const words = {
  en: {
    summary: "Save, cite, embed",
    data: "Data", csv: "Save CSV", json: "Save JSON",
    about: "JSON keeps the settings, the seed, the version and a digest of every bit of the results, and can be opened here again.",
    figure: "Figure", svg: "Save SVG", png: "Save PNG",
    citation: "Citation", bibtex: "BibTeX entry for this experiment", copy: "Copy BibTeX", bib: "Save .bib",
    open: "Open a saved run", choose: "Open JSON file…", drop: "Or drop the file on the lab.",
    one: "Drop one file at a time. Nothing was changed.",
    later: "The run is still under way; the file is saved when it is over. Pause the run to save what there is.",
    stopped: "The run stopped on the way, so there is nothing to save. Run the lab again first.",
    offline: "What makes the files could not be loaded. Check the connection, reload the page and try again.",
    undrawn: "The browser could not draw the picture. SVG works without it.",
    unmade: "The file could not be made. Reload the page and try again.",
    saved: name => `Saved: ${name}`,
    authors: "The authors of “Why It Generalizes”", book: "Why It Generalizes",
    published: (book, version) => `Interactive experiment in \\emph{${book}}, version ${version}`,
    settings: "Settings", seed: "seed", digest: "digest",
  },
  zh: {
    summary: "保存、引用、嵌入",
    data: "数据", csv: "保存 CSV", json: "保存 JSON",
    about: "JSON 文件含有设置、随机种子、版本，以及由结果的每一位算出的校验码，可以在这里重新打开。",
    figure: "图", svg: "保存 SVG", png: "保存 PNG",
    citation: "引用", bibtex: "本次实验的 BibTeX 条目", copy: "复制 BibTeX", bib: "保存 .bib",
    open: "打开保存的运行", choose: "打开 JSON 文件…", drop: "也可以把文件拖到实验上。",
    one: "请一次只拖一个文件。什么也没有改动。",
    later: "运行尚未结束，完成之后即保存文件。想保存现有的结果，请先暂停。",
    stopped: "运行中途停止，没有可以保存的结果。请先重新运行。",
    offline: "用来生成文件的程序未能载入。请检查网络连接，重新加载页面再试。",
    undrawn: "浏览器无法画出图片。SVG 不受影响。",
    unmade: "文件未能生成。请重新加载页面再试。",
    saved: name => `已保存：${name}`,
    authors: "《为何泛化》的作者们", book: "为何泛化",
    published: (book, version) => `《${book}》中的交互实验，版本 ${version}`,
    settings: "设置", seed: "随机种子", digest: "校验码",
  },
};

let program;
function load() {
  program ??= (async () => {
    const { default: init, Taken } = await import("../__TAKE_JS__");
    await init({ module_or_path: new URL("../__TAKE_WASM__", import.meta.url) });
    return Taken;
  })();
  return program;
}

// Why nothing is saved, as a sentence.
class Refusal extends Error {}

// The palette says so with the colors.
const isDark = () => getComputedStyle(document.documentElement).colorScheme === "dark";

// The picture in the reader's pixels.
async function painted(svg) {
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const ratio = Math.max(1, devicePixelRatio);
    const canvas = make("canvas");
    canvas.width = Math.round(image.naturalWidth * ratio);
    canvas.height = Math.round(image.naturalHeight * ratio);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob(blob => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png");
    });
  } finally {
    URL.revokeObjectURL(address);
  }
}

const plain = { "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}" };
const tex = text => text.replace(/[\\{}$&#%_~^]/g, letter => plain[letter] ?? `\\${letter}`);

// The entry for the run on show.
function citation(lab) {
  const say = words[lab.code];
  const today = new Date();
  const { seed, ...settings } = lab.shown();
  const date = [today.getFullYear(), today.getMonth() + 1, today.getDate()].map(part => String(part).padStart(2, "0"));
  const said = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  const note = [`${say.settings}: ${said.join(", ")}`, `${say.seed} ${seed}`, ...(lab.digest ? [`${say.digest} ${lab.digest}`] : [])];
  const fields = {
    author: `{${tex(say.authors)}}`,
    title: `{${tex(titleOf(lab))}}`,
    howpublished: say.published(tex(say.book), VERSION),
    year: date[0],
    url: addressOf(lab, { ...settings, seed, run: 1 }),
    urldate: date.join("-"),
    note: tex(note.join("; ")),
  };
  const key = [lab.figure.dataset.lab, ...(lab.digest ? [lab.digest.slice(0, 8)] : [])].join("-");
  const lines = Object.entries(fields).map(([name, value]) => `  ${name.padEnd(12)} = {${value}},\n`);
  return `@misc{${key},\n${lines.join("")}}\n`;
}

class Take {
  constructor(lab) {
    this.lab = lab;
    this.say = words[lab.code];
    this.answer = answer();
    lab.figure.querySelector(".lab-buttons").after(this.answer);
    this.listen();
    if (!isHidden(lab)) this.build();
  }

  // The button Download, which may have been pressed before this module came.
  listen() {
    const { figure } = this.lab;
    const look = () => {
      if (!figure.dataset.asked) return;
      delete figure.dataset.asked;
      this.give("csv", this.answer);
    };
    new MutationObserver(look).observe(figure, { attributeFilter: ["data-asked"] });
    look();
  }

  build() {
    const { lab, say } = this;
    const { figure } = lab;
    const give = (voice, ...kinds) => kinds.map(kind => button(say[kind], () => this.give(kind, voice)));
    const voices = { data: answer(), figure: answer(), citation: answer(), open: answer() };
    this.bibtex = make("textarea", { readonly: "", rows: "6", spellcheck: "false", "aria-label": say.bibtex });
    const cite = copier(lab.code, say.copy, this.bibtex, voices.citation);
    const keep = button(say.bib, () => this.finish(`${figure.dataset.lab}.bib`, "application/x-bibtex", this.bibtex.value, voices.citation));
    const picker = make("input", { type: "file", accept: ".json,application/json", hidden: "" });
    picker.addEventListener("change", () => {
      const [file] = picker.files;
      picker.value = "";
      if (file) this.open(file, voices.open);
    });
    const choose = button(say.choose, () => picker.click());
    this.embed = new Embed(lab);
    const group = (title, ...content) => {
      const id = `${figure.id}-take-${title}`;
      const heading = make("p", { id, class: "take-title" }, say[title]);
      return make("div", { role: "group", "aria-labelledby": id, "data-part": title }, heading, ...content, voices[title]);
    };
    const row = (...content) => make("p", { class: "take-row" }, ...content);
    this.details = make("details", { class: "lab-take" }, make("summary", {}, say.summary),
      group("data", row(...give(voices.data, "csv", "json")), make("p", {}, say.about)),
      group("figure", row(...give(voices.figure, "svg", "png"))),
      group("citation", this.bibtex, row(cite, keep)),
      this.embed.element,
      group("open", row(choose, picker, say.drop)));
    (figure.querySelector(".lab-data") ?? figure.querySelector(".lab-words")).after(this.details);
    this.details.addEventListener("toggle", () => this.fill());
    lab.onstate(() => this.fill());
    this.attend();
  }

  // Files are dropped anywhere on the lab.
  attend() {
    const { figure } = this.lab;
    const isFile = event => event.dataTransfer?.types.includes("Files");
    const mark = isOver => figure.classList.toggle("take-over", isOver);
    figure.addEventListener("dragover", event => {
      if (!isFile(event)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      mark(true);
    });
    figure.addEventListener("dragleave", event => figure.contains(event.relatedTarget) || mark(false));
    figure.addEventListener("drop", event => {
      mark(false);
      if (!isFile(event)) return;
      event.preventDefault();
      const { files } = event.dataTransfer;
      if (files.length === 1) this.open(files[0], this.answer);
      else this.answer.textContent = this.say.one;
    });
  }

  fill() {
    if (!this.details.open) return;
    this.embed.fill();
    this.bibtex.value = citation(this.lab);
  }

  open(file, voice) {
    return restore(this.lab, file, sentence => {
      voice.textContent = sentence;
    });
  }

  // The run on show, once it is over or held, and its address.
  async shown(voice) {
    const { lab, say } = this;
    if (lab.state === "running") {
      voice.textContent = say.later;
      await new Promise(resolve => {
        const leave = lab.onstate(state => {
          if (state === "running") return;
          leave();
          resolve();
        });
      });
      voice.textContent = "";
    }
    if (lab.state === "error") throw new Refusal(say.stopped);
    const message = lab.figure.lab("message", "");
    const settings = new URLSearchParams(lab.settings()).toString();
    const address = addressOf(lab, lab.shown());
    try {
      this.sheet ??= await bytes(lab.figure.dataset.sheet);
      const run = (await load()).read(this.sheet, message, settings);
      if (!run) throw new Error("the program is not of this page's version");
      return { run, address };
    } catch (error) {
      console.error(error);
      program = undefined;
      throw new Refusal(say.offline);
    }
  }

  // Saves a file of that kind.
  async give(kind, voice) {
    const { lab, say } = this;
    const name = `${lab.figure.dataset.lab}.${kind}`;
    let run;
    try {
      voice.textContent = "";
      const shown = await this.shown(voice);
      ({ run } = shown);
      if (kind === "csv") return this.finish(name, "text/csv;charset=utf-8", run.csv(), voice);
      if (kind === "json") return this.finish(name, "application/json", run.json(programOf(lab.figure), shown.address), voice);
      const svg = this.draw(run);
      if (kind === "svg") return this.finish(name, "image/svg+xml", svg, voice);
      const picture = await painted(svg).catch(error => {
        console.error(error);
        throw new Refusal(say.undrawn);
      });
      return this.finish(name, "image/png", picture, voice);
    } catch (error) {
      voice.textContent = error instanceof Refusal ? error.message : say.unmade;
      if (error instanceof Refusal) return;
      // A program that has stopped answers nobody any more.
      console.error(error);
      program = undefined;
    } finally {
      run?.free();
    }
  }

  // The figure as it lies before the reader, but for what stands between its rows.
  draw(run) {
    const { lab } = this;
    const panels = lab.elements();
    const left = Math.min(...panels.map(panel => panel.offsetLeft));
    let [row, top, next] = [null, 0, 0];
    const places = panels.flatMap(panel => {
      if (panel.offsetTop !== row) [row, top] = [panel.offsetTop, next];
      next = Math.max(next, top + panel.querySelector("canvas").clientHeight + GAP);
      return [panel.offsetLeft - left, top, panel.clientWidth];
    });
    return run.svg(lab.code === "zh" ? "zh-Hans" : "en", isDark(), Float64Array.from(places));
  }

  finish(name, type, content, voice) {
    save(name, type, content);
    voice.textContent = this.say.saved(name);
  }
}

async function bytes(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

// Whether a teacher's link leaves the panel out.
function isHidden({ figure }) {
  return hidden(document.body.classList.contains("lab-page") ? "hide" : `${figure.dataset.lab}.hide`).includes("take");
}

export function start() {
  for (const figure of document.querySelectorAll("figure.lab[data-lab]")) live(figure).then(lab => new Take(lab));
}
