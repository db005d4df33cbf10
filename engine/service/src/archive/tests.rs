use std::io::Write as _;

use ::tar::{Builder, EntryType, Header};
use embargo_core::bundle::FILES;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

const RULE: &[u8] = b"package restrictions.one\n\ndeny contains \"x\" if input.host.id\n";

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

fn bytes(count: usize) -> u64 {
    u64::try_from(count).unwrap()
}

fn header(path: &[u8], size: usize, kind: u8) -> Header {
    let mut header = Header::new_ustar();
    header.as_mut_bytes()[..path.len()].copy_from_slice(path);
    header.set_size(bytes(size));
    header.set_mode(0o644);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_entry_type(EntryType::new(kind));
    header.set_cksum();
    header
}

/// A tar archive of regular files.
fn tarred(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (path, content) in files {
        bytes.extend(entry(header(path.as_bytes(), content.len(), b'0'), content));
    }
    bytes.extend([0; 1_024]);
    bytes
}

fn entry(header: Header, content: &[u8]) -> Vec<u8> {
    let mut bytes = header.as_bytes().to_vec();
    bytes.extend(content);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

/// An archive with one entry of this header beside a rule.
fn with(odd: Header, content: &[u8]) -> Vec<u8> {
    let mut bytes = entry(odd, content);
    bytes.extend(tarred(&[("rules/one.rego", RULE)]));
    gzipped(&bytes)
}

fn code(packed: &[u8]) -> &'static str {
    Archive::read(packed).unwrap_err().code()
}

fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
    gzipped(&tarred(files))
}

#[test]
fn what_was_packed_is_read_and_packing_it_again_gives_the_same_bytes() {
    let files: [(&str, &[u8]); 2] = [("rules/one.rego", RULE), ("data/a.json", b"[1]")];
    let manifest = Manifest::of("1.2.3");
    let once = pack(&manifest, files, None).unwrap();
    let again = pack(&manifest, files.into_iter().rev(), None).unwrap();
    assert_eq!(once, again);
    let archive = Archive::read(&once).unwrap();
    assert_eq!(archive.manifest(), &manifest);
    let paths: Vec<&str> = archive.files().map(|(path, _)| path).collect();
    assert_eq!(paths, [".manifest", "data/a.json", "rules/one.rego"]);
    let bundle = archive.bundle().unwrap();
    let own = files.map(|(path, content)| (path.to_owned(), content.to_vec()));
    assert_eq!(bundle, Bundle::new(own).unwrap());
}

#[test]
fn an_archive_as_opa_and_tar_write_it_is_read() {
    // `opa build` begins paths with `/`, and writes `data.json` where there is none.
    let by_opa = packed(&[
        ("/data.json", b"{}\n"),
        ("/rules/one.rego", RULE),
        (
            "/.manifest",
            b"{\"revision\":\"\",\"roots\":[\"\"],\"rego_version\":1}",
        ),
    ]);
    // `tar -C FOLDER -cz .` begins them with `./`, and names the folders.
    let mut builder = Builder::new(Vec::new());
    for (path, kind, content) in [
        ("./", EntryType::Directory, &b""[..]),
        ("./rules/", EntryType::Directory, b""),
        ("./rules/one.rego", EntryType::Regular, RULE),
    ] {
        let mut gnu = Header::new_gnu();
        gnu.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
        gnu.set_entry_type(kind);
        gnu.set_size(bytes(content.len()));
        gnu.set_mode(0o755);
        gnu.set_cksum();
        builder.append(&gnu, content).unwrap();
    }
    let by_tar = gzipped(&builder.into_inner().unwrap());
    let of = |packed: &[u8]| Archive::read(packed).unwrap().bundle().unwrap().digest();
    assert_eq!(of(&by_opa), of(&by_tar));
}

#[test]
fn a_long_path_is_divided_between_two_fields() {
    let long = format!("rules/{}/{}.rego", "f".repeat(140), "n".repeat(90));
    let packed = pack(&Manifest::of(""), [(long.as_str(), RULE)], None).unwrap();
    let archive = Archive::read(&packed).unwrap();
    assert!(archive.files().any(|(path, _)| path == long));
    let longer = format!("rules/{}.rego", "n".repeat(120));
    let refused = pack(&Manifest::of(""), [(longer.as_str(), RULE)], None);
    assert!(matches!(refused, Err(WriteArchiveError::Path { .. })));
}

#[test]
fn only_regular_files_and_folders_are_taken() {
    for kind in [
        b'1', b'2', b'3', b'4', b'6', b'7', b'x', b'g', b'L', b'K', b'S', b'D', b'M', b'V', b'N',
        b'Z', 1,
    ] {
        let odd = with(header(b"rules/two.rego", 0, kind), b"");
        assert_eq!(code(&odd), "archive-entry", "{}", char::from(kind));
    }
    // A regular file that names a target, and a folder with a content.
    let mut linked = header(b"rules/two.rego", 0, b'0');
    linked.as_mut_bytes()[157] = b'a';
    linked.set_cksum();
    assert_eq!(code(&with(linked, b"")), "archive-entry");
    let folder = with(header(b"rules/", 4, b'5'), b"body");
    assert_eq!(code(&folder), "archive-entry");
}

