//! Prints the site: prose, formulas, the labs' finished runs. Trunk calls it after each build; with `--check` it only
//! reads the book and reports what is wrong with it.

#[cfg(not(target_arch = "wasm32"))]
use std::process::ExitCode;

/// The press works on files, not in a browser.
#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> ExitCode {
    use why_it_generalizes::press;

    let check_only = std::env::args().skip(1).any(|argument| argument == "--check");
    let result = if check_only { press::check() } else { press::print() };
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
