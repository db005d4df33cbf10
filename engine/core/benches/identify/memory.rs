//! What a compiled catalogue takes: by how much the process grows with each that it holds.

use embargo_core::catalogue::Catalogue;

use crate::fixtures;

/// Compiles the same catalogue several times and holds all of them, so that what compiling
/// itself took and gave back is reused and not counted.
pub(crate) fn print(files: &[(String, String)], products: usize) {
    const HELD: usize = 4;
    let mut held: Vec<Catalogue> = (0..2).map(|_| fixtures::compile(files)).collect();
    let before = resident();
    held.extend((0..HELD).map(|_| fixtures::compile(files)));
    let grown = (resident() - before) / HELD;
    println!(
        "memory/{products}_products: {} kB resident, {} kB per 1,000",
        grown / 1_024,
        grown / (products / 1_000) / 1_024
    );
}

/// Bytes of the process that are in memory; nothing where the system does not tell.
#[expect(clippy::disallowed_methods, reason = "the bench asks, not the core")]
fn resident() -> usize {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else {
        return 0;
    };
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    kilobytes.unwrap_or(0) * 1_024
}
