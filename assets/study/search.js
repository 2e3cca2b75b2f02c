// Search: a button in the bar and the key `/` open a dialog. Everything it needs (style, program, index) is loaded when
// it is opened for the first time, and the text of chapters when a result is shown from them.

const words = __WORDS__;
// This module lies one folder below the site's root.
const root = new URL("../", import.meta.url);
const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
const say = words[language];

const at = (file) => new URL(file, root);

function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

async function bytes(file) {
  const response = await fetch(at(file));
  if (!response.ok) throw new Error(`${file}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

function dress() {
  return new Promise((done) => {
    const sheet = make("link", { rel: "stylesheet", href: at("__STYLE__") });
    // An undressed dialog works, too.
    sheet.onload = sheet.onerror = done;
    document.head.append(sheet);
  });
}

// The opened index, loaded once; tried again if that failed.
let loading = null;
function load() {
  loading ??= (async () => {
    const program = (async () => {
      const { default: init, Index } = await import("../__BINDINGS__");
      await init({ module_or_path: at("__PROGRAM__") });
      return Index;
    })();
    const [Index, index] = await Promise.all([program, bytes("__INDEX__")]);
    return new Index(index);
  })();
  loading.catch(() => (loading = null));
  return loading;
}

// Files of texts that have been asked for.
const asked = new Map();
function loadText(index, file) {
  if (!asked.has(file)) {
    const arrival = bytes(file).then((text) => index.add(file, text));
    arrival.catch(() => asked.delete(file));
    asked.set(file, arrival);
  }
  return asked.get(file);
}

class Dialog {
  constructor() {
    this.told = make("p", { class: "told", role: "status" });
    this.list = make("ul", { role: "listbox", id: "search-results", "aria-label": say.results });
    this.input = make("input", {
      type: "search", role: "combobox", "aria-label": say.hint, placeholder: say.hint, "aria-autocomplete": "list",
      "aria-controls": "search-results", "aria-expanded": "false", autocomplete: "off", autocapitalize: "off",
      spellcheck: "false", enterkeyhint: "go", maxlength: "200",
    });
    const close = make("button", { type: "button", class: "close", "aria-label": say.close }, "×");
    const ask = make("div", { class: "ask", role: "search" }, this.input, close);
    this.element = make("dialog", { class: "search", "aria-label": say.search }, ask, this.told, this.list);
    this.asked = 0;
    this.selected = -1;
    close.addEventListener("click", () => this.element.close());
    this.input.addEventListener("input", () => this.look());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.element.addEventListener("click", (event) => {
      // A click beside the dialog's box is one on its backdrop.
      if (event.target === this.element) this.element.close();
      // A link to this very page leaves the dialog open otherwise.
      if (event.target.closest("a")) this.element.close();
    });
    this.list.addEventListener("pointermove", (event) => {
      const option = event.target.closest("li");
      if (option) this.select([...this.list.children].indexOf(option), false);
    });
    document.body.append(this.element);
  }

  open() {
    if (this.element.open) return;
    this.element.showModal();
    this.input.select();
    this.look();
  }

  // Answers what is typed, unless something newer is typed meanwhile.
  async look() {
    const typed = this.input.value.trim();
    const turn = ++this.asked;
    const isOver = () => turn !== this.asked;
    let index;
    try {
      const slow = setTimeout(() => isOver() || this.tell(say.loading), 200);
      index = await load().finally(() => clearTimeout(slow));
    } catch (error) {
      console.warn(error);
      if (!isOver()) this.show([], typed && say.failed);
      return;
    }
    if (isOver()) return;
    const { found, wanted } = this.answer(index, typed);
    if (!wanted.length) return;
    // Titles stand without their snippets if a text does not come.
    await Promise.allSettled(wanted.map((file) => loadText(index, file)));
    if (!isOver() && found.length) this.answer(index, typed);
  }

  answer(index, typed) {
    const answer = JSON.parse(index.answer(typed, language));
    const count = answer.found.length;
    if (!typed) this.show([], "");
    else this.show(answer.found, count ? say.count.replace("#", count) : say.nothing, count > 0);
    return answer;
  }

  tell(text, withKeys) {
    this.told.replaceChildren(text);
    if (withKeys) this.told.append(make("span", { class: "keys" }, ` · ${say.keys}`));
    this.told.hidden = !text;
  }

  show(found, text, withKeys) {
    const before = this.options()[this.selected]?.href;
    this.tell(text, withKeys);
    this.list.replaceChildren(...found.map(option));
    this.list.hidden = !found.length;
    this.input.setAttribute("aria-expanded", String(found.length > 0));
    // Snippets that come later do not move the choice; another query begins with its best result.
    const kept = this.shown === this.input.value ? this.options().findIndex((a) => a.href === before) : -1;
    this.shown = this.input.value;
    this.select(found.length ? Math.max(kept, 0) : -1, kept < 0);
  }

  options() {
    return [...this.list.querySelectorAll("a")];
  }

  select(index, scroll = true) {
    const options = this.options();
    options[this.selected]?.setAttribute("aria-selected", "false");
    this.selected = index;
    const option = options[index];
    if (!option) return this.input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    this.input.setAttribute("aria-activedescendant", option.id);
    if (scroll) option.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    // Enter and arrows of an input method choose characters.
    if (event.isComposing) return;
    const options = this.options();
    const count = options.length;
    if (event.key === "Enter") {
      event.preventDefault();
      options[this.selected]?.click();
    } else if (event.key === "ArrowDown" && count) {
      event.preventDefault();
      this.select((this.selected + 1) % count);
    } else if (event.key === "ArrowUp" && count) {
      event.preventDefault();
      this.select((this.selected - 1 + count) % count);
    }
  }
}

// Pieces of text, every other one marked.
function pieces(texts) {
  return texts.map((text, index) => (index % 2 ? make("mark", {}, text) : text));
}

function option(found, index) {
  const title = make("span", { class: "title" });
  const name = { lab: say.lab, term: say.term }[found.kind];
  if (name) title.append(make("span", { class: "label" }, name));
  const above = found.titles.slice(0, -1).map((texts) => texts.join(""));
  if (above.length) title.append(make("span", {}, `${above.join(" › ")} › `));
  title.append(...pieces(found.titles.at(-1)));
  const choice = { role: "option", id: `search-result-${index}`, "aria-selected": "false" };
  const link = make("a", { href: at(found.address), tabindex: "-1", ...choice }, title);
  if (found.snippet.length) {
    const snippet = make("span", { class: "snippet" });
    const own = found.language.startsWith(language);
    if (!own) snippet.append(make("span", { class: "label", lang: found.language }, say.other));
    snippet.append(make("span", own ? {} : { lang: found.language }, ...pieces(found.snippet)));
    link.append(snippet);
  }
  return make("li", { role: "none" }, link);
}

let dialog = null;
async function open() {
  if (!dialog) {
    dialog = dress().then(() => new Dialog());
    // Loaded while the reader types; told of when there is something to answer.
    load().catch(() => {});
  }
  (await dialog).open();
}

function isTyping(target) {
  return target.isContentEditable || /^(input|select|textarea)$/i.test(target.nodeName ?? "");
}

export function start() {
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("button.search")) open();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    event.preventDefault();
    open();
  });
  // It was asked for before it had come.
  if (document.documentElement.dataset.asked) open();
}
