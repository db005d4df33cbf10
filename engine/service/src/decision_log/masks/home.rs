//! Paths below home folders, whose names are people's.

/// What stands for the part that is cut off.
const CUT: &str = "…";

/// Folders below which each folder is somebody's home, in lower case and with `/`.
const HOMES: [&str; 9] = [
    "/users/",
    "/home/",
    "/export/home/",
    "/var/home/",
    "/usr/home/",
    "/documents and settings/",
    "/system/volumes/data/users/",
    "/data/user/",
    "/storage/emulated/",
];
/// Homes by themselves.
const ROOTS: [&str; 3] = ["/root/", "/var/root/", "/private/var/root/"];
/// Folders below homes that every user of a system shares.
const SHARED: [&str; 4] = ["public", "shared", "all users", "default"];

/// The path without what is below a home folder. None if it lies below none.
///
/// A path that names a home by a variable, or on another computer, is cut all the same: it is cut
/// behind the first folder that holds homes, wherever that stands.
pub(in super::super) fn cut_home(path: &str) -> Option<String> {
    // A lower-case letter has as many bytes as its capital in ASCII, so that places agree.
    let plain = path.replace('\\', "/").to_ascii_lowercase();
    if plain.starts_with('~') {
        return Some(format!("~{CUT}"));
    }
    if plain.starts_with('%') || plain.starts_with('$') {
        // `%USERPROFILE%\…` and `$HOME/…` say no name, and what is below them may.
        let end = plain.find('/').map_or(plain.len(), |at| at + 1);
        return Some(format!("{}{CUT}", path.get(..end).unwrap_or_default()));
    }
    let places = HOMES
        .iter()
        .flat_map(|home| plain.match_indices(home).map(|(at, home)| at + home.len()));
    let of_many = places.filter(|end| {
        let below = plain.get(*end..).unwrap_or_default();
        let whose = below.split('/').next().unwrap_or_default();
        !whose.is_empty() && !SHARED.contains(&whose)
    });
    let of_one = ROOTS
        .iter()
        .filter(|root| plain.starts_with(**root))
        .map(|root| root.len());
    let end = of_many.chain(of_one).min()?;
    Some(format!("{}{CUT}", path.get(..end).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below_a_home_folder_is_cut_and_nothing_else() {
        for (path, wanted) in [
            ("/Users/anna/Applications/Zoom.app", Some("/Users/…")),
            ("/home/anna", Some("/home/…")),
            (
                "C:\\Users\\Anna\\AppData\\Local\\x.exe",
                Some("C:\\Users\\…"),
            ),
            ("c:/users/anna/x", Some("c:/users/…")),
            (
                "\\\\server\\share\\Users\\anna\\x",
                Some("\\\\server\\share\\Users\\…"),
            ),
            (
                "C:\\Documents and Settings\\anna\\x",
                Some("C:\\Documents and Settings\\…"),
            ),
            ("file:///Users/anna/x", Some("file:///Users/…")),
            ("/root/x", Some("/root/…")),
            ("~/x", Some("~…")),
            ("~anna/x", Some("~…")),
            ("%USERPROFILE%\\x", Some("%USERPROFILE%\\…")),
            ("/Volumes/Ä/Users/anna/x", Some("/Volumes/Ä/Users/…")),
            ("/Users/Shared/x", None),
            ("C:\\Users\\Public\\x", None),
            ("/Applications/Zoom.app", None),
            ("C:\\Program Files\\x", None),
            ("/usr/bin/x", None),
            ("/Users/", None),
            ("", None),
        ] {
            assert_eq!(cut_home(path).as_deref(), wanted, "{path}");
        }
    }
}
