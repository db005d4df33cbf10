//! The table of `docs/reliability.md`: each promise has its test, and each such test a promise.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::{root, sources};

const FOLDER: &str = "engine/cli/tests/reliability";
/// How many promises there are.
const PROMISES: usize = 14;

fn document() -> String {
    fs::read_to_string(root().join("docs/reliability.md")).unwrap()
}

/// By number the module that a row of the table names.
fn named() -> BTreeMap<usize, String> {
    let mut named = BTreeMap::new();
    for line in document().lines() {
        let cells: Vec<&str> = line.split(" | ").map(str::trim).collect();
        let number = cells.first().and_then(|cell| cell.strip_prefix("| R"));
        let Some(number) = number.and_then(|number| number.parse().ok()) else {
            continue;
        };
        let test = cells.last().unwrap().trim_end_matches('|').trim();
        let module = test.split('`').nth(1).unwrap();
        assert_eq!(test, format!("[`{module}`](../{FOLDER}/{module}.rs)"));
        assert!(
            named.insert(number, module.to_owned()).is_none(),
            "R{number} stands twice"
        );
    }
    named
}

/// The numbers of the promises that a module's tests are about, by module.
fn held() -> BTreeMap<String, Vec<usize>> {
    let folder = root().join(FOLDER);
    let mut files = Vec::new();
    sources(&folder, &mut files);
    let mut held = BTreeMap::<String, Vec<usize>>::new();
    for file in files {
        let place = file.strip_prefix(&folder).unwrap();
        let module = Path::new(place.iter().next().unwrap());
        let module = module.file_stem().unwrap().to_str().unwrap().to_owned();
        let numbers = tested(&fs::read_to_string(&file).unwrap());
        if !numbers.is_empty() {
            held.entry(module).or_default().extend(numbers);
        }
    }
    held
}

/// The numbers in names of tests such as `r4_no_swap_is_missed`.
fn tested(text: &str) -> Vec<usize> {
    text.split("#[test]\n")
        .skip(1)
        .chain(text.split("#[tokio::test").skip(1))
        .filter_map(|behind| {
            let (_, name) = behind.split_once("fn r")?;
            let (number, _) = name.split_once('_')?;
            number.parse().ok()
        })
        .collect()
}

#[test]
fn each_promise_stands_in_the_table_and_says_what_it_does_not_promise() {
    let numbers: Vec<usize> = named().into_keys().collect();
    assert_eq!(numbers, (1..=PROMISES).collect::<Vec<_>>());
    let document = document();
    for number in numbers {
        assert!(
            document.contains(&format!("\n**R{number}.** ")),
            "R{number}"
        );
    }
}

#[test]
fn each_promise_is_held_by_its_module_and_each_module_holds_its_promise() {
    let (named, held) = (named(), held());
    let main = fs::read_to_string(root().join(FOLDER).join("main.rs")).unwrap();
    let unheld: Vec<String> = named
        .iter()
        .filter(|(number, module)| {
            let has_tests = held.get(*module).is_some_and(|held| held.contains(number));
            !has_tests || !main.contains(&format!("\nmod {module};"))
        })
        .map(|(number, module)| format!("R{number}: {module}"))
        .collect();
    assert!(unheld.is_empty(), "promises without a test: {unheld:#?}");
    for (module, numbers) in held {
        for number in numbers {
            assert_eq!(
                named.get(&number),
                Some(&module),
                "`{module}` has a test of R{number}, and the table names another"
            );
        }
    }
}
