// Both languages at once: the other edition's text at the side of each block on a wide screen, and under it, when it is
// asked for, on a narrow one. The editions have the same blocks in the same order, which the build sees to; the other
// page is loaded when it is first wanted.
import { shape } from "./plot.js";
import { attend } from "./scrollers.js";

const KEY = "why-it-generalizes.pairs";
const NARROW = "(max-width: 999.98px)";
const HINT = 8000;

const words = {
  en: {
    name: "Both languages", mark: "中文", one: "中文: this part in Chinese", hint: "Tap a paragraph to see it in Chinese.",
    failed: "The Chinese edition could not be loaded. Check the connection and try again.",
  },
  zh: {
    name: "双语对照", mark: "EN", one: "EN：这一段的英文", hint: "点按一个段落，即可看到它的英文。",
    failed: "英文版未能载入。请检查网络，然后重试。",
  },
};

const article = document.querySelector("article[data-chapter]");
const text = article?.querySelector(".text");
const language = document.querySelector("a.language");
const say = words[document.documentElement.lang.startsWith("zh") ? "zh" : "en"];
const narrow = matchMedia(NARROW);
const button = document.createElement("button");
const status = document.createElement("p");
// What was put into the page, to be taken out again.
let added = [];
const handles = new Map();
let wanted = false;
let edition = null;

function remember(value) {
  try {
    if (value) localStorage.setItem(KEY, "1");
    else localStorage.removeItem(KEY);
  } catch {
    // Without storage, the choice ends with the page.
  }
}

function remembered() {
  try {
    return localStorage.getItem(KEY) === "1";
  } catch {
    return false;
  }
}

// The other edition, loaded once; a failure is forgotten, so that the next try loads again.
function load() {
  const address = new URL(language.href);
  address.search = address.hash = "";
  edition ??= fetch(address)
    .then(response => (response.ok ? response.text() : Promise.reject(new Error(response.statusText))))
    .then(html => {
      const page = new DOMParser().parseFromString(html, "text/html");
      const found = page.querySelector("article[data-chapter]");
      if (!found) throw new Error("the other edition has no text");
      return { address, lang: page.documentElement.lang, article: found };
    })
    .catch(error => {
      edition = null;
      throw error;
    });
  return edition;
}

