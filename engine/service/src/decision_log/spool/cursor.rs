//! Cursors: how far each sink has acknowledged, kept from start to start.
//!
//! A cursor is written beside itself, synced and renamed. One that is lost or damaged makes
//! entries come twice, never not at all.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

const KIND: &str = "embargo-spool-cursor-1";
const PREFIX: &str = "cursor-";
const UNFINISHED: &str = ".unfinished";

/// The file of a sink's cursor. Names keep letters, digits and `-`; other bytes are written as
/// `_` and two hexadecimal digits.
fn path(folder: &Path, sink: &str) -> PathBuf {
    let mut name = PREFIX.to_owned();
    for byte in sink.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("_{byte:02x}"));
        }
    }
    folder.join(name)
}

fn checksum(through: u64) -> u32 {
    crc32fast::hash(&through.to_le_bytes())
}

/// The last record that a sink has acknowledged, 0 for none. An error if the cursor is damaged.
pub(super) fn read(folder: &Path, sink: &str) -> io::Result<u64> {
    match fs::read_to_string(path(folder, sink)) {
        Ok(text) => decoded(&text).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(cause) => Err(cause),
    }
}

fn decoded(text: &str) -> Option<u64> {
    let mut words = text.strip_suffix('\n')?.split(' ');
    let (kind, through, stated) = (words.next()?, words.next()?, words.next()?);
    let through = through.parse().ok()?;
    let holds = kind == KIND && words.next().is_none();
    (holds && stated == format!("{:08x}", checksum(through))).then_some(through)
}

/// Keeps how far a sink has acknowledged.
///
/// # Errors
/// If it cannot be written; the one before is still there then.
pub(super) fn write(folder: &Path, sink: &str, through: u64) -> io::Result<()> {
    let path = path(folder, sink);
    let mut unfinished = path.clone().into_os_string();
    unfinished.push(UNFINISHED);
    let mut file = File::create(&unfinished)?;
    file.write_all(format!("{KIND} {through} {:08x}\n", checksum(through)).as_bytes())?;
    file.sync_all()?;
    drop(file);
    fs::rename(&unfinished, &path)?;
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// The furthest that any sink has acknowledged, also one of former days.
///
/// # Errors
/// If the folder cannot be read.
pub(super) fn furthest(folder: &Path) -> io::Result<u64> {
    let mut furthest = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let is_cursor = name
            .to_str()
            .is_some_and(|name| name.starts_with(PREFIX) && !name.ends_with(UNFINISHED));
        if is_cursor && let Ok(text) = fs::read_to_string(entry.path()) {
            furthest = decoded(&text).unwrap_or(0).max(furthest);
        }
    }
    Ok(furthest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_never_when_damaged() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path(), "http").unwrap(), 0);
        for through in [7, 4_000_000_000_000] {
            write(folder.path(), "http", through).unwrap();
            assert_eq!(read(folder.path(), "http").unwrap(), through);
        }
        write(folder.path(), "../a b", 3).unwrap();
        assert_eq!(read(folder.path(), "../a b").unwrap(), 3);
        assert_eq!(furthest(folder.path()).unwrap(), 4_000_000_000_000);

        let path = path(folder.path(), "http");
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            fs::write(&path, &damaged).unwrap();
            assert!(read(folder.path(), "http").is_err(), "{at}");
            fs::write(&path, &whole[..at]).unwrap();
            assert!(read(folder.path(), "http").is_err(), "{at}");
        }
    }
}
