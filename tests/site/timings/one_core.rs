//! Keeping this program, and what it starts, on one core of the processor.

use std::{fs, process::Command};

/// Binds this thread, and every process that it starts from now on, to the last core that it may use, and asks to go
/// before other work. Returns what came of it, in words for a heading.
pub fn settle() -> String {
    let process = std::process::id().to_string();
    // Where there is no right to it, the times are only less steady.
    let _ = Command::new("renice").args(["-n", "-15", "-p", &process]).output();
    let bound = last_core().filter(|core| {
        let taskset = Command::new("taskset").args(["-p", "-c", core, &process]).output();
        taskset.is_ok_and(|output| output.status.success())
    });
    bound.map_or_else(|| "not pinned to a core".into(), |core| format!("pinned to core {core}"))
}

/// The last core that this process may run on, as Linux numbers them.
fn last_core() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
    let last = list.trim().rsplit([',', '-']).next()?;
    last.parse::<usize>().is_ok().then(|| last.to_owned())
}
