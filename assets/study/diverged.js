// Says in words, where the reader looks, that a run has diverged: its numbers alone would be easy to miss.
import { live } from "./plot.js";

const words = {
  en: "This run diverged, in whole or in part: some of its numbers grew without bound. Smaller steps or other settings "
    + "may help; Reset brings back the printed run.",
  zh: "这次运行全部或部分发散了：其中有些数值无界增长。减小步长或换用其他设置也许有用；按“重置”可回到构建时的结果。",
};

async function attend(figure) {
  const lab = await live(figure);
  const line = document.createElement("p");
  line.className = "notice";
  line.setAttribute("role", "status");
  line.dataset.diverged = "";
  figure.querySelector(".lab-failure").after(line);
  const show = () => {
    const told = lab.outputs().diverged > 0 && lab.state !== "error" ? words[lab.code] : "";
    line.hidden = !told;
    // A text that is set anew is read out anew, and a run paints often.
    if (line.textContent !== told) line.textContent = told;
  };
  lab.onpaint(show);
  lab.onstate(show);
  show();
}

export function start() {
  for (const cell of document.querySelectorAll("[data-output=diverged]")) attend(cell.closest("figure"));
}
