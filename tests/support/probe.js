// Collects what goes wrong in a page under test, and how smoothly it runs. The test server adds it to every page.
"use strict";
(() => {
  const probe = { errors: [], longTasks: [] };
  window.probe = probe;
  // Nothing that one test has loaded comes to another. Those of the service worker see pages without this script.
  Object.defineProperty(navigator, "serviceWorker", { value: undefined });

  addEventListener("error", event => {
    const target = event.target;
    const address = target && (target.src || target.href);
    probe.errors.push(event.message || `cannot load ${address}`);
  }, true);
  addEventListener("unhandledrejection", event => probe.errors.push(`unhandled rejection: ${event.reason}`));
  addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) =>
    probe.errors.push(`against the page's policy: ${effectiveDirective} ${blockedURI} (${sourceFile}:${lineNumber})`));
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

  // A reader's first press, with which what helps to study comes at once.
  probe.touch = () => {
    if ("study" in document.documentElement.dataset) return;
    document.body.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
  };

  // A lab, by its id.
  const figure = id => {
    const found = document.querySelector(`figure[data-lab="${id}"]`);
    if (!found) throw new Error(`there is no lab ${id} on this page`);
    return found;
  };
  const state = id => figure(id).dataset.state;
  // What is folded away in a closed `details` has a size, too.
  const visible = element => element.getClientRects().length > 0 && element.checkVisibility({ visibilityProperty: true });
  probe.visible = visible;

  // Buttons go by their accessible names, in either language.
  const names = {
    Run: "运行", Pause: "暂停", Resume: "继续", Step: "单步", Reset: "重置", "Copy link": "复制链接", Download: "下载",
  };
  const nameOf = element => (element.getAttribute("aria-label") || element.textContent).trim();
  const isOpen = element =>
    visible(element) && !element.matches(":disabled") && element.getAttribute("aria-disabled") !== "true";
  const button = (id, name) => Array.from(figure(id).querySelectorAll("button, a, summary, [role=button]"))
    .find(element => [name, names[name]].includes(nameOf(element)) && isOpen(element));
  const awaitButton = (id, name, patience) =>
    until(() => button(id, name), patience, () => `the button ${name} of ${id} (${state(id)})`);

  probe.ready = async (id, patience) => {
    const alive = () => {
      // Again and again: while a page loads, it goes back to the section that its address names.
      const box = figure(id).getBoundingClientRect();
      if (box.bottom < 0 || box.top > innerHeight) figure(id).scrollIntoView({ block: "center", behavior: "instant" });
      return Array.from(figure(id).querySelectorAll("button")).some(isOpen);
    };
    await until(alive, patience, () => `a button of ${id} that does something`);
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

  const pixels = id => Array.from(figure(id).querySelectorAll(".lab-panel canvas"), canvas => canvas.toDataURL()).join();
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

  const nextFrame = () => new Promise(resolve => requestAnimationFrame(resolve));
  // Resolves when a lab has drawn its next frame: each sets the lab's state anew, and is drawn with the screen's frame
  // after that.
  const drawn = async (id, patience) => {
    let came = false;
    const observer = new MutationObserver(() => { came = true; });
    observer.observe(figure(id), { attributeFilter: ["data-state"] });
    const begun = performance.now();
    while (!came) {
      if (performance.now() - begun > patience) throw new Error(`no frame of ${id} in ${patience} ms`);
      await nextFrame();
    }
    observer.disconnect();
    await nextFrame();
  };
  // The same for the first frame of the run that begins with the screen's next frame.
  const firstFrame = async (id, patience) => {
    await nextFrame();
    await drawn(id, patience);
  };
  // Presses a button and waits until the frame that this leads to is drawn.
  probe.pressAndSee = async (id, name, patience) => {
    await probe.press(id, name);
    await drawn(id, patience);
  };

  // Moves a control and returns after how many milliseconds the first new frame was drawn.
  probe.latency = async (id, name, steps, patience) => {
    const begun = performance.now();
    move(slider(control(id, name)), steps);
    await firstFrame(id, patience);
    return performance.now() - begun;
  };
  // Runs a lab and returns after how many milliseconds its first frame was drawn and after how many it was done.
  probe.time = async (id, patience) => {
    await probe.pause(300);
    probe.longTasks.length = 0;
    const run = button(id, "Run");
    const begun = performance.now();
    run.click();
    const first = (async () => {
      await nextFrame();
      // A short run may be over by then.
      await (state(id) === "done" ? nextFrame() : drawn(id, patience));
      return performance.now() - begun;
    })();
    await until(() => state(id) === "done", patience, () => `${id} to be done`);
    const done = performance.now() - begun;
    await probe.pause(300);
    return { first: await first, done, longest: Math.max(0, ...probe.longTasks) };
  };

  // The names of the controls that can be seen.
  probe.controls = async id =>
    Array.from(figure(id).querySelectorAll("input[name], select[name]")).filter(visible).map(element => element.name);

  // Starts a run and holds it as soon as it goes; returns the state that it is then in.
  probe.runAndPause = async (id, patience) => {
    await probe.press(id, "Run");
    await until(() => {
      if (state(id) === "done") return true;
      const pause = button(id, "Pause");
      if (state(id) !== "running" || !pause) return false;
      pause.click();
      return true;
    }, patience, () => `${id} to run`);
    const held = await until(() => ["paused", "done"].includes(state(id)) && state(id), patience, () => `${id} to be held`);
    await nextFrame();
    await nextFrame();
    return held;
  };

  // Waits until a lab is done and stays so, with another digest than `before`.
  probe.settled = async (id, before, patience) => {
    let since = 0;
    await until(() => {
      if (state(id) !== "done" || figure(id).dataset.digest === before) since = performance.now();
      return performance.now() - since > 250;
    }, patience, () => `${id} to be done with another digest than ${before}; it is ${state(id)}`);
  };

  // What a button would have put on the clipboard.
  probe.copied = async (id, button) => {
    let text = "";
    navigator.clipboard.writeText = async words => { text = words; };
    await probe.press(id, button);
    return until(() => text, 3000, () => "a link on the clipboard");
  };
  // What a button would have saved as a file.
  probe.saved = async (id, button) => {
    let blob = null;
    const make = URL.createObjectURL;
    URL.createObjectURL = content => { blob = content; return make.call(URL, content); };
    const click = HTMLAnchorElement.prototype.click;
    HTMLAnchorElement.prototype.click = () => {};
    await probe.press(id, button);
    // The program that makes files is loaded with the first one.
    await until(() => blob, 20000, () => "a file");
    HTMLAnchorElement.prototype.click = click;
    URL.createObjectURL = make;
    return blob.text();
  };

  // Runs a lab over and over until `times` or `limit` milliseconds are reached; returns how often.
  probe.rerun = async (id, times, limit, patience) => {
    const begun = performance.now();
    let count = 0;
    while (count < times && performance.now() - begun < limit) {
      await probe.press(id, "Run");
      await until(() => state(id) !== "done", 2000, () => `${id} to run`).catch(() => {});
      await until(() => state(id) === "done", patience, () => `${id} to be done`);
      count += 1;
    }
    return count;
  };
  // All memory of the page and its workers, in bytes.
  probe.memory = async () => (await performance.measureUserAgentSpecificMemory()).bytes;
})();
