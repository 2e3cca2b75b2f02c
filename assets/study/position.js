// Where the reader is: the current section in both forms of the contents, a thin line of progress under the bar, and a
// menu of contents that closes when it has served.
export function start() {
  const article = document.querySelector("article[data-chapter]");
  const bar = document.querySelector(".bar");
  const menu = document.querySelector(".contents-menu");
  const list = document.querySelector("nav.contents");
  const links = Array.from(document.querySelectorAll("nav.contents a, .contents-menu a"));
  if (!article || !bar) return;
  const line = document.createElement("div");
  line.className = "read-line";
  line.setAttribute("aria-hidden", "true");
  bar.append(line);

  let current = null;
  const mark = id => {
    if (current === id) return;
    current = id;
    for (const link of links) {
      if (link.hash === `#${id}`) link.setAttribute("aria-current", "location");
      else link.removeAttribute("aria-current");
    }
    // The list scrolls by itself, never the page.
    const here = list?.querySelector("[aria-current]");
    if (!here || list.scrollHeight <= list.clientHeight) return;
    const away = here.getBoundingClientRect().top - list.getBoundingClientRect().top;
    if (away < 0 || away > list.clientHeight - here.offsetHeight) list.scrollTop += away - list.clientHeight / 2;
  };

  const headings = Array.from(article.querySelectorAll("h2[id]")).filter(({ id }) => links.some(link => link.hash === `#${id}`));
  const look = () => {
    // The last section that has reached the upper third of the window; at the foot of the page, the last one.
    const third = innerHeight / 3;
    mark(headings.findLast(heading => heading.getBoundingClientRect().top <= third)?.id ?? "");
    const { top, height } = article.getBoundingClientRect();
    const way = height - innerHeight + bar.offsetHeight;
    line.style.transform = `scaleX(${way > 0 ? Math.min(1, Math.max(0, (bar.offsetHeight - top) / way)) : 1})`;
  };
  let due = false;
  const soon = () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      look();
    });
  };
  addEventListener("scroll", soon, { passive: true });
  addEventListener("resize", soon);
  look();

  if (!menu) return;
  const close = () => (menu.open = false);
  menu.addEventListener("click", event => event.target.closest("a") && close());
  menu.addEventListener("toggle", () => menu.open && menu.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" }));
  document.addEventListener("pointerdown", event => !menu.contains(event.target) && close());
  menu.addEventListener("focusout", event => event.relatedTarget && !menu.contains(event.relatedTarget) && close());
  document.addEventListener("keydown", event => {
    if (event.key !== "Escape" || !menu.open) return;
    close();
    menu.querySelector("summary").focus();
  });
}
