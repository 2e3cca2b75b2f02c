//! Prints the site: prose, formulas, the labs' finished runs. Trunk calls it after each build; with `--check` it only
//! reads the book and reports what is wrong with it, with `--translations` which blocks have changed in one language alone.

#[cfg(not(target_arch = "wasm32"))]
use std::process::ExitCode;

/// The press works on files, not in a browser.
#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> ExitCode {
    use why_it_generalizes::press;

    let result = match std::env::args().nth(1).as_deref() {
        Some("--check") => press::check(),
        Some("--translations") => press::translations(),
        _ => press::print(),
    };
    match result {
        Ok(said) => {
            eprintln!("{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
