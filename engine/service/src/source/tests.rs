use std::fs;
use std::path::Path;

use embargo_core::bundle::{FILE_BYTES, FILES};
use embargo_core::snapshot::Snapshot;

use super::*;

fn write(root: &Path, path: &str, content: &str) {
    let place = root.join(path);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(place, content).unwrap();
}

fn paths(bundle: &Bundle) -> Vec<String> {
    bundle.files().map(|(path, _)| path.to_owned()).collect()
}

fn read(root: &Path) -> Result<Bundle, ReadSourceError> {
    Source::Folder(root.to_path_buf()).read()
}

#[test]
fn the_shipped_set_compiles() {
    let bundle = shipped_bundle().unwrap();
    let snapshot = Snapshot::compile(bundle).unwrap();
    assert!(snapshot.policies().len() > 10);
}

#[test]
fn the_shipped_set_equals_the_folder_it_was_made_of() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    assert_eq!(
        read(&folder).unwrap().digest(),
        shipped_bundle().unwrap().digest()
    );
}

#[test]
fn only_files_with_a_role_are_read() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "instruments/a/rule.rego", "package a");
    write(root.path(), "instruments/a/rule.rego~", "package b");
    write(root.path(), "instruments/a/.rule.rego.swp", "x");
    write(root.path(), ".git/hook.rego", "x");
    write(root.path(), "README.md", "x");
    assert_eq!(
        paths(&read(root.path()).unwrap()),
        ["instruments/a/rule.rego"]
    );
}

#[test]
fn a_folder_without_policies_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    assert!(matches!(
        read(root.path()),
        Err(ReadSourceError::Empty { .. })
    ));
    write(root.path(), "README.md", "x");
    let error = read(root.path()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("an empty folder is not an empty policy")
    );
}

#[test]
fn a_missing_folder_is_named() {
    let error = read(Path::new("no/such/folder")).unwrap_err();
    let remark = error.diagnostic();
    assert_eq!(remark.code, "source-no-folder");
    assert!(remark.message.contains("no/such/folder"), "{remark}");
    assert!(!remark.hint.is_empty());
}

#[test]
fn a_file_beyond_the_limit_is_not_read_and_named() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "a.rego", &" ".repeat(FILE_BYTES));
    assert!(read(root.path()).is_ok());
    write(root.path(), "a.rego", &" ".repeat(FILE_BYTES + 1));
    let error = read(root.path()).unwrap_err();
    assert!(error.to_string().contains("`a.rego`"), "{error}");
}

#[test]
fn too_many_files_are_refused() {
    let root = tempfile::tempdir().unwrap();
    for at in 0..=FILES {
        write(root.path(), &format!("{at}.rego"), "");
    }
    assert!(matches!(
        read(root.path()),
        Err(ReadSourceError::TooMuch { .. })
    ));
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_mounted_volume_is_read_as_its_user_sees_it() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "..2024_1/instruments/a/rule.rego", "1");
        write(root.path(), "..2024_1/top.rego", "2");
        symlink("..2024_1", root.path().join("..data")).unwrap();
        symlink("..data/instruments", root.path().join("instruments")).unwrap();
        symlink("..data/top.rego", root.path().join("top.rego")).unwrap();
        let wanted = ["instruments/a/rule.rego", "top.rego"];
        assert_eq!(paths(&read(root.path()).unwrap()), wanted);

        let outside = tempfile::tempdir().unwrap();
        symlink(root.path(), outside.path().join("policies")).unwrap();
        assert_eq!(
            paths(&read(&outside.path().join("policies")).unwrap()),
            wanted
        );
    }

    #[test]
    fn a_link_to_a_folder_above_is_a_loop() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "a/b/rule.rego", "1");
        symlink("../..", root.path().join("a/b/up")).unwrap();
        assert!(
            matches!(read(root.path()), Err(ReadSourceError::Loop { path }) if path == "a/b/up")
        );
    }

    #[test]
    fn two_links_that_lead_to_each_other_are_a_loop() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "a/rule.rego", "1");
        write(root.path(), "b/rule.rego", "1");
        symlink("../b", root.path().join("a/to_b")).unwrap();
        symlink("../a", root.path().join("b/to_a")).unwrap();
        assert!(matches!(
            read(root.path()),
            Err(ReadSourceError::Loop { .. })
        ));
        let own = tempfile::tempdir().unwrap();
        symlink("self.rego", own.path().join("self.rego")).unwrap();
        assert!(matches!(
            read(own.path()),
            Err(ReadSourceError::Unreadable { path, .. }) if path == "self.rego"
        ));
    }

    #[test]
    fn a_link_that_leads_nowhere_is_not_left_out() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "a.rego", "1");
        symlink("gone", root.path().join("instruments")).unwrap();
        assert!(
            matches!(read(root.path()), Err(ReadSourceError::DanglingLink { path }) if path == "instruments")
        );
    }

    #[test]
    fn what_is_no_file_is_not_opened() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "a.rego", "1");
        let _listener = std::os::unix::net::UnixListener::bind(root.path().join("b.rego")).unwrap();
        assert!(
            matches!(read(root.path()), Err(ReadSourceError::NotAFile { path }) if path == "b.rego")
        );
    }
}

#[test]
fn a_read_that_differs_is_tried_again() {
    let of =
        |content: &str| Bundle::new([("a.rego".to_owned(), content.as_bytes().to_vec())]).unwrap();
    let mut reads = vec![
        Ok(of("3")),
        Ok(of("3")),
        Err(ReadSourceError::Unsettled),
        Ok(of("2")),
        Ok(of("1")),
    ];
    let settled = settle(|| reads.pop().unwrap()).unwrap();
    assert_eq!(settled.digest(), of("3").digest());

    let mut count = 0;
    let never = settle(|| {
        count += 1;
        Ok(of(&count.to_string()))
    });
    assert!(matches!(never, Err(ReadSourceError::Unsettled)));
}
