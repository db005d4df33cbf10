//! Reading a tar archive: headers of USTAR, nothing beside them, and no mercy.
//!
//! Headers are read here and not by a library, because libraries are made to read whatever
//! there is: long names of GNU, records of pax, sizes in base 256, sparse files. Each of these
//! is a way for two programs to see two sets in one archive.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use embargo_core::bundle::{FILES, PATH_BYTES};

use super::ArchiveInvalid;

/// Bytes of a header, and what all else is a multiple of.
const BLOCK: usize = 512;
/// Entries, at most: files and the folders that hold them.
const ENTRIES: usize = 2 * FILES;

const NAME: Range<usize> = 0..100;
const SIZE: Range<usize> = 124..136;
const CHECKSUM: Range<usize> = 148..156;
const KIND: usize = 156;
const LINK: Range<usize> = 157..257;
const MAGIC: Range<usize> = 257..265;
/// The part of a path before [`NAME`], in the standard's own form.
const PREFIX: Range<usize> = 345..500;
/// What is behind the last field of any form.
const REST: Range<usize> = 345..512;

/// A regular file.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub(super) path: String,
    pub(super) content: &'a [u8],
}

/// The files of an archive, in its order.
pub(super) fn entries(bytes: &[u8]) -> Result<Vec<Entry<'_>>, ArchiveInvalid> {
    let mut reader = Reader { bytes, at: 0 };
    let mut found: Vec<Entry<'_>> = Vec::new();
    let mut kinds = BTreeMap::new();
    let mut folders = BTreeSet::new();
    while let Some(header) = reader.header()? {
        let entry = header.entry()?;
        let content = reader.content(header.size()?)?;
        if kinds.len() >= ENTRIES {
            return Err(ArchiveInvalid::TooMuch {
                path: None,
                what: format!("there are more than {ENTRIES} entries"),
            });
        }
        let Some(path) = entry.path else {
            // The root itself, as `tar -C FOLDER .` writes it.
            continue;
        };
        if kinds.insert(path.clone(), entry.is_folder).is_some() {
            return Err(ArchiveInvalid::Duplicate { path });
        }
        for (at, _) in path.match_indices('/') {
            folders.extend(path.get(..at).map(str::to_owned));
        }
        if entry.is_folder {
            continue;
        }
        if found.len() > FILES {
            return Err(ArchiveInvalid::TooMuch {
                path: None,
                what: format!("there are more than {FILES} files"),
            });
        }
        found.push(Entry { path, content });
    }
    // What is a file in one place and a folder in another.
    for (path, is_folder) in kinds {
        if !is_folder && folders.contains(&path) {
            return Err(ArchiveInvalid::Duplicate { path });
        }
    }
    Ok(found)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn damaged(&self, cause: &'static str) -> ArchiveInvalid {
        ArchiveInvalid::Tar { at: self.at, cause }
    }

    /// The next header; none at the end, behind which there is nothing.
    fn header(&mut self) -> Result<Option<Header<'a>>, ArchiveInvalid> {
        let block = self.blocks(1)?;
        if !block.iter().all(|byte| *byte == 0) {
            let at = self.at - BLOCK;
            return Header::read(block, at).map(Some);
        }
        if !self.blocks(1)?.iter().all(|byte| *byte == 0) {
            return Err(self.damaged("one empty block stands where two tell the end"));
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if rest.iter().any(|byte| *byte != 0) {
            return Err(ArchiveInvalid::Trailing {
                cause: "the blocks that tell its end are followed by more",
            });
        }
        Ok(None)
    }

    fn content(&mut self, size: usize) -> Result<&'a [u8], ArchiveInvalid> {
        let padded = self.blocks(size.div_ceil(BLOCK))?;
        let (content, padding) = padded
            .split_at_checked(size)
            .ok_or_else(|| self.damaged("a file ends too early"))?;
        if padding.iter().any(|byte| *byte != 0) {
            return Err(self.damaged("bytes are hidden behind a file"));
        }
        Ok(content)
    }

    fn blocks(&mut self, count: usize) -> Result<&'a [u8], ArchiveInvalid> {
        let end = count
            .checked_mul(BLOCK)
            .and_then(|length| self.at.checked_add(length));
        let blocks = end.and_then(|end| self.bytes.get(self.at..end));
        let blocks = blocks.ok_or_else(|| self.damaged("it ends too early"))?;
        self.at += blocks.len();
        Ok(blocks)
    }
}

/// What a header tells.
struct Told {
    /// None of the root itself.
    path: Option<String>,
    is_folder: bool,
}

struct Header<'a> {
    block: &'a [u8],
    at: usize,
    /// Whether the prefix belongs to the path.
    is_posix: bool,
}

impl<'a> Header<'a> {
    fn read(block: &'a [u8], at: usize) -> Result<Self, ArchiveInvalid> {
        let damaged = |cause| Err(ArchiveInvalid::Tar { at, cause });
        let mut header = Self {
            block,
            at,
            is_posix: true,
        };
        let sum = block.iter().enumerate().map(|(at, byte)| {
            let counted = if CHECKSUM.contains(&at) { b' ' } else { *byte };
            usize::from(counted)
        });
        if header.octal(CHECKSUM)? != sum.sum::<usize>() {
            return damaged("the checksum of a header does not hold");
        }
        match header.part(MAGIC) {
            b"ustar\x0000" => {}
            b"ustar  \0" => header.is_posix = false,
            _ => return damaged("a header is not one of USTAR"),
        }
        if !header.is_posix && header.part(REST).iter().any(|byte| *byte != 0) {
            return damaged("a header has fields that only GNU's programs read");
        }
        Ok(header)
    }

