// The book without a network: starts the service worker that keeps what is read, offers to take the whole book, and tells
// of a new version. Comes long after the first lab, and works only where the site may keep files.
import { button, make } from "./parts.js";

const words = {
  en: {
    take: "Take the whole book offline", size: bytes => `${bytes} MB`,
    hint: "Pages that you read are kept on this device automatically.",
    part: (bytes, total) => `${bytes} of ${total} MB`, progress: "The book on its way to this device", cancel: "Cancel",
    whole: total => `The whole book is on this device (${total} MB).`, remove: "Remove it",
    offline: "The network cannot be reached. It goes on as soon as there is one.",
    changed: "The book has just been renewed. Load its new version, then take it.",
    full: "There is no more room on this device. What is missing is read from the network, as before.",
    failed: "The book could not be kept on this device. Perhaps this browser keeps no files for this site.",
    again: "Try again", kept: "available offline",
    renewed: "There is a new version of this book.", reload: "Reload", close: "Close",
    noRoom: "There is no room on this device to keep this page for reading offline. It works as before while there is a "
      + "network.",
  },
  zh: {
    take: "下载全书以便离线阅读", size: bytes => `${bytes} MB`,
    hint: "读过的内容会自动保存在此设备上。",
    part: (bytes, total) => `已下载 ${bytes} MB，共 ${total} MB`, progress: "全书下载进度", cancel: "取消",
    whole: total => `全书已保存在此设备上（${total} MB）。`, remove: "移除",
    offline: "网络无法连接。恢复之后会自动继续。",
    changed: "本书刚刚更新。请先加载新版本，再下载。",
    full: "此设备的存储空间不足。未保存的部分仍可联网阅读。",
    failed: "未能把本书保存在此设备上。此浏览器可能不为本站保存文件。",
    again: "重试", kept: "可离线阅读",
    renewed: "本书有新版本。", reload: "重新加载", close: "关闭",
    noRoom: "此设备的存储空间不足，无法保存这一页供离线阅读。有网络时一切照常。",
  },
};
const codeOf = element => (element.closest("[lang]")?.lang.startsWith("zh") ? "zh" : "en");
// A page in both languages says what concerns it in both.
const sides = document.querySelectorAll("main > section[lang], main > .sides > section[lang]");
const pageCodes = sides.length ? Array.from(sides, codeOf) : [codeOf(document.documentElement)];
const said = (name, between) =>
  pageCodes.flatMap((code, index) => {
    const part = make("span", { lang: { en: "en", zh: "zh-Hans" }[code] }, words[code][name]);
    return index ? [between, part] : [part];
  });

// This module lies one folder below the site's root.
const root = new URL("../", import.meta.url);
// How long a page is left alone before anything is kept, in milliseconds; longer where a lab may be about to run.
const CALM = document.querySelector("[data-lab]") ? 5000 : 2000;
const HOUR = 3600000;

const { serviceWorker } = navigator;

const megabytes = bytes => (bytes / 1e6).toFixed(1);

// The worker

// The registration, once its worker is at work; an error if it does not get there.
let beginning = null;
function begin() {
  beginning ??= (async () => {
    const options = { scope: root.href, updateViaCache: "none" };
    const registration = await serviceWorker.register(new URL("sw.js", root), options);
    watch(registration);
    const coming = registration.active ? null : registration.installing ?? registration.waiting;
    if (coming) {
      await new Promise((ready, fail) => {
        const look = () => {
          if (coming.state === "activated") ready();
          if (coming.state === "redundant") fail(new Error("the worker did not start"));
        };
        coming.addEventListener("statechange", look);
        look();
      });
    }
    return registration;
  })();
  beginning.catch(() => (beginning = null));
  return beginning;
}

// What the worker says to a question, with the state of things; waits for the worker if `starts`.
async function ask(question, starts = true) {
  const registration = starts ? await begin() : await serviceWorker.getRegistration(root);
  if (!registration?.active) return null;
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise(arrive => (port1.onmessage = ({ data }) => arrive(data)));
  registration.active.postMessage(question, [port2]);
  const state = await answer;
  port1.close();
  show(state);
  return state;
}

// Notices

function tell(name, ...buttons) {
  const told = make("p", { role: "status" });
  const notice = make("div", { class: "tidings" }, told, ...buttons);
  const label = pageCodes.map(code => words[code].close).join(" · ");
  const close = button("×", () => notice.remove(), { "aria-label": label, class: "close" });
  notice.append(close);
  document.querySelector(".tidings")?.remove();
  document.body.append(notice);
  // Text that comes into a line that is there already is read out.
  told.append(...said(name, " "));
}

// A page keeps the version that it came with, until its reader asks for the next.
function offer(registration) {
  const reload = button("", () => {
    // Another page may have called for it already.
    if (!registration.waiting) return location.reload();
    serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    registration.waiting.postMessage({ ask: "renew" });
  });
  reload.append(...said("reload", " · "));
  tell("renewed", reload);
}

let watching = false;
function watch(registration) {
  if (watching) return;
  watching = true;
  if (registration.waiting && registration.active) offer(registration);
  const follow = () => {
    const coming = registration.installing;
    coming?.addEventListener("statechange", () => {
      if (coming.state === "installed" && registration.active) offer(registration);
    });
  };
  registration.addEventListener("updatefound", follow);
  follow();
  // The browser looks for a new version when a page is opened; this one may stay open for days.
  let looked = Date.now();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible" || Date.now() - looked < HOUR) return;
    looked = Date.now();
    registration.update().catch(() => {
      // Without a network there is nothing new.
    });
  });
}

