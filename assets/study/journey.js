// Where was I: notes which sections of a chapter have been read, marks them in the contents, and fills the page that
// shows what is read and done, with what there is to take along, to bring and to forget.
import { save } from "./parts.js";
import * as progress from "./progress.js";

const words = {
  en: {
    yes: { section: "read", guess: "made", challenge: "passed", exercise: "done" },
    no: { section: "not read yet", guess: "not made yet", challenge: "not passed yet", exercise: "not done yet" },
    of: (done, total) => `${done} of ${total}`, sections: (done, total) => `${done} of ${total} sections read`,
    last: "Last read: ", next: "Go on with: ", first: "Begin with: ", all: "You have read every section.",
    forgetting: "This browser keeps nothing for this site. All works, but is forgotten when you leave the page; "
      + "an exported file keeps it.",
    take: "Export", bring: "Import", forget: "Forget everything …",
    merging: "Import adds what a file holds to what is here, and takes nothing away.",
    brought: count => `${count} ${count === 1 ? "entry" : "entries"} added.`, nothing: "All that the file holds was here already.",
    bad: "This file holds no progress of this book. Nothing was changed.",
    ask: "Forget what you have read, guessed and solved?", hint: "Only an exported file could bring it back later.",
    really: "Forget it", keep: "Keep it", forgotten: "Forgotten.", undo: "Undo", undone: "It is all back.",
  },
  zh: {
    yes: { section: "已读", guess: "已预测", challenge: "已通过", exercise: "已完成" },
    no: { section: "未读", guess: "未预测", challenge: "未通过", exercise: "未完成" },
    of: (done, total) => `共 ${total} 项，完成 ${done} 项`, sections: (done, total) => `共 ${total} 节，已读 ${done} 节`,
    last: "上次读完：", next: "接着读：", first: "从这里开始：", all: "所有小节都已读完。",
    forgetting: "此浏览器不为本站保存任何内容。一切照常可用，但离开页面后记录就会消失；可以导出文件来保存。",
    take: "导出", bring: "导入", forget: "清除全部记录……",
    merging: "导入会把文件中的记录并入现有记录，不会删去任何内容。",
    brought: count => `已并入 ${count} 条记录。`, nothing: "文件中的记录这里都已有。",
    bad: "这个文件里没有本书的学习记录。没有改动任何内容。",
    ask: "清除已读、预测和练习的全部记录？", hint: "清除后，只有导出的文件能把它们找回来。",
    really: "清除", keep: "保留", forgotten: "已清除。", undo: "撤销", undone: "已全部恢复。",
  },
};
const wordsAt = element => words[element.closest("[lang]")?.lang.startsWith("zh") ? "zh" : "en"];

// What tells the file of this book from others, and its form.
const BOOK = "why-it-generalizes";
const VERSION = 1;
// Larger than any record of the book could be.
const MOST_BYTES = 4e6;

const isDone = value => value !== undefined && value !== null && value !== false;
// Sections are numbered in the order in which they were read.
const latest = () => Math.max(0, ...Object.values(progress.all().section ?? {}));

function element(name, text = "", attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// A sign behind some words, in a piece of its own with the space between them.
function behind(sign) {
  const piece = element("span", " ");
  piece.append(sign);
  return piece;
}

// A sign that says what it means to those who don't see it, too.
function showSign(sign, done, meaning) {
  sign.textContent = done ? "✓" : "○";
  sign.setAttribute("role", "img");
  sign.setAttribute("aria-label", meaning);
}

// Reading

const SPEED = { en: 240, zh: 400 };
const SHARE = 1 / 5;
const SECONDS = [3, 60];

// The seconds to spend in each section, by how much there is to read between its heading and the next.
function seconds(article, headings) {
  const minutes = headings.map(() => 0);
  let at = -1;
  for (const part of article.querySelectorAll(".text :is(h2[id], p, li)")) {
    const heading = headings.indexOf(part);
    if (heading >= 0) at = heading;
    // The other language's text beside this, what is folded away, and the labs are no part of the reading.
    const foreign = part.closest("figure, details, form") || part.closest("[lang]") !== article.closest("[lang]");
    if (at < 0 || heading >= 0 || foreign || part.matches("li:has(p)")) continue;
    const han = part.textContent.match(/\p{Script=Han}/gu)?.length ?? 0;
    const latin = part.textContent.match(/[\p{Script=Latin}\p{N}]+/gu)?.length ?? 0;
    minutes[at] += han / SPEED.zh + latin / SPEED.en;
  }
  return minutes.map(time => Math.min(Math.max(60 * time * SHARE, SECONDS[0]), SECONDS[1]));
}

function watch(article) {
  const listed = Array.from(document.querySelectorAll("nav.contents a[href^='#']"), link => link.hash.slice(1));
  const headings = listed.map(id => document.getElementById(id)).filter(Boolean);
  if (!headings.length) return;
  const needed = seconds(article, headings);
  const spent = headings.map(() => 0);
  const ended = headings.map(() => false);
  const ends = [...headings.slice(1), document.querySelector("#references") ?? document.querySelector(".foot")];
  const observer = new IntersectionObserver(entries => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) ended[ends.indexOf(target)] = true;
  });
  for (const end of ends) if (end) observer.observe(end);
  setInterval(() => {
    if (document.visibilityState !== "visible") return;
    // A section is looked at while some of it is in the middle of the window.
    const [top, bottom] = [0.2 * innerHeight, 0.8 * innerHeight];
    const tops = headings.map(heading => heading.getBoundingClientRect().top);
    tops.push(ends.at(-1)?.getBoundingClientRect().top ?? Infinity);
    for (const [index, { id }] of headings.entries()) {
      if (tops[index] > bottom || tops[index + 1] < top) continue;
      spent[index] += 1;
      const place = progress.place(id);
      if (!ended[index] || spent[index] < needed[index] || isDone(progress.get("section", place))) continue;
      progress.set("section", place, latest() + 1);
    }
  }, 1000);
}

