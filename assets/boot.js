// Starts the page's program, or says why the labs stay still. The smallest module with one 128-bit SIMD instruction
// tells whether this browser can run the labs.
const simd = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

function explain(reason) {
  document.documentElement.dataset.still = reason;
}

// The formulas' font comes last, when the first lab has had the network to itself: until then, formulas are set in a
// font of the reader's system.
let dressed = false;
function dress() {
  if (dressed) return;
  dressed = true;
  if (!document.querySelector("math")) return;
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = new URL("./__MATH__", import.meta.url);
  document.head.append(sheet);
}

async function start() {
  if (typeof WebAssembly !== "object" || !WebAssembly.validate(simd)) return explain("unsupported");
  try {
    const { default: init } = await import("./__MAIN__.js");
    await init({ module_or_path: new URL("./__MAIN___bg.wasm", import.meta.url) });
  } catch (error) {
    console.error(error);
    explain("failed");
  }
}

document.addEventListener("lablive", () => setTimeout(dress, 2000), { once: true });
setTimeout(dress, 5000);
start();
