//! Runs any lab from a terminal.

use std::process::ExitCode;

fn main() -> ExitCode {
    why_it_generalizes::terminal::main(std::env::args_os())
}
