//! The system calls by which editors and deployers save.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use super::set::Files;

/// A pause of a slow writer, longer than the folder must be quiet.
const PAUSE: Duration = Duration::from_millis(350);

/// Brings a folder to hold these files.
pub(super) type Way = fn(&Path, &Files);

/// Each way, and whether it is for one file rather than for many.
pub(super) const WAYS: [(&str, Way); 18] = [
    ("rename over", rename_over),
    ("write in place", in_place),
    ("slow write in place", slow),
    (
        "slow write of a new file in a new folder",
        slow_in_new_folder,
    ),
    ("vim with a backup", vim_backup),
    ("vim backupcopy=yes", vim_copy),
    ("emacs", emacs),
    ("safe write of an IDE", ide),
    ("sed -i", sed),
    ("install", install),
    ("rsync", rsync),
    ("rsync --delay-updates", rsync_delayed),
    ("git checkout", git),
    ("unzip", unzip),
    ("tar", tar),
    ("cp -r", in_place),
    ("scp -r to a slow disk", scp),
    ("folder swapped by renames", folder_swap),
];

fn each(root: &Path, files: &Files, mut save: impl FnMut(&Path, &str)) {
    for (path, content) in files {
        let place = root.join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        save(&place, content);
    }
}

fn beside(place: &Path, name: impl Fn(&str) -> String) -> std::path::PathBuf {
    place.with_file_name(name(place.file_name().unwrap().to_str().unwrap()))
}

fn remove_if_there(place: &Path) {
    if place.exists() {
        fs::remove_file(place).unwrap();
    }
}

/// Creates and writes what must not be there.
fn create(place: &Path, content: &str) {
    let mut file = File::create_new(place).unwrap();
    file.write_all(content.as_bytes()).unwrap();
    file.sync_all().unwrap();
}

fn rename_over(root: &Path, files: &Files) {
    each(root, files, |place, content| {
        let fresh = beside(place, |name| format!("{name}.tmp"));
        fs::write(&fresh, content).unwrap();
        fs::rename(&fresh, place).unwrap();
    });
}

fn in_place(root: &Path, files: &Files) {
    each(root, files, |place, content| {
        fs::write(place, content).unwrap();
    });
}

/// Truncates, then writes rule after rule with pauses, the file staying open.
fn slow(root: &Path, files: &Files) {
    each(root, files, slowly);
}

fn slowly(place: &Path, content: &str) {
    let mut file = File::create(place).unwrap();
    sleep(PAUSE);
    let mut left = content;
    // The set's files are whole without what comes after an empty line.
    while let Some(at) = left.find("\n\n") {
        let (piece, rest) = left.split_at(at + 2);
        file.write_all(piece.as_bytes()).unwrap();
        sleep(PAUSE);
        left = rest;
    }
    file.write_all(left.as_bytes()).unwrap();
}

/// The old file goes with its folder's old name, the new one is written where nobody looked yet.
fn slow_in_new_folder(root: &Path, files: &Files) {
    for (path, content) in files {
        let place = root.join(path);
        let folder = place.parent().unwrap();
        let gone = beside(folder, |name| format!(".{name}.gone"));
        if folder.exists() {
            fs::rename(folder, &gone).unwrap();
        }
        fs::create_dir(folder).unwrap();
        let mut file = File::create_new(&place).unwrap();
        sleep(PAUSE);
        file.write_all(content.as_bytes()).unwrap();
        drop(file);
        for other in fs::read_dir(&gone).unwrap().flatten() {
            if other.path().file_name() != place.file_name() {
                fs::rename(other.path(), folder.join(other.file_name())).unwrap();
            }
        }
        fs::remove_dir_all(&gone).unwrap();
    }
}

/// `writebackup`, `backupcopy=no`: a test whether the folder is writable, a swap file, the old
/// file renamed to the backup, the new one written, the backup removed.
fn vim_backup(root: &Path, files: &Files) {
    each(root, files, |place, content| {
        let swap = beside(place, |name| format!(".{name}.swp"));
        create(&swap, "b0VIM");
        let probe = beside(place, |_| "4913".to_owned());
        File::create_new(&probe).unwrap();
        fs::remove_file(&probe).unwrap();
        let backup = beside(place, |name| format!("{name}~"));
        if place.exists() {
            fs::rename(place, &backup).unwrap();
        }
        create(place, content);
        fs::set_permissions(place, fs::Permissions::from_mode(0o644)).unwrap();
        remove_if_there(&backup);
        fs::remove_file(&swap).unwrap();
    });
}

/// `backupcopy=yes`: the old content copied to the backup, the file truncated and written.
fn vim_copy(root: &Path, files: &Files) {
    each(root, files, |place, content| {
        let backup = beside(place, |name| format!("{name}~"));
        if place.exists() {
            fs::copy(place, &backup).unwrap();
        }
        let mut file = File::create(place).unwrap();
        file.write_all(content.as_bytes()).unwrap();
        file.sync_all().unwrap();
        drop(file);
        remove_if_there(&backup);
    });
}

