//! The README's tour, as a newcomer would type it.

use crate::support::{root, run};

#[test]
fn the_tour_of_the_readme_shows_what_the_commands_print() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let mut shown = 0;
    for block in readme.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        let Some(rest) = block.strip_prefix("$ embargo ") else {
            continue;
        };
        let (line, wanted) = rest.split_once('\n').unwrap();
        let (line, first_lines) = match line.split_once(" | head -n ") {
            Some((line, count)) => (line, count.trim().parse().unwrap()),
            None => (line, usize::MAX),
        };
        let ran = run(&line.split_whitespace().collect::<Vec<_>>());
        let printed: Vec<&str> = ran.out.lines().take(first_lines).collect();
        assert_eq!(
            printed,
            wanted.lines().collect::<Vec<_>>(),
            "embargo {line}\n{}",
            ran.err
        );
        shown += 1;
    }
    assert!(shown >= 2);
}
