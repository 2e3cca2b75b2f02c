// Starts the workers' program, which lies beside this file. The page's first message is the compiled program or null;
// the first worker compiles it and passes it on, so that a page compiles it once.
"use strict";
importScripts("./__WORKER_JS__");

self.onmessage = async (event) => {
  self.onmessage = null;
  try {
    let module = event.data;
    if (!module) {
      const response = await fetch("./__WORKER_WASM__");
      module = await WebAssembly.compile(await response.arrayBuffer());
      self.postMessage(module);
    }
    await wasm_bindgen({ module_or_path: module });
  } catch (error) {
    self.postMessage(String(error));
  }
};
