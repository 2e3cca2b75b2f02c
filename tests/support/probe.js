// Collects what goes wrong in a page under test, and how smoothly it runs. The test server adds it to every page.
"use strict";
(() => {
  const probe = { errors: [], longTasks: [] };
  window.probe = probe;

  addEventListener("error", event => {
    const target = event.target;
    const address = target && (target.src || target.href);
    probe.errors.push(event.message || `cannot load ${address}`);
  }, true);
  addEventListener("unhandledrejection", event => probe.errors.push(`unhandled rejection: ${event.reason}`));
  const plain = console.error;
  console.error = (...words) => {
    probe.errors.push(words.map(String).join(" "));
    plain.apply(console, words);
  };

  if (window.PerformanceObserver && PerformanceObserver.supportedEntryTypes.includes("longtask")) {
    new PerformanceObserver(list => probe.longTasks.push(...list.getEntries().map(entry => entry.duration)))
      .observe({ type: "longtask", buffered: true });
  }

  const until = (test, patience, what) => new Promise((resolve, reject) => {
    const begun = performance.now();
    const look = () => {
      const found = test();
      if (found) resolve(found);
      else if (performance.now() - begun > patience) reject(new Error(`waited ${patience} ms in vain for ${what()}`));
      else setTimeout(look, 10);
    };
    look();
  });

  probe.until = until;
  probe.pause = duration => new Promise(resolve => setTimeout(resolve, duration));

  // A lab, by its id.
  const figure = id => {
    const found = document.querySelector(`figure[data-lab="${id}"]`);
    if (!found) throw new Error(`there is no lab ${id} on this page`);
    return found;
  };
  const state = id => figure(id).dataset.state;
  const visible = element => element.getClientRects().length > 0 && getComputedStyle(element).visibility === "visible";
  probe.visible = visible;

  // Buttons go by their accessible names, in either language.
  const names = {
    Run: "运行", Pause: "暂停", Resume: "继续", Step: "单步", Reset: "重置", "Copy link": "复制链接", Download: "下载",
  };
  const nameOf = element => (element.getAttribute("aria-label") || element.textContent).trim();
  const button = (id, name) => Array.from(figure(id).querySelectorAll("button, a, summary, [role=button]"))
    .find(element => [name, names[name]].includes(nameOf(element)) && visible(element) && !element.disabled);
  const awaitButton = (id, name, patience) =>
    until(() => button(id, name), patience, () => `the button ${name} of ${id} (${state(id)})`);

  probe.ready = async (id, patience) => {
    figure(id).scrollIntoView({ block: "center" });
    await awaitButton(id, "Run", patience);
  };
  probe.press = async (id, name) => (await awaitButton(id, name, 5000)).click();
  probe.canPress = async (id, name) => Boolean(button(id, name));
  probe.awaitState = (id, wanted, patience) =>
    until(() => state(id) === wanted, patience, () => `${id} to be ${wanted}; it is ${state(id)}`);

  const shown = id => {
    const outputs = {};
    for (const element of figure(id).querySelectorAll("[data-output]")) {
      outputs[element.dataset.output] = element.dataset.value;
    }
    return { state: state(id), digest: figure(id).dataset.digest || "", outputs };
  };
  probe.shown = async id => shown(id);

  const pixels = id => Array.from(figure(id).querySelectorAll("canvas"), canvas => canvas.toDataURL()).join();
  probe.appearance = async id => JSON.stringify(shown(id)) + pixels(id);

  // Controls.
  const control = (id, name) => {
    const found = Array.from(figure(id).querySelectorAll(`[name="${name}"]`)).find(visible);
    if (!found) throw new Error(`${id} has no visible control ${name}`);
    return found;
  };
  // The slider that goes with a control: itself, or the one beside it.
  const slider = element => {
    if (element.type === "range" || element instanceof HTMLSelectElement) return element;
    for (let around = element.parentElement; around && around.tagName !== "FIGURE"; around = around.parentElement) {
      const ranges = around.querySelectorAll("input[type=range]");
      if (ranges.length) return ranges.length === 1 ? ranges[0] : element;
    }
    return element;
  };
  const change = (element, value) => {
    element.value = value;
    element.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const settle = element => element.dispatchEvent(new Event("change", { bubbles: true }));

  // Moves a control by `steps` of its grain, as a drag does; back if it stands at the end.
  const move = (element, steps) => {
    if (element instanceof HTMLSelectElement) {
      change(element, element.options[(element.selectedIndex + 1) % element.options.length].value);
      return;
    }
    const trial = element.cloneNode();
    trial.stepUp(steps);
    if (trial.value === element.value) trial.stepDown(steps);
    change(element, trial.value);
  };
  probe.move = async (id, name, steps) => {
    const element = slider(control(id, name));
    move(element, steps);
    settle(element);
  };
  // Drags a control through several positions, a few milliseconds apart.
  probe.drag = async (id, name, positions) => {
    const element = slider(control(id, name));
    for (let position = 0; position < positions; position++) {
      move(element, 1);
      await probe.pause(12);
    }
    settle(element);
  };
  // What every control of a lab is set to, by name.
  probe.settings = async id => Object.fromEntries(
    Array.from(figure(id).querySelectorAll("input[name], select[name]")).filter(visible)
      .map(element => [element.name, element.value]));

  // Moves a control and returns after how many milliseconds the first new frame was on the canvas.
  probe.latency = async (id, name, steps, patience) => {
    const element = slider(control(id, name));
    const before = figure(id).dataset.frame;
    const begun = performance.now();
    move(element, steps);
    await until(() => figure(id).dataset.frame !== before, patience, () => `a new frame of ${id}`);
    return performance.now() - begun;
  };

  // The visible controls of a lab, and whether each has a label.
  probe.controls = async id => Array.from(figure(id).querySelectorAll("input[name], select[name]"))
    .filter(visible)
    .map(element => ({
      name: element.name,
      type: element.type,
      labelled: Boolean(element.labels && element.labels.length || element.getAttribute("aria-label")
        || element.getAttribute("aria-labelledby")),
    }));

  // Runs a lab and returns how long the main thread was held at most, in milliseconds; Chromium reports 50 and more.
  probe.longestTask = async (id, patience) => {
    await probe.pause(300);
    probe.longTasks.length = 0;
    await probe.press(id, "Run");
    await until(() => state(id) === "done", patience, () => `${id} to be done`);
    await probe.pause(300);
    return Math.max(0, ...probe.longTasks);
  };
})();
