//! Others' code, doing the same in a page of its own: `tests/peers`.

use crate::support::{
    driver::{Browser, Session},
    server::Host,
};
use anyhow::{Context, Result};
use serde_json::json;
use std::{env, path::Path};

/// One way to train with TensorFlow.js.
#[derive(Clone, Copy)]
pub struct Peer {
    backend: &'static str,
    /// A key of `WAYS` in `tests/peers/peers.js`.
    way: &'static str,
}

/// Its WebAssembly with the library's own gradients.
pub const WASM: Peer = Peer { backend: "wasm", way: "library" };
/// Its JavaScript with the library's own gradients.
pub const CPU: Peer = Peer { backend: "cpu", way: "library" };
/// Its WebAssembly with gradients written by hand for it.
pub const BY_HAND: Peer = Peer { backend: "wasm", way: "hand" };

/// A class of `tests/peers/products`.
#[derive(Clone, Copy)]
pub struct Library(&'static str);

/// The crate `matrixmultiply`, as ndarray calls it.
pub const MATRIXMULTIPLY: Library = Library("Matrixmultiply");
/// The crate `gemm`, as faer calls it.
pub const GEMM: Library = Library("Gemm");

/// A browser with the peers' page.
pub struct Peers {
    session: Session,
    /// Serves the page's later requests.
    _host: Host,
}

impl Peers {
    /// Opens the page that `cargo xtask bench --peers` installed; nothing without that.
    pub fn open() -> Result<Option<Self>> {
        let Some(folder) = env::var_os("SITE_PEERS") else { return Ok(None) };
        let host = Host::start(Path::new(&folder), "/")?;
        let session = Session::start(Browser::Chromium)?;
        session.go(&format!("{}index.html", host.address))?;
        Ok(Some(Self { session, _host: host }))
    }

    /// Operations in a nanosecond: the median of so many portions, each of so many milliseconds.
    pub fn train(&self, peer: Peer, sizes: &[usize], batch: usize, portion: f64, portions: usize) -> Result<f64> {
        let arguments =
            [json!(peer.backend), json!(peer.way), json!(sizes), json!(batch), json!(portion), json!(portions)];
        let rate = self.session.script_async("return await train(...args);", &arguments)?;
        rate.as_f64().with_context(|| format!("TensorFlow.js ({}) gave {rate}", peer.backend))
    }

    /// The same for a product of an m × k and a k × n matrix; `shape` is [m, k, n].
    pub fn multiply(&self, Library(library): Library, shape: [usize; 3], portion: f64, portions: usize) -> Result<f64> {
        let arguments = [json!(library), json!(shape), json!(portion), json!(portions)];
        let rate = self.session.script_async("return await multiply(...args);", &arguments)?;
        rate.as_f64().with_context(|| format!("{library} gave {rate}"))
    }
}
