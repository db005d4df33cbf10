//! How fast the spool of the strict decision log is: entries a second and how long an append takes,
//! by how many append at a time, beside one sync for each entry, in one run.
//!
//! ```console
//! cargo run --release -p embargo-service --example spool -- FOLDER
//! ```
//!
//! `FOLDER` is on the disk that is measured; a folder is made in it and removed.

use std::error::Error;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use embargo_service::{Spool, SpoolSettings};

/// Bytes of an entry: about those of a host with twenty items.
const ENTRY: usize = 4 * 1_024;
/// How long each row is measured.
const TIME: Duration = Duration::from_secs(3);

fn main() -> Result<(), Box<dyn Error>> {
    let above = std::env::args_os()
        .nth(1)
        .map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = above.join(format!("embargo-spool-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let measured = measure(&folder);
    fs::remove_dir_all(&folder)?;
    measured
}

fn measure(folder: &Path) -> Result<(), Box<dyn Error>> {
    println!("entries of {ENTRY} bytes, {} s each", TIME.as_secs());
    println!("                     entries/s   syncs/s       p50       p99");
    let single = alone(&folder.join("single"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    for callers in [1, 8, 64, 512] {
        let place = folder.join(callers.to_string());
        let rate = runtime.block_on(together(place.clone(), callers))?;
        fs::remove_dir_all(&place)?;
        println!(
            "                     {:.1} times one sync for each entry",
            rate / single
        );
    }
    Ok(())
}

/// One after the other, each with a sync of its own.
fn alone(path: &Path) -> Result<f64, Box<dyn Error>> {
    let mut file = File::create(path)?;
    let entry = vec![b'x'; ENTRY];
    let mut took = Vec::new();
    let begun = Instant::now();
    while begun.elapsed() < TIME {
        let one = Instant::now();
        file.write_all(&entry)?;
        file.sync_data()?;
        took.push(one.elapsed());
    }
    let syncs = took.len();
    Ok(row("a sync for each", begun.elapsed(), took, syncs))
}

async fn together(folder: PathBuf, callers: usize) -> Result<f64, Box<dyn Error>> {
    let settings = SpoolSettings {
        max_bytes: 64 * 1_024 * 1_024 * 1_024,
        ..SpoolSettings::in_folder(folder)
    };
    let spool = Spool::open(settings)?;
    let begun = Instant::now();
    let asking = (0..callers).map(|_| {
        let spool = spool.clone();
        tokio::spawn(async move {
            let mut took = Vec::new();
            while begun.elapsed() < TIME {
                let one = Instant::now();
                spool.append(vec![b'x'; ENTRY]).await?;
                took.push(one.elapsed());
            }
            Ok::<_, embargo_service::SpoolError>(took)
        })
    });
    let mut took = Vec::new();
    for caller in asking.collect::<Vec<_>>() {
        took.extend(caller.await??);
    }
    let syncs = usize::try_from(spool.standing().groups)?;
    Ok(row(
        &format!("{callers} callers"),
        begun.elapsed(),
        took,
        syncs,
    ))
}

/// Prints a row; gives entries a second.
fn row(name: &str, time: Duration, mut took: Vec<Duration>, syncs: usize) -> f64 {
    took.sort_unstable();
    let count = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let rate = count(took.len()) / time.as_secs_f64();
    let at = |percent: usize| {
        let place = took.len().saturating_sub(1) * percent / 100;
        let found = took.get(place).copied().unwrap_or_default();
        format!("{:.2} ms", found.as_secs_f64() * 1_000.0)
    };
    let syncs = count(syncs) / time.as_secs_f64();
    println!(
        "{name:<18} {rate:>11.0} {syncs:>9.0} {:>9} {:>9}",
        at(50),
        at(99)
    );
    rate
}
