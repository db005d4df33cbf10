//! The limits on requests about policies and bundles.

use embargo_proto::v1 as pb;
use tonic::Code;

use super::super::row::{Ask, Row, Wanted};
use super::{identify, row};

const BUNDLE_INVALID: Wanted<'_> = Wanted::Reason(Code::InvalidArgument, "BUNDLE_INVALID");
const POLICY_NOT_FOUND: Wanted<'_> = Wanted::Reason(Code::NotFound, "POLICY_NOT_FOUND");
const TOKEN_INVALID: Wanted<'_> = Wanted::Reason(Code::InvalidArgument, "PAGE_TOKEN_INVALID");

fn list(page_size: i32, page_token: String) -> Ask {
    Ask::List(pb::ListPoliciesRequest {
        page_size,
        page_token,
    })
}

fn policy(id: usize) -> Ask {
    Ask::Get(pb::GetPolicyRequest {
        policy_id: "x".repeat(id),
    })
}

/// A bundle of so many files that no part of the engine reads, and one that it does.
fn bundle(files: usize, bytes: usize) -> Ask {
    let filler = (1..files).map(|at| file(&format!("{at}.txt"), bytes));
    Ask::Validate(pb::ValidateBundleRequest {
        files: filler.chain([file("data/a.yaml", 0)]).collect(),
    })
}

fn file(path: &str, bytes: usize) -> pb::SourceFile {
    pb::SourceFile {
        path: path.to_owned(),
        content: vec![b' '; bytes],
    }
}

fn at_path(path: &str) -> Ask {
    Ask::Validate(pb::ValidateBundleRequest {
        files: vec![file(path, 0)],
    })
}

pub(super) fn rows() -> Vec<Row> {
    let field = |field| Wanted::Request(field);
    let invalid = |ask| (ask, BUNDLE_INVALID);
    let mebibyte = 1_024 * 1_024;
    let long = |bytes: usize| format!("{}.txt", "x".repeat(bytes - 4));
    let twice = pb::ValidateBundleRequest {
        files: vec![file("a.rego", 0), file("a.rego", 0)],
    };
    let mut one_byte_more = pb::ValidateBundleRequest {
        files: vec![file("b.txt", 1)],
    };
    one_byte_more
        .files
        .extend((0..12).map(|at| file(&format!("{at}.txt"), mebibyte)));
    let wrong = [
        "",
        "/a.rego",
        "a.rego/",
        "a//a.rego",
        "./a.rego",
        "a/./a.rego",
        "../a.rego",
        "a/..",
        "..",
    ];
    let wrong: Vec<_> = wrong.map(|path| invalid(at_path(path))).into();
    vec![
        row(
            "ListPoliciesRequest.page_size",
            "a negative value is an error",
            vec![list(0, String::new()), list(i32::MAX, String::new())],
            [-1, i32::MIN]
                .map(|size| (list(size, String::new()), field("page_size")))
                .into(),
        ),
        row(
            "ListPoliciesRequest.page_token",
            "At most 1,024 bytes",
            vec![],
            vec![
                (list(0, "x".repeat(1_024)), TOKEN_INVALID),
                (list(0, "x".repeat(1_025)), field("page_token")),
            ],
        ),
        row(
            "GetPolicyRequest.policy_id",
            "Required; 1 to 256 bytes",
            vec![],
            vec![
                (policy(256), POLICY_NOT_FOUND),
                (policy(257), field("policy_id")),
                (policy(0), field("policy_id")),
            ],
        ),
        row(
            "SourceFile.path",
            "1 to 1,024 bytes",
            vec![at_path(&long(1_024)), at_path("a")],
            vec![invalid(at_path(&long(1_025))), invalid(at_path(""))],
        ),
        row(
            "SourceFile.path",
            "It has no empty part, no `.` and no `..`",
            vec![at_path("a/b.c/..d")],
            wrong,
        ),
        row(
            "SourceFile.content",
            "At most 1 MiB",
            vec![bundle(2, mebibyte)],
            vec![invalid(bundle(2, mebibyte + 1))],
        ),
        row(
            "ValidateBundleRequest.files",
            "1 to 5,000, at most 1 MiB each and 12 MiB of content in all",
            vec![bundle(5_000, 0), bundle(13, mebibyte)],
            vec![
                invalid(Ask::Validate(pb::ValidateBundleRequest::default())),
                invalid(bundle(5_001, 0)),
                invalid(bundle(2, mebibyte + 1)),
                invalid(Ask::Validate(one_byte_more)),
            ],
        ),
        row(
            "PolicyService.ValidateBundle",
            "appears twice",
            vec![],
            vec![invalid(Ask::Validate(twice))],
        ),
        row(
            "IdentifySoftwareRequest.software",
            "1 to 20,000",
            vec![identify(1, ""), identify(20_000, "")],
            vec![
                (identify(0, ""), field("software")),
                (identify(20_001, ""), field("software")),
            ],
        ),
    ]
}