// Contents

function markContents() {
  for (const link of document.querySelectorAll("nav.contents a[href^='#'], .contents-menu a[href^='#']")) {
    const sign = element("span", "", { class: "read-sign" });
    const piece = behind(sign);
    showSign(sign, true, wordsAt(link).yes.section);
    const show = () => {
      const done = isDone(progress.get("section", progress.place(link.hash.slice(1))));
      if (done) link.append(piece);
      else piece.remove();
    };
    progress.subscribe(show);
    show();
  }
}

// How much of a chapter is read, behind its line in the book's contents.
function markChapter(item) {
  const total = Number(item.dataset.journey);
  const sign = element("span", "", { class: "read-share", role: "img" });
  const piece = behind(sign);
  const show = () => {
    const ids = Object.entries(progress.all().section ?? {});
    const read = ids.filter(([id, value]) => id.startsWith(`${item.dataset.chapter}/`) && isDone(value)).length;
    const done = Math.min(read, total);
    if (!done) return piece.remove();
    sign.textContent = `${done === total ? "✓ " : ""}${done}/${total}`;
    sign.setAttribute("aria-label", wordsAt(item).sections(done, total));
    item.append(piece);
  };
  progress.subscribe(show);
  show();
}

// The page

// What a file holds, if it is one of this book's; else null.
export function parse(text) {
  try {
    const { book, version, kinds } = JSON.parse(text);
    if (book !== BOOK || version !== VERSION) return null;
    const taken = {};
    for (const kind of ["section", "guess", "challenge", "exercise"]) {
      const entries = Object.entries(kinds[kind] ?? {}).filter(([, value]) => isDone(value));
      const isFit = ([id, value]) => /^[a-z0-9-]+(\/[a-z0-9-]+)?$/.test(id)
        && (kind !== "section" || (Number.isSafeInteger(value) && value > 0 && value < 1e9));
      if (!entries.every(isFit)) return null;
      taken[kind] = Object.fromEntries(entries);
    }
    return taken;
  } catch {
    return null;
  }
}

// All of `mine`, and what `theirs` has besides. Sections that come in count as read after mine, in their own order.
function merge(mine, theirs) {
  const merged = { ...mine };
  let added = 0;
  const offset = Math.max(0, ...Object.values(mine.section ?? {}));
  for (const [kind, values] of Object.entries(theirs)) {
    const fresh = Object.entries(values).filter(([id, value]) => isDone(value) && !isDone(mine[kind]?.[id]));
    const moved = fresh.map(([id, value]) => [id, kind === "section" ? value + offset : value]);
    if (fresh.length) merged[kind] = { ...mine[kind], ...Object.fromEntries(moved) };
    added += fresh.length;
  }
  return { merged, added };
}

function button(text, act) {
  const made = element("button", text, { type: "button" });
  made.addEventListener("click", act);
  return made;
}

