//! Inflating: one member of gzip, whole, and never more than may be.

use std::io::Read as _;

use flate2::bufread::GzDecoder;

use super::{ArchiveInvalid, INFLATED_BYTES, PACKED_BYTES};

/// Bytes that are inflated at a time.
const STEP: usize = 64 * 1_024;
/// How many bytes may come of one, at most, beyond the first [`FREE`]. Policies give some ten.
const RATIO: usize = 200;
/// Bytes that may come of however few.
const FREE: usize = 1_024 * 1_024;

/// Inflates an archive.
pub(super) fn inflate(packed: &[u8]) -> Result<Vec<u8>, ArchiveInvalid> {
    if packed.len() > PACKED_BYTES {
        return Err(ArchiveInvalid::TooLarge);
    }
    let mut decoder = GzDecoder::new(packed);
    let mut inflated = Vec::new();
    let mut step = vec![0; STEP];
    loop {
        // One byte beyond the limit tells that it is passed.
        let room = INFLATED_BYTES.saturating_sub(inflated.len()) + 1;
        let most = room.min(STEP);
        let read = step
            .get_mut(..most)
            .map_or(Ok(0), |step| decoder.read(step))
            .map_err(|cause| ArchiveInvalid::Gzip {
                cause: cause.to_string(),
            })?;
        if read == 0 {
            break;
        }
        inflated.extend(step.iter().take(read));
        if inflated.len() > INFLATED_BYTES {
            return Err(ArchiveInvalid::Bomb {
                cause: format!("inflates to more than {INFLATED_BYTES} bytes"),
            });
        }
        let taken = packed.len().saturating_sub(decoder.get_ref().len());
        if inflated.len() > FREE && inflated.len() > taken.saturating_mul(RATIO) {
            return Err(ArchiveInvalid::Bomb {
                cause: format!("inflates to more than {RATIO} times its size"),
            });
        }
    }
    if !decoder.into_inner().is_empty() {
        return Err(ArchiveInvalid::Trailing {
            cause: "bytes follow the compressed part",
        });
    }
    Ok(inflated)
}
