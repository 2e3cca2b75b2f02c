//! Times, natively and in headless Chromium, side by side: of the labs, of training and of matrix products; and what
//! Lighthouse and axe-core find.
//!
//! They are printed and judged by [`targets`], and never fail: another machine, or this one at work on something else,
//! is no fault of the code.

mod kernels;
mod labs;
mod one_core;
mod peers;
mod quality;
mod table;
mod targets;

use crate::support::Site;
use anyhow::Result;
use std::io::IsTerminal;

/// The filter that leaves the labs out.
const KERNELS: &str = "kernels";
/// The filter that leaves all times out but those of loading.
const QUALITY: &str = "quality";

/// Prints the tables: all, those of one part for the filters `kernels` and `quality`, or those of the labs whose ids
/// contain the filter.
pub fn print(site: &Site, filter: &str) -> Result<()> {
    if filter.is_empty() || filter == QUALITY {
        quality::print(site)?;
    }
    if filter == QUALITY {
        return Ok(());
    }
    if filter != KERNELS {
        labs::print(site, filter)?;
    }
    // What is started from here on stays on one core; the browsers that are there do not know of it.
    site.close();
    let place = one_core::settle();
    if filter != KERNELS {
        labs::print_on_one_core(site, filter, &place)?;
    }
    if filter.is_empty() || filter == KERNELS {
        kernels::print(site, &place)?;
    }
    println!("\n{} misses its target in tests/site/timings/targets.rs", table::MISSED);
    Ok(())
}

/// Says on a terminal what is being timed, in place of what was.
fn progress(what: &str) {
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K{what}");
    }
}