/// A lock that is a link to nowhere and a saved copy `#name#`, the old file renamed to the
/// backup, which stays, the new one written.
fn emacs(root: &Path, files: &Files) {
    each(root, files, |place, content| {
        let lock = beside(place, |name| format!(".#{name}"));
        symlink("user@host.1234:1", &lock).unwrap();
        let copy = beside(place, |name| format!("#{name}#"));
        fs::write(&copy, content).unwrap();
        let backup = beside(place, |name| format!("{name}~"));
        if place.exists() {
            fs::rename(place, &backup).unwrap();
        }
        create(place, content);
        fs::remove_file(&copy).unwrap();
        fs::remove_file(&lock).unwrap();
    });
}

/// A new file beside, the old one renamed away, the new one renamed to it, the old one removed.
fn ide(root: &Path, files: &Files) {
    each(root, files, |place, content| {
        let fresh = beside(place, |name| format!("{name}___jb_tmp___"));
        create(&fresh, content);
        let old = beside(place, |name| format!("{name}___jb_old___"));
        if place.exists() {
            fs::rename(place, &old).unwrap();
        }
        fs::rename(&fresh, place).unwrap();
        remove_if_there(&old);
    });
}

fn sed(root: &Path, files: &Files) {
    each(root, files, |place, content| {
        let fresh = beside(place, |_| "sedAbC123".to_owned());
        create(&fresh, content);
        fs::set_permissions(&fresh, fs::Permissions::from_mode(0o644)).unwrap();
        fs::rename(&fresh, place).unwrap();
    });
}

/// The old file unlinked, the new one created.
fn install(root: &Path, files: &Files) {
    each(root, files, |place, content| {
        remove_if_there(place);
        create(place, content);
        fs::set_permissions(place, fs::Permissions::from_mode(0o755)).unwrap();
    });
}

fn rsync(root: &Path, files: &Files) {
    each(root, files, |place, content| {
        let fresh = beside(place, |name| format!(".{name}.Ab1Cd2"));
        create(&fresh, content);
        fs::set_permissions(&fresh, fs::Permissions::from_mode(0o644)).unwrap();
        fs::rename(&fresh, place).unwrap();
    });
}

/// All files into a hidden folder beside their places first.
fn rsync_delayed(root: &Path, files: &Files) {
    each(root, files, |place, content| {
        let waiting = beside(place, |_| ".~tmp~".to_owned());
        fs::create_dir_all(&waiting).unwrap();
        create(&waiting.join(place.file_name().unwrap()), content);
    });
    each(root, files, |place, _| {
        let waiting = beside(place, |_| ".~tmp~".to_owned());
        fs::rename(waiting.join(place.file_name().unwrap()), place).unwrap();
    });
    each(root, files, |place, _| {
        let waiting = beside(place, |_| ".~tmp~".to_owned());
        if waiting.exists() {
            fs::remove_dir(&waiting).unwrap();
        }
    });
}

/// The index is locked, each file that differs is unlinked and created, the index is replaced.
fn git(root: &Path, files: &Files) {
    fs::create_dir_all(root.join(".git")).unwrap();
    let lock = root.join(".git/index.lock");
    create(&lock, "DIRC");
    for path in files.keys() {
        remove_if_there(&root.join(path));
    }
    each(root, files, |place, content| {
        let mut file = File::create_new(place).unwrap();
        file.write_all(content.as_bytes()).unwrap();
    });
    fs::rename(&lock, root.join(".git/index")).unwrap();
}

/// Each file removed and created, and given its time and rights when it is whole.
fn unzip(root: &Path, files: &Files) {
    each(root, files, |place, content| {
        remove_if_there(place);
        let mut file = File::create(place).unwrap();
        for piece in content.as_bytes().chunks(16) {
            file.write_all(piece).unwrap();
        }
        file.set_modified(std::time::UNIX_EPOCH).unwrap();
        drop(file);
        fs::set_permissions(place, fs::Permissions::from_mode(0o644)).unwrap();
    });
}

fn tar(root: &Path, files: &Files) {
    each(root, files, |place, content| {
        remove_if_there(place);
        let options = OpenOptions::new().write(true).create_new(true).open(place);
        let mut file = options.unwrap();
        file.write_all(content.as_bytes()).unwrap();
        file.set_modified(std::time::UNIX_EPOCH).unwrap();
    });
}

/// Over the network: each file lies open for a while. What is whole follows at once on what was.
fn scp(root: &Path, files: &Files) {
    let slow_ones = 3;
    for (at, (path, content)) in files.iter().enumerate() {
        let mut file = File::create(root.join(path)).unwrap();
        let (first, rest) = content.split_at(content.len() / 2);
        file.write_all(first.as_bytes()).unwrap();
        if at < slow_ones {
            sleep(PAUSE);
        }
        file.write_all(rest.as_bytes()).unwrap();
    }
}

/// A whole folder made beside and put in the place of the one that was.
fn folder_swap(root: &Path, files: &Files) {
    let fresh = root.join(".fresh");
    for (path, content) in files {
        let place = fresh.join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, content).unwrap();
    }
    for folder in fs::read_dir(&fresh).unwrap().flatten() {
        let (place, old) = (root.join(folder.file_name()), root.join(".old"));
        fs::rename(&place, &old).unwrap();
        fs::rename(folder.path(), &place).unwrap();
        fs::remove_dir_all(&old).unwrap();
    }
    fs::remove_dir(&fresh).unwrap();
}