    fn part(&self, range: Range<usize>) -> &'a [u8] {
        self.block.get(range).unwrap_or_default()
    }

    fn octal(&self, range: Range<usize>) -> Result<usize, ArchiveInvalid> {
        let digits = self.part(range);
        let behind = digits
            .iter()
            .rposition(|byte| !matches!(byte, 0 | b' '))
            .map_or(0, |last| last + 1);
        let digits = digits.get(..behind).unwrap_or_default().trim_ascii_start();
        let number = digits.iter().try_fold(0_usize, |number, byte| {
            let digit = byte.checked_sub(b'0').filter(|digit| *digit < 8)?;
            number.checked_mul(8)?.checked_add(usize::from(digit))
        });
        number
            .filter(|_| !digits.is_empty())
            .ok_or(ArchiveInvalid::Tar {
                at: self.at,
                cause: "a number of a header is not one in base 8",
            })
    }

    fn size(&self) -> Result<usize, ArchiveInvalid> {
        self.octal(SIZE)
    }

    /// A field of text: what stands before the first zero, behind which there are zeros only.
    fn text(&self, range: Range<usize>) -> Result<&'a [u8], ArchiveInvalid> {
        let field = self.part(range);
        let end = field
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(field.len());
        let (text, rest) = field.split_at_checked(end).unwrap_or((field, &[]));
        if rest.iter().any(|byte| *byte != 0) {
            return Err(ArchiveInvalid::Tar {
                at: self.at,
                cause: "bytes are hidden behind a name",
            });
        }
        Ok(text)
    }

    fn entry(&self) -> Result<Told, ArchiveInvalid> {
        let mut written = Vec::new();
        if self.is_posix {
            let prefix = self.text(PREFIX)?;
            written.extend(prefix);
            if !prefix.is_empty() {
                written.push(b'/');
            }
        }
        written.extend(self.text(NAME)?);
        let shown = String::from_utf8_lossy(&written).into_owned();
        let is_folder = match self.block.get(KIND) {
            Some(b'0' | 0) => false,
            Some(b'5') => true,
            kind => {
                return Err(ArchiveInvalid::Entry {
                    path: shown,
                    what: named(kind.copied().unwrap_or_default()),
                });
            }
        };
        if !self.text(LINK)?.is_empty() {
            return Err(ArchiveInvalid::Entry {
                path: shown,
                what: "a file that also names the target of a link".to_owned(),
            });
        }
        if is_folder && self.size()? != 0 {
            return Err(ArchiveInvalid::Entry {
                path: shown,
                what: "a folder with a content of its own".to_owned(),
            });
        }
        let Ok(path) = str::from_utf8(&written) else {
            return Err(ArchiveInvalid::Path {
                path: shown,
                cause: "is not UTF-8",
            });
        };
        let path = below_root(path, is_folder)
            .map_err(|cause| ArchiveInvalid::Path { path: shown, cause })?;
        Ok(Told { path, is_folder })
    }
}

/// The path below the root. `opa build` begins each with `/`, and `tar -C FOLDER .` with `./`:
/// these mean the root of the archive, and nothing is written to a disk.
fn below_root(written: &str, is_folder: bool) -> Result<Option<String>, &'static str> {
    let path = written
        .strip_prefix("./")
        .or_else(|| written.strip_prefix('/'))
        .unwrap_or(written);
    let path = if is_folder {
        path.strip_suffix('/').unwrap_or(path)
    } else {
        path
    };
    if is_folder && (path.is_empty() || path == ".") {
        return Ok(None);
    }
    if path.is_empty() {
        return Err("is empty");
    }
    if path.len() > PATH_BYTES {
        return Err("is too long");
    }
    if path.chars().any(|character| character.is_control()) {
        return Err("holds a control character");
    }
    if path.contains('\\') {
        return Err("holds a backslash");
    }
    if path.starts_with('/') {
        return Err("is absolute");
    }
    for part in path.split('/') {
        match part {
            "" => return Err("has an empty part"),
            "." => return Err("has a part `.`"),
            ".." => return Err("leads out of the archive by `..`"),
            _ => {}
        }
    }
    Ok(Some(path.to_owned()))
}

/// What an entry of another kind is, in words.
fn named(kind: u8) -> String {
    let known = match kind {
        b'1' => "a hard link",
        b'2' => "a symbolic link",
        b'3' | b'4' => "a device",
        b'6' => "a pipe",
        b'7' => "a contiguous file",
        b'x' | b'X' | b'g' => "an extended header of pax",
        b'L' | b'K' | b'N' => "a long name of GNU",
        b'S' => "a sparse file",
        b'D' | b'M' | b'V' => "an entry that only GNU's programs read",
        _ => return format!("of the unknown kind {kind:#04x}"),
    };
    known.to_owned()
}
