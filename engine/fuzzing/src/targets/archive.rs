//! Archives: any bytes as a bundle, or, behind a byte that is 1, as what is inside of one: a tar
//! archive whose checksums are put right, so that damage reaches what lies behind them.
//!
//! No panic; nothing that is read leads out of the archive or passes a limit; what was read is
//! the same when it is packed anew; and nothing is taken for signed by a key that nobody has.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use embargo_core::bundle::{FILE_BYTES, FILES, TOTAL_BYTES};
use embargo_service::{Archive, SignatureSays, Trust, new_key, pack};

use crate::target::Target;

pub(crate) const ARCHIVE: Target = Target::new(
    "archive",
    &["engine/fuzzing/corpus/archive"],
    &[
        "ustar\x0000",
        "ustar  \0",
        "../",
        "./",
        "/",
        ".manifest",
        ".signatures.json",
        "data.json",
        "rules/one.rego",
        "0000644\0",
        "00000000000\0",
        "77777777777\0",
        "\u{1}",
        "\u{1f}\u{8b}\u{8}",
        "{\"revision\":\"1\"}",
        "{\"signatures\":[\"",
    ],
    feed,
);

/// Bytes of a block of tar.
const BLOCK: usize = 512;
/// Where the checksum of a header stands.
const CHECKSUM: std::ops::Range<usize> = 148..156;

/// Whose private part is thrown away.
static NOBODY: LazyLock<Trust> = LazyLock::new(|| {
    let (_, public) = new_key().expect("a key");
    Trust::in_keys(&public).expect("a key that was just made")
});

fn feed(input: &[u8]) {
    match input.split_first() {
        Some((1, tar)) => read(&gzipped(&put_right(tar))),
        _ => read(input),
    }
}

fn read(packed: &[u8]) {
    let Ok(archive) = Archive::read(packed) else {
        return;
    };
    let mut paths = BTreeSet::new();
    let mut total = 0;
    for (path, content) in archive.files() {
        assert!(paths.insert(path), "a path stands twice");
        let sound = |part: &str| !part.is_empty() && part != "." && part != "..";
        assert!(path.split('/').all(sound), "{path:?}");
        assert!(!path.contains('\\'), "{path:?}");
        assert!(content.len() <= FILE_BYTES);
        total += content.len();
    }
    assert!(total <= TOTAL_BYTES && paths.len() <= FILES + 1);
    assert!(NOBODY.verify(&archive).is_err(), "nobody signed it");
    let unsigned = Trust::in_everything().verify(&archive);
    assert!(unsigned.is_ok_and(|release| !release.is_signed));
    // Errors or not, it comes to an end.
    let _ = SignatureSays::of(&archive);
    let bundle = archive.bundle();
    if let Ok(anew) = pack(archive.manifest(), archive.files(), archive.signatures()) {
        let read = Archive::read(&anew).expect("what was packed is read");
        assert_eq!(read.bundle(), bundle);
        assert_eq!(read.manifest(), archive.manifest());
        assert_eq!(read.signatures(), archive.signatures());
    }
}

/// Puts the checksum of each block right that looks like a header.
fn put_right(tar: &[u8]) -> Vec<u8> {
    let mut tar = tar.to_vec();
    for block in tar.chunks_exact_mut(BLOCK) {
        if &block[257..262] != b"ustar" {
            continue;
        }
        block[CHECKSUM].fill(b' ');
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[CHECKSUM].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
    tar
}

/// A member of gzip that holds the bytes as they are.
fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut chunks = bytes.chunks(usize::from(u16::MAX)).peekable();
    if bytes.is_empty() {
        packed.extend([1, 0, 0, 255, 255]);
    }
    while let Some(chunk) = chunks.next() {
        packed.push(u8::from(chunks.peek().is_none()));
        let length = u16::try_from(chunk.len()).expect("chunks are that short");
        packed.extend(length.to_le_bytes());
        packed.extend((!length).to_le_bytes());
        packed.extend(chunk);
    }
    packed.extend(crc32(bytes).to_le_bytes());
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    packed.extend(length.to_le_bytes());
    packed
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let odd = crc & 1;
            crc >>= 1;
            if odd == 1 {
                crc ^= 0xedb8_8320;
            }
        }
    }
    !crc
}
