use super::super::tests::snapshot;
use super::*;

fn item(name: &str, row: &str) -> Software {
    let host = snapshot(name, row);
    assert_eq!(host.remarks, [], "{row}");
    host.record.software[0].clone()
}

#[test]
fn the_columns_of_each_table_fill_their_fields() {
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        item(
            "programs",
            r#"{"name": "Example Tool", "version": "1.2", "publisher": "Example Org", "identifying_number": "{01234567-89AB-CDEF-0123-456789ABCDEF}", "package_family_name": "Example.Tool_abc", "install_location": "C:\\Tool", "install_date": "20240229", "upgrade_code": "{11111111-89AB-CDEF-0123-456789ABCDEF}"}"#
        ),
        Software {
            name: "Example Tool".to_owned(),
            version: some("1.2"),
            publisher: some("Example Org"),
            source: some("programs"),
            product_code: some("{01234567-89AB-CDEF-0123-456789ABCDEF}"),
            package_id: some("Example.Tool_abc"),
            path: some("C:\\Tool"),
            install_time: "2024-02-29T00:00:00Z".parse().ok(),
            ..Software::default()
        }
    );
    assert_eq!(
        item(
            "apps",
            r#"{"name": "Tool.app", "bundle_identifier": "org.example.tool", "bundle_short_version": "", "bundle_version": "77", "path": "/Applications/Tool.app"}"#
        ),
        Software {
            name: "Tool.app".to_owned(),
            version: some("77"),
            source: some("apps"),
            bundle_id: some("org.example.tool"),
            path: some("/Applications/Tool.app"),
            ..Software::default()
        }
    );
    assert_eq!(
        item(
            "deb_packages",
            r#"{"name": "tool", "version": "1:2-3", "source": "tool-source", "maintainer": "Example Team", "status": "install ok installed"}"#
        ),
        Software {
            name: "tool".to_owned(),
            package_id: some("tool"),
            version: some("1:2-3"),
            publisher: some("Example Team"),
            source: some("deb_packages"),
            ..Software::default()
        }
    );
    assert_eq!(
        item(
            "rpm_packages",
            r#"{"name": "tool", "version": "1", "release": "2.el9", "epoch": 3, "vendor": "Example Org", "arch": "x86_64", "install_time": 1700000000}"#
        ),
        Software {
            name: "tool".to_owned(),
            package_id: some("tool"),
            version: some("3:1-2.el9"),
            publisher: some("Example Org"),
            source: some("rpm_packages"),
            install_time: Instant::from_unix(1_700_000_000, 0).ok(),
            ..Software::default()
        }
    );
    let rpm = item(
        "rpm_packages",
        r#"{"name": "tool", "version": "1", "release": "", "epoch": "0"}"#,
    );
    assert_eq!(rpm.version.as_deref(), Some("1"));
    for (table, author) in [
        ("chrome_extensions", "author"),
        ("firefox_addons", "creator"),
    ] {
        let row = format!(
            r#"{{"name": "Tool", "identifier": "abcdefghijklmnopabcdefghijklmnop", "version": "1", "{author}": "Example Org", "path": "/x"}}"#
        );
        let read = item(table, &row);
        assert_eq!(read.source.as_deref(), Some(table));
        assert_eq!(read.publisher.as_deref(), Some("Example Org"), "{table}");
        assert_eq!(
            read.extension_id.as_deref(),
            Some("abcdefghijklmnopabcdefghijklmnop")
        );
    }
    for table in [
        "python_packages",
        "npm_packages",
        "chocolatey_packages",
        "vscode_extensions",
    ] {
        let read = item(
            table,
            r#"{"name": "tool", "version": "1", "author": "Example Org", "path": "/x", "identifier": "no id"}"#,
        );
        assert_eq!(read.source.as_deref(), Some(table));
        assert_eq!(
            (read.publisher.as_deref(), read.path.as_deref()),
            (Some("Example Org"), Some("/x"))
        );
        assert_eq!(read.extension_id, None);
    }
    let brew = item(
        "homebrew_packages",
        r#"{"name": "tool", "version": "1", "type": "cask"}"#,
    );
    assert_eq!(brew.package_id.as_deref(), Some("tool"));
}

#[test]
fn only_a_signature_that_holds_says_who_signed() {
    let row = |signed| {
        format!(
            r#"{{"path": "/Applications/Tool.app", "signed": "{signed}", "team_identifier": "ABCDE12345", "authority": "Developer ID Application: Example Org"}}"#
        )
    };
    let held = snapshot("signature", &row("1")).record.software.remove(0);
    assert_eq!(held.team_id.as_deref(), Some("ABCDE12345"));
    assert_eq!(
        held.signer.as_deref(),
        Some("Developer ID Application: Example Org")
    );
    let broken = snapshot("signature", &row("0")).record.software.remove(0);
    assert_eq!((broken.team_id, broken.signer), (None, None));
}
