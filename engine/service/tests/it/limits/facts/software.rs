//! The limits on items of software, each at its edge.

use super::super::row::{Row, facts};
use super::{form, row, text, time, usual};

pub(super) fn rows() -> Vec<Row> {
    let digest = |length: usize| facts(|facts| facts.software[0].sha256 = Some(vec![7; length]));
    let strings = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    let guid = "0123abcd-0123-ABCD-0123-0123456789ab";
    vec![
        text(
            "Software.name",
            "Required; 1 to 1,024 bytes",
            "software[0].name",
            (1, 1_024),
            |f, t| f.software[0].name = t,
        ),
        usual("Software.version", "software[0].version", |f, t| {
            f.software[0].version = Some(t);
        }),
        usual("Software.publisher", "software[0].publisher", |f, t| {
            f.software[0].publisher = Some(t);
        }),
        text(
            "Software.source",
            "at most 64 bytes",
            "software[0].source",
            (0, 64),
            |f, t| f.software[0].source = Some(t),
        ),
        usual("Software.bundle_id", "software[0].bundle_id", |f, t| {
            f.software[0].bundle_id = Some(t);
        }),
        usual("Software.package_id", "software[0].package_id", |f, t| {
            f.software[0].package_id = Some(t);
        }),
        usual(
            "Software.extension_id",
            "software[0].extension_id",
            |f, t| f.software[0].extension_id = Some(t),
        ),
        form(
            "Software.product_code",
            "as a GUID with or without braces",
            "software[0].product_code",
            |f, t| f.software[0].product_code = Some(t),
            vec![guid.to_owned(), format!("{{{guid}}}")],
            vec![
                String::new(),
                guid.replacen('0', "", 1),
                format!("{{{guid}"),
                format!("{guid}0"),
                guid.replace('-', ""),
                guid.replace('a', "é"),
            ],
        ),
        form(
            "Software.team_id",
            "exactly 10 upper-case letters and digits",
            "software[0].team_id",
            |f, t| f.software[0].team_id = Some(t),
            strings(&["ABCDE12345"]),
            strings(&[
                "",
                "ABCDE1234",
                "ABCDE123456",
                "abcde12345",
                "ABCDÉ1234",
                "ABCDE1234\0",
            ]),
        ),
        usual("Software.signer", "software[0].signer", |f, t| {
            f.software[0].signer = Some(t);
        }),
        row(
            "Software.sha256",
            "exactly 32 bytes when set",
            "facts.software[0].sha256",
            vec![digest(32)],
            [0, 31, 33, 64].map(digest).into(),
        ),
        text(
            "Software.purl",
            "At most 4,096 bytes",
            "software[0].purl",
            (0, 4_096),
            |f, t| f.software[0].purl = Some(t),
        ),
        usual("Software.cpe", "software[0].cpe", |f, t| {
            f.software[0].cpe = Some(t);
        }),
        text(
            "Software.path",
            "At most 4,096 bytes",
            "software[0].path",
            (0, 4_096),
            |f, t| f.software[0].path = Some(t),
        ),
        usual("Software.embedded_in", "software[0].embedded_in", |f, t| {
            f.software[0].embedded_in = Some(t);
        }),
        time(
            "Software.install_time",
            "software[0].install_time",
            |f, t| f.software[0].install_time = Some(t),
        ),
    ]
}
