//! The page's program: it mounts the labs of a page as they come near.

/// A third of the default allocator's size.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

#[cfg(target_arch = "wasm32")]
fn main() {
    console_error_panic_hook::set_once();
    why_it_generalizes::lab_view::watch_all();
}

/// The page's program runs in a browser only.
#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This is the page's program; build the site with `cargo xtask build`.");
    std::process::exit(2);
}
