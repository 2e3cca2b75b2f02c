// The snippet that puts a lab with its present settings into a page of the reader's own.
import { addressOf, answer, copier, make, titleOf } from "./parts.js";

const words = {
  en: {
    book: "Why It Generalizes", title: "Embed",
    about: "Put this lab, with its present settings, into a page of your own.",
    code: "HTML to embed the lab", run: "Run at once", resize: "Fit the height by a script",
    theme: "Theme", themes: ["The reader’s", "Light", "Dark"],
    copy: "Copy HTML",
    more: "More about embedding",
  },
  zh: {
    book: "为何泛化", title: "嵌入",
    about: "把本实验连同当前设置放进你自己的网页。",
    code: "用于嵌入本实验的 HTML", run: "打开即运行", resize: "用脚本适配高度",
    theme: "主题", themes: ["随读者", "浅色", "深色"],
    copy: "复制 HTML",
    more: "关于嵌入的更多说明",
  },
};

// The width that the frame has where its own style is taken away.
const WIDTH = 720;

// What a page needs to give its frames the height that they ask for.
export const script = `<script>
addEventListener("message", ({ data, source }) => {
  if (data?.source !== "why-it-generalizes" || data.type !== "height") return;
  for (const frame of document.querySelectorAll("iframe")) if (frame.contentWindow === source) frame.height = data.height;
});
</script>`;

const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = text => text.replace(/[&<>"]/g, letter => entities[letter]);

// The lab's height without what is folded open, and some room for what stands around it.
function heightOf(figure) {
  const open = Array.from(figure.querySelectorAll("details[open]"));
  const folds = open.reduce((sum, fold) => sum + fold.offsetHeight - fold.firstElementChild.offsetHeight, 0);
  return Math.ceil(figure.offsetHeight - folds + 120);
}

function snippet(lab, { run, theme, resize }) {
  const settings = { ...lab.settings(), ...(theme && { theme }), ...(run && { run: 1 }) };
  const attributes = {
    src: addressOf(lab, settings), title: `${titleOf(lab)} · ${words[lab.code].book}`, width: WIDTH, height: heightOf(lab.figure),
    loading: "lazy", allow: "clipboard-write", style: "width: 100%; border: 0",
  };
  const written = Object.entries(attributes).map(([name, value]) => `${name}="${escaped(String(value))}"`);
  const frame = `<iframe ${written.join(" ")}></iframe>`;
  return resize ? `${frame}\n${script}` : frame;
}

// The part of a lab's panel that has the snippet.
export class Embed {
  constructor(lab) {
    this.lab = lab;
    const say = words[lab.code];
    const id = `${lab.figure.id}-embed`;
    this.options = { run: make("input", { type: "checkbox" }), resize: make("input", { type: "checkbox" }) };
    this.options.resize.checked = true;
    const themes = ["", "light", "dark"].map((value, index) => make("option", { value }, say.themes[index]));
    this.theme = make("select", { class: "lab-choice" }, ...themes);
    this.code = make("textarea", { readonly: "", rows: "6", spellcheck: "false", "aria-label": say.code });
    const voice = answer();
    const { dataset } = document.documentElement;
    const more = make("a", { href: `${dataset.root}${lab.code}/embed/` }, say.more);
    this.element = make("div", { role: "group", "aria-labelledby": id },
      make("p", { id, class: "take-title" }, say.title), make("p", {}, say.about),
      make("p", { class: "take-row" },
        make("label", {}, this.options.run, say.run), make("label", {}, this.options.resize, say.resize),
        make("label", {}, say.theme, this.theme)),
      this.code, make("p", { class: "take-row" }, copier(lab.code, say.copy, this.code, voice), more), voice);
    this.element.addEventListener("change", () => this.fill());
  }

  fill() {
    const { run, resize } = this.options;
    const text = snippet(this.lab, { run: run.checked, resize: resize.checked, theme: this.theme.value });
    if (this.code.value !== text) this.code.value = text;
  }
}