#[test]
fn a_path_stays_below_the_root() {
    for path in [
        &b"../one.rego"[..],
        b"a/../../one.rego",
        b"a/..",
        b"..",
        b"//etc/one.rego",
        b".//one.rego",
        b"a//one.rego",
        b"a/./one.rego",
        b"a\\one.rego",
        b"a\none.rego",
        b"\xff.rego",
        b"",
        b"/",
        b"./",
    ] {
        let shown = String::from_utf8_lossy(path);
        let odd = with(header(path, RULE.len(), b'0'), RULE);
        assert_eq!(code(&odd), "archive-path", "{shown}");
    }
    let mut hidden = header(b"rules/two.rego", RULE.len(), b'0');
    hidden.as_mut_bytes()[20] = b'x';
    hidden.set_cksum();
    assert_eq!(code(&with(hidden, RULE)), "archive-tar");
}

#[test]
fn a_path_appears_once_however_it_is_written() {
    for (one, other) in [
        ("rules/one.rego", "rules/one.rego"),
        ("rules/one.rego", "/rules/one.rego"),
        ("./rules/one.rego", "rules/one.rego"),
        ("rules", "rules/one.rego"),
    ] {
        let twice = packed(&[(one, RULE), (other, RULE)]);
        assert_eq!(code(&twice), "archive-duplicate", "{one} {other}");
    }
    assert_eq!(
        code(&with(header(b"rules/one.rego/", 0, b'5'), b"")),
        "archive-duplicate"
    );
}

#[test]
fn a_damaged_header_is_refused() {
    let sound = header(b"rules/two.rego", RULE.len(), b'0');
    let mut wrong_sum = sound.clone();
    wrong_sum.as_mut_bytes()[0] = b'R';
    let mut in_base_256 = sound.clone();
    in_base_256.as_mut_bytes()[124..136].copy_from_slice(&[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 63]);
    in_base_256.set_cksum();
    let mut no_number = sound.clone();
    no_number.as_mut_bytes()[124..136].copy_from_slice(b"0000000008\0 ");
    no_number.set_cksum();
    let mut empty = sound.clone();
    empty.as_mut_bytes()[124..136].fill(0);
    empty.set_cksum();
    let mut of_old = Header::new_old();
    of_old.as_mut_bytes()[..14].copy_from_slice(b"rules/two.rego");
    of_old.set_size(bytes(RULE.len()));
    of_old.set_cksum();
    let mut of_gnu = Header::new_gnu();
    of_gnu.as_mut_bytes()[..14].copy_from_slice(b"rules/two.rego");
    of_gnu.as_mut_bytes()[400] = b'1';
    of_gnu.set_size(bytes(RULE.len()));
    of_gnu.set_cksum();
    for odd in [wrong_sum, in_base_256, no_number, empty, of_old, of_gnu] {
        assert_eq!(code(&with(odd, RULE)), "archive-tar");
    }
    let mut padded = tarred(&[("rules/one.rego", RULE)]);
    padded[512 + RULE.len()] = b'x';
    assert_eq!(code(&gzipped(&padded)), "archive-tar");
}

#[test]
fn an_archive_that_ends_anywhere_too_early_is_refused() {
    let whole = packed(&[("rules/one.rego", RULE)]);
    for length in 0..whole.len() {
        assert_eq!(code(&whole[..length]), "archive-gzip", "{length}");
    }
    let tar = tarred(&[("rules/one.rego", RULE)]);
    for length in 0..tar.len() {
        assert_eq!(code(&gzipped(&tar[..length])), "archive-tar", "{length}");
    }
}

#[test]
fn every_flipped_bit_is_refused_or_makes_no_difference() {
    let whole = packed(&[("rules/one.rego", RULE), ("data/a.json", b"[1]")]);
    let sound = Archive::read(&whole).unwrap();
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << bit;
            if let Ok(read) = Archive::read(&flipped) {
                assert_eq!(read, sound, "{at} {bit}");
            }
        }
    }
}

