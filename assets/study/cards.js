// Cards that explain a term or show a cited work where it stands: after a short rest of the pointer, on keyboard focus,
// and on the first tap. What a work's card shows stands in the page's list of references; terms come from one file.
const links = "a.term, [role=doc-biblioref]";
const REST = 150;
const LEAVE = 250;
const EDGE = 8;

const words = {
  en: { term: "Open the glossary", work: "Go to the references", missing: "The glossary could not be loaded." },
  zh: { term: "查看术语表", work: "查看参考文献", missing: "术语表未能载入。" },
};
const files = { en: "__GLOSSARY_en__", zh: "__GLOSSARY_zh__" };
const glossaries = {};

const card = document.createElement("div");
card.className = "card";
card.id = "card";
let link = null;
let timer = 0;
// The link under a finger, and whether its card was open when it came down.
let touched = null;

const code = element => (element.closest("[lang]").lang.startsWith("zh") ? "zh" : "en");
const later = (act, delay) => {
  clearTimeout(timer);
  timer = setTimeout(act, delay);
};

// Each file is loaded once; a failure is forgotten, so that the next card tries again.
function glossary(language) {
  glossaries[language] ??= fetch(new URL(files[language], import.meta.url))
    .then(response => (response.ok ? response.json() : Promise.reject(new Error(response.statusText))))
    .catch(error => {
      delete glossaries[language];
      throw error;
    });
  return glossaries[language];
}

function element(name, text, attributes = {}) {
  const made = Object.assign(document.createElement(name), attributes);
  made.textContent = text;
  return made;
}

async function term(link) {
  const language = code(link);
  const terms = await glossary(language);
  const [english, chinese, pinyin, definition] = terms[new URL(link.href).hash.slice(1)];
  const names = { en: element("b", english, { lang: "en" }), zh: element("b", chinese, { lang: "zh-Hans" }) };
  const title = document.createElement("p");
  title.append(names[language], " ", language === "en" ? names.zh : "",
    " ", element("span", pinyin, { className: "pinyin", lang: "zh-Latn-pinyin" }),
    " ", language === "en" ? "" : names.en);
  const text = document.createElement("p");
  // What the press wrote, with its formulas. A text that is parsed apart from the page runs nothing.
  text.append(...new DOMParser().parseFromString(definition, "text/html").body.childNodes);
  return [title, text];
}

function work(link) {
  const text = document.createElement("p");
  text.lang = "en";
  text.append(...document.getElementById(decodeURIComponent(link.hash.slice(1))).cloneNode(true).childNodes);
  return [text];
}

// Within the window, under the link or above it.
function place() {
  if (!link) return;
  const line = link.getClientRects()[0];
  const room = document.documentElement.clientWidth;
  if (!line || line.bottom < 0 || line.top > innerHeight) return close();
  const { width, height } = card.getBoundingClientRect();
  const left = Math.max(EDGE, Math.min(line.left, room - width - EDGE));
  const below = line.bottom + 4;
  const above = line.top - height - 4;
  const top = below + height > innerHeight && above > 0 ? above : below;
  card.style.left = `${left}px`;
  card.style.top = `${top}px`;
}

async function open(target, byTouch = false) {
  clearTimeout(timer);
  if (link === target) return;
  close();
  link = target;
  const language = code(target);
  const isTerm = target.matches("a.term");
  let content;
  try {
    content = await (isTerm ? term : work)(target);
  } catch (error) {
    console.warn(error);
    content = [element("p", words[language].missing)];
  }
  // Another card, or none, may have been asked for meanwhile.
  if (link !== target) return;
  if (byTouch) content.push(element("a", words[language][isTerm ? "term" : "work"], { className: "go", href: target.href }));
  card.replaceChildren(...content);
  card.lang = document.documentElement.lang;
  if (language !== code(document.documentElement)) card.lang = target.closest("[lang]").lang;
  // After the link, so that the keyboard comes to the card's own links next.
  target.after(card);
  target.setAttribute("aria-describedby", card.id);
  place();
}

function close() {
  clearTimeout(timer);
  link?.removeAttribute("aria-describedby");
  link = null;
  card.remove();
}

const linkOf = event => event.target.closest?.(links);
const inside = event => card.contains(event.target);

export function start() {
  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = new URL("__TERMS_STYLE__", import.meta.url);
  document.head.append(style);
  // The card says it better than the browser's own label.
  for (const cited of document.querySelectorAll("[role=doc-biblioref][title]")) cited.removeAttribute("title");

  document.addEventListener("pointerover", event => {
    if (event.pointerType !== "mouse" && event.pointerType !== "pen") return;
    const target = linkOf(event);
    if (inside(event) || (target && target === link)) clearTimeout(timer);
    else if (target) later(() => open(target), REST);
    else if (link && !card.contains(document.activeElement)) later(close, LEAVE);
    else clearTimeout(timer);
  });
  document.addEventListener("focusin", event => {
    const target = linkOf(event);
    if (inside(event)) clearTimeout(timer);
    else if (target?.matches(":focus-visible") && !touched) open(target);
    else if (link && target !== link) close();
  });
  document.addEventListener("pointerdown", event => {
    const target = linkOf(event);
    touched = event.pointerType === "touch" && target ? { target, wasOpen: link === target } : null;
    if (link && target !== link && !inside(event)) close();
  });
  document.addEventListener("click", event => {
    if (!touched || linkOf(event) !== touched.target) return;
    if (!touched.wasOpen) {
      event.preventDefault();
      open(touched.target, true);
    }
    touched = null;
  }, true);
  document.addEventListener("keydown", event => {
    if (event.key !== "Escape" || !link) return;
    const held = card.contains(document.activeElement) && link;
    close();
    if (held) held.focus();
    // Focus has come back to the link: its card stays closed.
    if (held) close();
  });
  addEventListener("scroll", place, { passive: true, capture: true });
  addEventListener("resize", place);
}
