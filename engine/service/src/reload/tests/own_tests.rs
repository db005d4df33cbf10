//! The set's own tests, which must pass before it goes live.

use super::*;

const TEST: &str = "package restrictions.one_test\n\nimport data.restrictions.one\n\ntest_it if one.deny == {\"v1\"} with input as {\"host\": {\"id\": \"h\"}}\n";

fn start(root: &Path, change: impl FnOnce(&mut Settings)) -> Reloader {
    let mut settings = Settings {
        poll_interval: Duration::from_millis(200),
        quiet_period: Duration::from_millis(20),
        ..Settings::default()
    };
    change(&mut settings);
    let config = Config::new(settings).unwrap();
    Reloader::start(Source::Folder(root.to_path_buf()), &config).unwrap()
}

fn with_test(version: &str, test: &str) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), version);
    fs::write(root.path().join("instruments/one/rule_test.rego"), test).unwrap();
    root
}

fn codes(present: &Present) -> Vec<&'static str> {
    let report = present.last_reload.as_ref().unwrap();
    report
        .diagnostics
        .iter()
        .map(|remark| remark.code)
        .collect()
}

#[tokio::test]
async fn a_change_that_fails_them_does_not_go_live_and_says_what_to_do() {
    let root = with_test("v1", TEST);
    let reloader = start(root.path(), |_| {});
    let mut present = reloader.present();
    assert_eq!(generation(&present.borrow_and_update()), 1);
    write(root.path(), "v2");
    let refused = until(&mut present, |now| {
        state(now) == Some(ReloadState::Rejected)
    })
    .await;
    assert_eq!(
        (generation(&refused), codes(&refused)),
        (1, vec!["test-failed"])
    );
    let remark = &refused.last_reload.unwrap().diagnostics[0];
    let place = remark.span.as_ref().unwrap();
    assert_eq!(place.path, "instruments/one/rule_test.rego");
    assert_eq!(place.start_line, 5);
    for part in ["embargo test", "--skip-tests-on-reload"] {
        assert!(remark.hint.contains(part), "{remark}");
    }
}

#[tokio::test]
async fn the_first_set_has_to_pass_them_too() {
    let root = with_test("v2", TEST);
    let reloader = start(root.path(), |_| {});
    let present = reloader.present().borrow().clone();
    assert!(present.active.is_none());
    assert_eq!(codes(&present), ["test-failed"]);
}

#[tokio::test]
async fn they_are_skipped_where_that_is_asked_for() {
    let root = with_test("v2", TEST);
    let reloader = start(root.path(), |settings| settings.skip_tests_on_reload = true);
    assert_eq!(generation(&reloader.present().borrow()), 1);
}

#[tokio::test]
async fn a_case_file_that_cannot_be_read_is_refused() {
    let root = with_test("v1", TEST);
    fs::write(root.path().join("cases.yaml"), "cases: [{nome: x}]\n").unwrap();
    let reloader = start(root.path(), |_| {});
    assert_eq!(codes(&reloader.present().borrow()), ["case-parse-error"]);
}

#[tokio::test]
async fn they_have_a_limit_in_time_and_leave_the_loop_free() {
    let ten = "{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}";
    let long = format!(
        "package restrictions.one_test\n\n_ten := {ten}\n\ntest_long if {{\n\tcount([1 | some a in _ten; some b in _ten; some c in _ten; some d in _ten; some e in _ten; some f in _ten; some g in _ten; some h in _ten; a + b + c + d + e + f + g + h < 0]) == 0\n}}\n"
    );
    let root = with_test("v1", &long);
    let reloader = start(root.path(), |settings| {
        settings.test_limit = Duration::from_secs(1);
    });
    let mut present = reloader.present();
    let first = present.borrow_and_update().clone();
    assert_eq!(codes(&first), ["test-limit"]);
    let said = first.last_reload.unwrap().diagnostics[0].to_string();
    assert!(said.contains("restrictions.one_test.test_long"), "{said}");
    fs::write(root.path().join("instruments/one/rule_test.rego"), TEST).unwrap();
    until(&mut present, |now| generation(now) == 1).await;
}

#[tokio::test]
async fn the_last_good_set_judges_while_the_folder_fails_them() {
    let root = with_test("v1", TEST);
    let state = tempfile::tempdir().unwrap();
    let kept_in = |settings: &mut Settings| {
        settings.state_folder = Some(state.path().to_path_buf());
    };
    drop(start(root.path(), kept_in));
    write(root.path(), "v2");
    let reloader = start(root.path(), kept_in);
    let present = reloader.present().borrow().clone();
    assert!(present.active.as_ref().unwrap().is_recalled);
    assert_eq!(codes(&present), ["test-failed"]);
}
