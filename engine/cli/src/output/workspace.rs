//! Paths of files as what runs a workflow knows them: from where the command runs, with `/`.

use std::path::{Component, Path};

/// The path from the working directory; absolute if the file lies elsewhere.
pub(crate) fn path(file: &Path) -> String {
    let here = std::env::current_dir().ok();
    let relative = here
        .as_deref()
        .and_then(|here| file.strip_prefix(here).ok());
    let mut path = String::new();
    for part in relative.unwrap_or(file).components() {
        match part {
            Component::CurDir => {}
            Component::RootDir => path.push('/'),
            part => {
                if !path.is_empty() && !path.ends_with('/') {
                    path.push('/');
                }
                path.push_str(&part.as_os_str().to_string_lossy());
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn paths_are_those_from_where_the_command_runs() {
        let shown = |file: PathBuf| path(&file);
        assert_eq!(shown("hosts/a.yaml".into()), "hosts/a.yaml");
        assert_eq!(shown("./hosts//a.yaml".into()), "hosts/a.yaml");
        assert_eq!(shown("../hosts/a.yaml".into()), "../hosts/a.yaml");
        let here = std::env::current_dir().unwrap();
        assert_eq!(shown(here.join("hosts/a.yaml")), "hosts/a.yaml");
        assert_eq!(shown("/elsewhere/a.yaml".into()), "/elsewhere/a.yaml");
    }
}