#[test]
fn nothing_follows_the_end() {
    let whole = packed(&[("rules/one.rego", RULE)]);
    let other = packed(&[("rules/two.rego", RULE)]);
    for more in [&b"x"[..], b"\0", &other] {
        assert_eq!(code(&[&whole, more].concat()), "archive-trailing");
    }
    // As `cat one.tar two.tar` does, and with something behind the zeros.
    let tar = tarred(&[("rules/one.rego", RULE)]);
    let twice = [tar.clone(), tarred(&[("rules/two.rego", RULE)])].concat();
    assert_eq!(code(&gzipped(&twice)), "archive-trailing");
    let padded = [tar.clone(), vec![0; 8_192]].concat();
    assert!(Archive::read(&gzipped(&padded)).is_ok());
    let lone = [&tar[..tar.len() - 512], &tar].concat();
    assert_eq!(code(&gzipped(&lone)), "archive-tar");
}

#[test]
fn a_bomb_is_not_inflated() {
    let mut files = tarred(&[("rules/one.rego", RULE)]);
    files.resize(INFLATED_BYTES + 1, 0);
    let by_size = gzipped(&files);
    let Err(ArchiveInvalid::Bomb { cause }) = Archive::read(&by_size) else {
        panic!("it is one");
    };
    assert!(cause.contains("times its size"), "{cause}");
    // One that hides behind bytes that do not shrink.
    let mut state = 1_u32;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    });
    let mut noisy: Vec<u8> = noise.take(1_024 * 1_024).collect();
    noisy.resize(INFLATED_BYTES + 4 * 1_024 * 1_024, 0);
    let Err(ArchiveInvalid::Bomb { cause }) = Archive::read(&gzipped(&noisy)) else {
        panic!("it is one");
    };
    assert!(cause.contains("more than 33554432 bytes"), "{cause}");
    assert_eq!(code(&vec![0; PACKED_BYTES + 1]), "archive-too-large");
}

#[test]
fn there_is_no_more_than_a_set_may_hold() {
    // Of random content, so that it is no bomb.
    let mut state = 7_u32;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b'a' + state.to_be_bytes()[0] % 16
    });
    let large: Vec<u8> = noise.take(FILE_BYTES + 1).collect();
    assert_eq!(code(&packed(&[("a.rego", &large)])), "archive-too-much");
    let name: Vec<String> = (0..=FILES).map(|at| format!("{at}.rego")).collect();
    let many: Vec<(&str, &[u8])> = name.iter().map(|name| (name.as_str(), RULE)).collect();
    let archive = Archive::read(&packed(&many)).unwrap();
    assert!(archive.bundle().is_err());
    let more: Vec<(&str, &[u8])> = many.iter().copied().chain([("x.rego", RULE)]).collect();
    assert_eq!(code(&packed(&more)), "archive-too-much");
    let mebibyte = &large[..FILE_BYTES];
    let names: Vec<String> = (0..13).map(|at| format!("{at}.rego")).collect();
    let heavy: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), mebibyte)).collect();
    assert_eq!(code(&packed(&heavy)), "archive-too-much");
    assert_eq!(
        Archive::read(&packed(&[("README.md", b"x")]))
            .unwrap()
            .bundle(),
        Err(ArchiveInvalid::Empty)
    );
}

#[test]
fn what_would_decide_in_opa_alone_is_refused() {
    for (path, content) in [
        ("policy.wasm", &b"\0asm"[..]),
        ("a/plan.json", b"{}"),
        ("patch.json", b"{\"data\":[]}"),
        ("data.json", b"{\"a\": 1}"),
        ("roles/data.yaml", b"a: 1\n"),
        (".manifest", b"{\"wasm\":[{\"module\":\"policy.wasm\"}]}"),
        (".manifest", b"{\"rego_version\":0}"),
        (".manifest", b"{\"file_rego_versions\":{\"*\":0}}"),
    ] {
        let odd = packed(&[(path, content), ("rules/one.rego", RULE)]);
        assert_eq!(code(&odd), "archive-unsupported", "{path}");
    }
    for path in ["data/roles/data.json", "data/plan.json", "data/patch.json"] {
        let own = packed(&[(path, b"{\"a\": 1}"), ("rules/one.rego", RULE)]);
        assert!(Archive::read(&own).is_ok(), "{path}");
    }
}

#[test]
fn a_manifest_is_read_or_refused() {
    for content in [
        &b"[]"[..],
        b"{\"revision\": 7}",
        b"{\"roots\":[\"a\",\"a/b\"]}",
        b"{\"roots\":[\"\",\"a\"]}",
        b"{\"revision\":\"a\\u0000\"}",
        b"{",
        b"\xff",
    ] {
        let odd = packed(&[(".manifest", content), ("rules/one.rego", RULE)]);
        assert_eq!(code(&odd), "archive-manifest");
    }
    let own = b"{\"revision\":\"7\",\"roots\":[\"a/b\",\"a/c\"],\"metadata\":{\"x\":1},\"new\":2}";
    let archive = Archive::read(&packed(&[(".manifest", own), ("rules/one.rego", RULE)]));
    let archive = archive.unwrap();
    assert_eq!(archive.manifest().revision, "7");
    assert_eq!(archive.manifest().metadata["x"], 1);
}
