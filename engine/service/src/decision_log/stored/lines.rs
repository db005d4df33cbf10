//! Files with an entry on each line, packed or not.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read, Seek as _};
use std::path::PathBuf;

use flate2::read::MultiGzDecoder;
use serde::de::IgnoredAny;

use super::{At, Place, Stored, StoredFault, StoredUnreadable, unreadable};

const PACKED: [u8; 2] = [0x1F, 0x8B];
/// Bytes that a line may have.
const LINE: u64 = 64 * 1_024 * 1_024;

/// The lines of a file.
#[derive(Debug)]
pub(super) struct Lines {
    path: PathBuf,
    from: BufReader<Source>,
    line: u64,
    is_ended: bool,
}

#[derive(Debug)]
enum Source {
    Plain(File),
    Packed(Box<MultiGzDecoder<BufReader<File>>>),
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.read(buffer),
            Self::Packed(file) => file.read(buffer),
        }
    }
}

impl Lines {
    pub(super) fn open(path: PathBuf) -> Result<Self, StoredUnreadable> {
        let source = source(&path).map_err(unreadable(&path))?;
        Ok(Self {
            path,
            from: BufReader::with_capacity(64 * 1_024, source),
            line: 0,
            is_ended: false,
        })
    }

    pub(super) fn step(&mut self) -> Result<Option<Stored>, StoredUnreadable> {
        while !self.is_ended {
            let mut text = Vec::new();
            let read = (&mut self.from).take(LINE).read_until(b'\n', &mut text);
            self.line += 1;
            match read {
                Ok(0) => break,
                Ok(_) => {}
                Err(cause) if self.is_damage(&cause) => {
                    self.is_ended = true;
                    return Ok(Some(self.fault(StoredFault::Packed(cause.to_string()))));
                }
                Err(cause) => return Err(unreadable(&self.path)(cause)),
            }
            let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
            let is_whole = text.pop_if(|byte| *byte == b'\n').is_some();
            text.pop_if(|byte| *byte == b'\r');
            if !is_whole && bytes >= LINE {
                self.is_ended = true;
                let said = format!("it is longer than {LINE} bytes, and was not read any further");
                return Ok(Some(self.fault(StoredFault::Line(said))));
            }
            if text.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let place = self.place();
            return Ok(Some(match object(&text) {
                Ok(()) => Stored::Entry {
                    place,
                    sequence: None,
                    text,
                },
                // The last line is being written.
                Err(_) if !is_whole => Stored::Unfinished { place, bytes },
                Err(said) => self.fault(StoredFault::Line(said)),
            }));
        }
        Ok(None)
    }

    fn is_damage(&self, cause: &io::Error) -> bool {
        let kinds = [
            ErrorKind::UnexpectedEof,
            ErrorKind::InvalidData,
            ErrorKind::InvalidInput,
        ];
        matches!(self.from.get_ref(), Source::Packed(_)) && kinds.contains(&cause.kind())
    }

    fn fault(&self, fault: StoredFault) -> Stored {
        Stored::Fault {
            place: self.place(),
            fault,
        }
    }

    fn place(&self) -> Place {
        Place {
            file: self.path.clone(),
            at: At::Line(self.line),
        }
    }
}

fn source(path: &PathBuf) -> io::Result<Source> {
    let mut file = File::open(path)?;
    let mut begin = Vec::new();
    (&mut file).take(2).read_to_end(&mut begin)?;
    if begin == PACKED {
        // A pipe cannot be rewound, and is not packed.
        file.rewind()?;
        return Ok(Source::Packed(Box::new(MultiGzDecoder::new(
            BufReader::new(file),
        ))));
    }
    file.rewind()?;
    Ok(Source::Plain(file))
}

/// Whether a line is an object in JSON. What cannot be read is said without what stands there,
/// which may be somebody's.
fn object(text: &[u8]) -> Result<(), String> {
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    if first != Some(&b'{') {
        return Err("it does not begin like an object in JSON".to_owned());
    }
    match serde_json::from_slice::<IgnoredAny>(text) {
        Ok(_) => Ok(()),
        Err(cause) => Err(format!("it is no JSON at column {}", cause.column())),
    }
}