// The whole book

let state = null;
let trouble = "";
let isTaking = false;
const controls = [];

function show(latest) {
  if (latest?.version) state = latest;
  for (const control of controls) control.show();
  for (const item of document.querySelectorAll("li[data-chapter]")) mark(item);
}

// Behind a chapter in the book's contents: that it is on this device, where not all of them are.
function mark(item) {
  const link = item.querySelector("a[href]");
  const isKept = Boolean(link && !state?.isWhole && state?.pages.includes(new URL(link.href).pathname.slice(root.pathname.length)));
  const sign = item.querySelector(".kept-sign");
  if (!isKept) sign?.remove();
  else if (!sign) item.append(make("span", { class: "kept-sign" }, ` ${words[codeOf(item)].kept}`));
}

// File after file, until all are here, the reader calls it off, or it cannot go on.
async function take() {
  if (isTaking) return;
  isTaking = true;
  trouble = "";
  show();
  try {
    let latest = await ask({ ask: "all", wanted: true });
    // Room that was asked for is not taken back when it gets tight.
    navigator.storage?.persist?.();
    const code = codeOf(document.documentElement);
    while (latest?.all && !latest.isWhole && !latest.trouble) latest = await ask({ ask: "more", code });
    trouble = latest?.trouble ?? (latest ? "" : "failed");
  } catch {
    trouble = "failed";
  }
  isTaking = false;
  show();
}

async function leave(question) {
  try {
    trouble = (await ask(question))?.trouble ?? "";
  } catch {
    trouble = "failed";
  }
  show();
}

class Control {
  constructor(place) {
    const say = words[codeOf(place)];
    this.say = say;
    this.size = make("span", { class: "size" });
    this.begin = button(say.take, take);
    this.stop = button(say.cancel, () => leave({ ask: "all", wanted: false }));
    this.remove = button(say.remove, () => leave({ ask: "remove" }));
    this.bar = make("progress", { "aria-label": say.progress });
    this.told = make("p", { role: "status" });
    this.hint = make("p", { class: "hint" }, say.hint);
    const row = make("p", { class: "row" }, this.begin, this.size, this.bar, this.stop, this.remove);
    this.element = make("div", { class: "offline" }, this.told, row, this.hint);
    place.append(this.element);
    this.show();
  }

  show() {
    const { say } = this;
    const isWhole = Boolean(state?.isWhole && state.all);
    const isUnderWay = !isWhole && (isTaking || Boolean(state?.all && !trouble));
    const focused = document.activeElement;
    const [bytes, total] = [megabytes(state?.bytes ?? 0), megabytes(state?.total ?? 0)];
    this.begin.hidden = isUnderWay || isWhole;
    this.begin.textContent = trouble ? say.again : say.take;
    this.stop.hidden = !isUnderWay;
    this.remove.hidden = !(isWhole || (trouble === "full" && state?.all));
    this.bar.hidden = !isUnderWay;
    if (state) {
      this.bar.max = state.total;
      this.bar.value = state.bytes;
    }
    this.size.textContent = !state || isWhole ? "" : isUnderWay || trouble ? say.part(bytes, total) : say.size(total);
    this.size.hidden = !this.size.textContent;
    const told = isWhole ? say.whole(total) : trouble ? say[trouble] : "";
    if (this.told.textContent !== told) this.told.textContent = told;
    this.hint.hidden = isWhole || Boolean(trouble);
    // The focus stays on the control when the button under it goes.
    if (focused?.hidden && this.element.contains(focused)) this.element.querySelector("button:not([hidden])")?.focus();
  }
}

// Reading

// The page that is open, in both languages.
function pagesHere() {
  const plain = address => address.replace(/[?#].*$/, "").replace(/index\.html$/, "");
  // The page's own link: the alternates in its head have the address of the host that the site was built for.
  const twins = Array.from(document.querySelectorAll("a.language"), link => plain(link.href));
  const addresses = [plain(location.href), ...twins];
  return addresses.filter(address => address.startsWith(root.href)).map(address => address.slice(root.href.length));
}

const NO_ROOM_TOLD = "why-it-generalizes.no-room";

async function keepPage() {
  const answer = await ask({ ask: "keep", pages: pagesHere() });
  if (answer?.trouble !== "full") return;
  try {
    // Once is enough.
    if (sessionStorage.getItem(NO_ROOM_TOLD)) return;
    sessionStorage.setItem(NO_ROOM_TOLD, "1");
  } catch {
    // A browser that keeps not even this is told each time.
  }
  tell("noRoom");
}

const calm = () => new Promise(now => setTimeout(() => (window.requestIdleCallback ?? setTimeout)(now), CALM));

async function read() {
  const registration = await serviceWorker.getRegistration(root);
  if (registration) {
    watch(registration);
    await ask({ ask: "state" }, false);
  }
  await calm();
  // Readers who have asked their browser to save traffic decide for themselves.
  if (!registration && navigator.connection?.saveData) return;
  await keepPage();
  if (state?.all && !state.isWhole) await take();
}

// Starts the worker when the page is calm, and shows the controls.
export function start() {
  if (!__KEEPS__ || !serviceWorker || !/^https?:$/.test(location.protocol)) return;
  const lists = document.querySelectorAll(".parts");
  for (const list of lists) controls.push(new Control(list.closest(".side, main")));
  addEventListener("online", () => {
    if (trouble === "offline" && state?.all) take();
  });
  read().catch(error => {
    // The browser keeps nothing for this site: the book is read from the network, and who wants it here is told so.
    console.info(error);
  });
}