function showPage(main) {
  const say = wordsAt(main);
  const items = Array.from(main.querySelectorAll("li[data-id]"), item => {
    const { kind } = item.parentElement.dataset;
    const sign = element("span", "", { class: "sign" });
    item.prepend(sign, " ");
    const id = `${item.closest("[data-chapter]").dataset.chapter}/${item.dataset.id}`;
    return { item, kind, id, sign, link: item.querySelector("a") };
  });
  const counts = Array.from(main.querySelectorAll("ul[data-kind]"), list => {
    const count = element("span", "", { class: "read-share", role: "img" });
    const heading = list.previousElementSibling;
    const name = heading.textContent;
    heading.append(behind(count));
    return { kind: list.dataset.kind, name, count, own: items.filter(({ item }) => item.parentElement === list) };
  });
  const resume = element("p", "", { class: "resume" });
  const sums = element("p", "", { class: "sums" });
  const forgetting = element("p", say.forgetting, { class: "notice" });
  const told = element("p", "", { role: "status" });
  const undo = button(say.undo, () => {
    progress.replace(merge(progress.all(), undo.before).merged);
    undo.remove();
    told.textContent = say.undone;
    forget.focus();
  });

  const take = button(say.take, () => {
    const whole = { book: BOOK, version: VERSION, kinds: progress.all() };
    save(`${BOOK}.json`, "application/json", `${JSON.stringify(whole, null, 1)}\n`);
  });
  const file = element("input", "", { type: "file", accept: ".json,application/json", hidden: "", "aria-label": say.bring });
  const bring = button(say.bring, () => file.click());
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    let brought = null;
    try {
      if (chosen.size <= MOST_BYTES) brought = parse(await chosen.text());
    } catch {
      // A file that cannot be read is as good as one that says nothing.
    }
    // The same file may be chosen again.
    file.value = "";
    if (!brought) return void (told.textContent = say.bad);
    const { merged, added } = merge(progress.all(), brought);
    if (added) progress.replace(merged);
    told.textContent = added ? say.brought(added) : say.nothing;
  });

  const dialog = element("dialog", "", { class: "ask", "aria-labelledby": "ask-forget" });
  const forget = button(say.forget, () => dialog.showModal());
  const really = button(say.really, () => {
    undo.before = progress.all();
    dialog.close();
    progress.replace({});
    told.textContent = say.forgotten;
    told.after(undo);
    undo.focus();
  });
  const keep = button(say.keep, () => dialog.close());
  keep.autofocus = true;
  const answers = element("p", "", { class: "row" });
  answers.append(really, keep);
  dialog.append(element("p", say.ask, { id: "ask-forget" }), element("p", say.hint), answers);

  const row = element("p", "", { class: "row" });
  row.append(take, bring, file, forget);
  main.querySelector("section").before(resume, sums, forgetting, row, element("p", say.merging, { class: "hint" }), told, dialog);

  const done = ({ kind, id }) => isDone(progress.get(kind, id));
  const share = (own, { count, name }) => {
    const part = own.filter(done).length;
    count.textContent = `${part}/${own.length}`;
    count.setAttribute("aria-label", say.of(part, own.length));
    return `${name} ${part}/${own.length}`;
  };
  const leadTo = (text, { link }) => {
    const copy = element("a", link.textContent, { href: link.getAttribute("href") });
    copy.replaceChildren(...link.cloneNode(true).childNodes);
    const line = element("span", text);
    line.append(copy);
    return line;
  };
  const show = () => {
    for (const entry of items) showSign(entry.sign, done(entry), (done(entry) ? say.yes : say.no)[entry.kind]);
    for (const list of counts) share(list.own, list);
    const kinds = [...new Set(items.map(({ kind }) => kind))];
    sums.replaceChildren(...kinds.map(kind => {
      const own = items.filter(entry => entry.kind === kind);
      const { name } = counts.find(list => list.kind === kind);
      const part = own.filter(done).length;
      return element("span", `${name} ${part}/${own.length}`);
    }));
    const sections = items.filter(({ kind }) => kind === "section");
    const order = entry => progress.get("section", entry.id) ?? 0;
    const last = sections.filter(done).reduce((a, b) => (a && order(a) > order(b) ? a : b), null);
    // On from there, or else back to what was left out.
    const after = sections.slice(sections.indexOf(last) + 1);
    const next = after.find(entry => !done(entry)) ?? sections.find(entry => !done(entry));
    const lines = last ? [leadTo(say.last, last)] : [];
    lines.push(next ? leadTo(last ? say.next : say.first, next) : element("span", say.all));
    resume.replaceChildren(...lines);
    forgetting.hidden = progress.lasts();
  };
  progress.subscribe(show);
  show();
}

// Watches the chapter, marks the contents, fills the page.
export function start() {
  const article = document.querySelector("article[data-chapter]");
  if (article) watch(article);
  markContents();
  for (const item of document.querySelectorAll("li[data-journey]")) markChapter(item);
  const main = document.querySelector("main[data-journey]");
  if (main) showPage(main);
}
