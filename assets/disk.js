// A page that was opened from a disk: says what works there and what does not, and makes the links lead to files, since
// no server looks for them in folders. A plain script, because modules do not start there.
(function () {
  var words = {
    en: [
      "This page was opened from a disk. The text is complete, every figure shows a finished run that was computed when " +
        "the book was built, and links, themes and printing work. Browsers start no programs from a disk, so the labs " +
        "stand still, and search and the checking of exercises are off. A small server on your own computer brings " +
        "everything to life: in the book’s folder, run ",
      ", then open ",
      ".",
    ],
    zh: [
      "本页是从磁盘直接打开的。正文完整可读，每张图都是构建本书时算好的一次完整运行，链接、主题和打印都可以用。" +
        "浏览器不允许磁盘上的网页启动程序，因此实验不会运行，搜索与习题检查也用不了。" +
        "在自己的电脑上开一个小服务器，就能用上全部功能：在本书的文件夹里运行 ",
      "，然后打开 ",
      "。",
    ],
  };
  var address = "http://localhost:8000/";

  function say(lang) {
    var text = words[lang.slice(0, 2)] || words.en;
    var notice = document.createElement("p");
    notice.className = "notice disk";
    notice.setAttribute("role", "note");
    var command = document.createElement("code");
    command.textContent = "python3 -m http.server";
    var link = document.createElement("a");
    link.href = address;
    link.textContent = address;
    notice.append(text[0], command, text[1], link, text[2]);
    return notice;
  }

  function lead(anchor) {
    if (anchor.protocol === "file:" && anchor.pathname.endsWith("/")) anchor.pathname += "index.html";
  }

  function start() {
    var root = document.documentElement;
    root.dataset.still = "file";
    document.querySelectorAll("a[href]").forEach(lead);
    // The theme needs nothing but this page.
    document.querySelectorAll("button.theme").forEach(function (button) {
      button.classList.remove("needs-script");
    });
    // A page in both languages says it in both; otherwise it stands where a page says that its labs stand still.
    var sides = document.querySelectorAll("main > section[lang], main > .sides > section[lang]");
    var place = document.querySelector(".notice");
    if (sides.length) {
      sides.forEach(function (side) {
        side.querySelector("h1").after(say(side.lang));
      });
    } else if (place) place.before(say(root.lang));
    else document.querySelector("main h1").after(say(root.lang));
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
