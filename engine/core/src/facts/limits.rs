//! The limits on facts, as the API states them. Bytes count UTF-8.

/// Bytes of `host_id`, at least 1.
pub const HOST_ID_BYTES: usize = 256;
/// Bytes of a word in kebab-case: form factor, system family, purpose, sector.
pub const WORD_BYTES: usize = 64;
/// Bytes of a source of software.
pub const SOURCE_BYTES: usize = 64;
/// Bytes of any other string.
pub const TEXT_BYTES: usize = 1_024;
/// Bytes of a package URL or a path.
pub const LONG_TEXT_BYTES: usize = 4_096;
/// Bytes of a group, at least 1.
pub const GROUP_BYTES: usize = 256;
/// Bytes of a contract clause, at least 1.
pub const CLAUSE_BYTES: usize = 128;
/// Purposes of a host; sectors of an owner.
pub const WORDS: usize = 64;
/// Groups of a host.
pub const GROUPS: usize = 1_000;
/// Jurisdictions and contract clauses of an owner, entries of coverage.
pub const LIST: usize = 256;
/// Items of software of a host, and of one identification request.
pub const SOFTWARE: usize = 20_000;
/// Bytes of `attributes`, encoded as `google.protobuf.Struct`.
pub const ATTRIBUTES_BYTES: usize = 256 * 1_024;
/// Levels of objects and lists in `attributes`, the outermost object being the first.
pub const ATTRIBUTES_LEVELS: usize = 24;
/// Violations that are named in one refusal; the rest are counted.
pub const NAMED_VIOLATIONS: usize = 16;