// A block of the other edition as it may stand on this page: the ids, the forms and the labs are this page's own.
function adopt(block, { address, lang }, name = block.localName) {
  const twin = document.createElement(name);
  twin.append(document.importNode(block, true));
  twin.firstChild.replaceWith(...twin.firstChild.childNodes);
  for (const part of twin.querySelectorAll("*")) {
    for (const attribute of ["id", "for", "aria-labelledby", "aria-describedby", "aria-controls"]) {
      part.removeAttribute(attribute);
    }
  }
  for (const link of twin.querySelectorAll("a[href]")) {
    const href = link.getAttribute("href");
    // Places on the page and settings of its labs are the same in both editions.
    if (!/^[#?]/.test(href)) link.href = new URL(href, address);
    if (link.matches(".anchor")) link.replaceWith(...link.childNodes);
    if (link.matches("[role=doc-biblioref]")) link.removeAttribute("title");
  }
  for (const form of twin.querySelectorAll("form")) {
    for (const option of form.querySelectorAll("li label")) option.replaceWith(...option.childNodes);
    for (const field of form.querySelectorAll("p:has(input), button, input, legend")) field.remove();
    for (const set of form.querySelectorAll("fieldset")) set.replaceWith(...set.childNodes);
    form.replaceWith(...form.childNodes);
  }
  twin.querySelectorAll("button, input, select, .needs-script").forEach(control => control.remove());
  const kinds = Array.from(block.classList, kind => (kind === "exercise" || kind === "challenge" ? "task" : kind));
  twin.className = [...kinds, "twin"].join(" ");
  twin.lang = lang;
  return twin;
}

// Whether a block is the one that was printed as `other` in the other edition.
function corresponds(block, other) {
  return block.localName === other.localName && block.id === other.id && (block.id || block.className === other.className);
}

function* matches(blocks, others) {
  let from = 0;
  for (const other of others) {
    // What scripts have put between the blocks has no twin.
    const at = blocks.findIndex((block, index) => index >= from && corresponds(block, other));
    if (at < 0) continue;
    from = at + 1;
    yield [blocks[at], other];
  }
}

function put(block, twin) {
  block.after(twin);
  block.classList.add("with-twin");
  added.push(twin);
}

// The twin of a block of text, and what shows it on a narrow screen.
function pair(block, other, edition) {
  const isHeading = /^h\d$/.test(other.localName);
  // A second heading would be a second section to those who go from heading to heading.
  const twin = adopt(other, edition, isHeading ? "p" : other.localName);
  put(block, twin);
  // Short lines show at once.
  if (isHeading) return twin.classList.add(other.localName);
  if (other.matches(".lab-title")) return;
  const handle = document.createElement("button");
  handle.type = "button";
  handle.className = "twin-handle";
  handle.textContent = say.mark;
  handle.setAttribute("aria-label", say.one);
  handle.setAttribute("aria-expanded", "false");
  handle.addEventListener("click", () => toggle(twin, handle));
  if (block.localName === "p") block.append(handle);
  else block.after(handle);
  handles.set(block, handle);
  added.push(handle);
}

function toggle(twin, handle) {
  handle.setAttribute("aria-expanded", twin.classList.toggle("open"));
}

function build(edition) {
  const title = article.querySelector(".title");
  for (const [block, other] of matches(Array.from(title.children), edition.article.querySelector(".title").children)) {
    const twin = adopt(other, edition, "p");
    twin.classList.add(other.localName);
    put(block, twin);
  }
  for (const [block, other] of matches(Array.from(text.children), edition.article.querySelector(".text").children)) {
    if (block.matches("figure")) {
      for (const part of [".lab-title", ".lab-caption"]) {
        const [own, foreign] = [block.querySelector(part), other.querySelector(part)];
        if (own && foreign) pair(own, foreign, edition);
      }
      for (const prompt of other.querySelectorAll(".predict[id]")) {
        const own = block.querySelector(`#${CSS.escape(prompt.id)}`);
        for (const [text, foreign] of own ? matches(Array.from(own.children), prompt.children) : []) pair(text, foreign, edition);
      }
    } else if (block.textContent.trim() !== other.textContent.trim()) {
      pair(block, other, edition);
    }
    // What says the same in both languages, such as most formulas, stands once for both.
  }
}

// Changes the page so that what is being read stays where it is.
function keepingPlace(change) {
  const bar = document.querySelector(".bar").getBoundingClientRect().bottom;
  const blocks = [...article.querySelectorAll(".title > :not(.twin)"), ...text.querySelectorAll(":scope > :not(.twin)")];
  const read = blocks.find(block => block.getBoundingClientRect().bottom > bar + 1) ?? blocks.at(-1);
  const before = read.getBoundingClientRect();
  // Within a block that begins above the window, the share that has been read stays.
  const share = Math.max(0, bar - before.top) / before.height;
  const root = document.documentElement;
  root.style.overflowAnchor = "none";
  const isAtTop = scrollY === 0;
  const hold = () => {
    const after = read.getBoundingClientRect();
    const shift = share > 0 ? after.top + share * after.height - bar : after.top - before.top;
    if (!isAtTop) scrollBy({ top: shift, behavior: "instant" });
  };
  change();
  hold();
  // Figures fit themselves to their new room one frame later.
  requestAnimationFrame(() => requestAnimationFrame(() => {
    hold();
    root.style.removeProperty("overflow-anchor");
    if (!root.style.length) root.removeAttribute("style");
  }));
}

function clear() {
  for (const node of added) node.remove();
  for (const block of article.querySelectorAll(".with-twin")) {
    block.classList.remove("with-twin");
    if (!block.classList.length) block.removeAttribute("class");
  }
  added = [];
  handles.clear();
}

function tell(message) {
  status.textContent = message;
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => (status.textContent = ""), HINT);
}

async function set(value, byReader) {
  wanted = value;
  button.setAttribute("aria-pressed", value);
  status.textContent = "";
  if (byReader) remember(value);
  if (value) {
    let found;
    try {
      found = await load();
    } catch (error) {
      console.warn(error);
      // The reader may have changed their mind while it was loading.
      if (!wanted) return;
      wanted = false;
      button.setAttribute("aria-pressed", "false");
      return tell(say.failed);
    }
    if (!wanted || article.classList.contains("paired")) return;
    keepingPlace(() => {
      build(found);
      attend(added);
      article.classList.add("paired");
    });
    if (byReader && narrow.matches) tell(say.hint);
  } else if (article.classList.contains("paired")) {
    keepingPlace(() => {
      clear();
      article.classList.remove("paired");
    });
  }
}

// A tap anywhere on a block does what its handle does, unless it meant something else.
function attendTaps() {
  const isSelecting = () => !(getSelection()?.isCollapsed ?? true);
  let finger = null;
  text.addEventListener("pointerdown", ({ pointerType }) => {
    finger = (pointerType === "touch" || pointerType === "pen") && !isSelecting();
  });
  text.addEventListener("click", event => {
    const meant = finger && !isSelecting();
    finger = null;
    if (!meant || !narrow.matches || event.target.closest("a, button, input, label, summary, select, [tabindex]")) return;
    const twin = event.target.closest(".twin");
    handles.get(twin ? blockOf(twin) : event.target.closest(".with-twin"))?.click();
  });
}

// The block that a twin belongs to.
function blockOf(twin) {
  let block = twin.previousElementSibling;
  while (block && !block.matches(".with-twin")) block = block.previousElementSibling;
  return block;
}

export function start() {
  if (!language || !text) return;
  button.type = "button";
  button.className = "pairs";
  button.setAttribute("aria-pressed", "false");
  const sign = shape("svg", { viewBox: "0 0 20 20", width: 18, "aria-hidden": true });
  const lines = "M2 4h6M2 8h6M2 12h6M2 16h4M12 4h6M12 8h6M12 12h6M12 16h4";
  sign.append(shape("path", { fill: "none", stroke: "currentColor", "stroke-width": 2, d: lines }));
  button.append(sign, document.createElement("span"));
  button.lastChild.textContent = say.name;
  button.title = say.name;
  button.addEventListener("click", () => set(!wanted, true));
  status.className = "pairs-status";
  status.setAttribute("role", "status");
  language.before(button);
  language.closest(".bar").append(status);
  attendTaps();
  if (remembered()) set(true, false);
}
