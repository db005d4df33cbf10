//! `embargo timeline`: bars, and a picture.

use insta::assert_snapshot;

use crate::support::{embargo, folder, ran, run};

const FROM_2017_TO_2025: [&str; 4] = [
    "--from",
    "2017-09-01T00:00:00Z",
    "--until",
    "2025-01-01T00:00:00Z",
];

#[test]
fn the_federal_laptop_changes_in_2017_2018_and_2024() {
    let ran = run(&[&["timeline", "--example"], &FROM_2017_TO_2025[..]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    for year in [
        "from 2017-09-13",
        "from 2017-12-12",
        "from 2018-10-01",
        "from 2024-",
    ] {
        assert!(ran.out.contains(year), "{year}\n{}", ran.out);
    }
    assert_snapshot!(ran.out);
}

#[test]
fn a_bar_is_the_same_whatever_colours_are_asked_for_where_there_is_no_terminal() {
    let arguments = [&["timeline", "--example"], &FROM_2017_TO_2025[..]].concat();
    let plain = run(&arguments);
    let forced = embargo()
        .args(&arguments)
        .env("CLICOLOR_FORCE", "1")
        .env("NO_COLOR", "")
        .output();
    assert_eq!(plain.out, ran(forced.unwrap()).out);
    assert!(!plain.out.contains('\u{1b}'));
}

#[test]
fn the_picture_is_complete_in_itself_and_says_what_the_page_says() {
    let picture = run(&[
        &["timeline", "--example", "--format", "svg"],
        &FROM_2017_TO_2025[..],
    ]
    .concat());
    assert_eq!(picture.code, 0, "{}", picture.err);
    let svg = &picture.out;
    assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"));
    for wanted in [
        "<title ",
        "<desc ",
        ">us-dhs-bod-17-01<",
        ">us-ndaa-fy2018-1634<",
        ">2018<",
        ">2024<",
    ] {
        assert!(svg.contains(wanted), "{wanted}");
    }
    // The only address is the name of the language.
    let addresses = svg.matches("://").count();
    assert_eq!(addresses, 1, "{svg}");
    for foreign in ["<script", "href", "@import", "url(http"] {
        assert!(!svg.contains(foreign), "{foreign}");
    }
}

#[test]
fn the_name_of_a_host_cannot_break_the_picture() {
    let files = folder(&[(
        "host.yaml",
        "host_id: '</title><script>alert(1)</script>&\"'\nowner: {kind: government, jurisdictions: [US], sectors: [federal-civilian]}\nsoftware: [{name: Kaspersky Endpoint Security for Windows, source: programs}]\n",
    )]);
    let host = files.path().join("host.yaml");
    let host = host.to_str().unwrap();
    let ran = run(&[&["timeline", host, "-f", "svg"], &FROM_2017_TO_2025[..]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!ran.out.contains("<script") && ran.out.contains("&lt;script&gt;"));
}
