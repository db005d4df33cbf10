//! The calls of PolicyService.

use embargo_proto::v1::{
    ErrorReason, GetPolicyRequest, GetPolicyResponse, GetSnapshotRequest, GetSnapshotResponse,
    IdentifySoftwareRequest, IdentifySoftwareResponse, ListPoliciesRequest, ListPoliciesResponse,
    RunPolicyTestsRequest, RunPolicyTestsResponse, SourceFile, ValidateBundleRequest,
    ValidateBundleResponse, WatchSnapshotRequest, WatchSnapshotResponse,
    run_policy_tests_response::{Event, TestResult, TestSummary},
};
use tonic::{Request, Response, Streaming};

use super::{Client, Server};
use crate::{CallError, Malformed, Place, SnapshotWatch, retry};

/// What a run of policy tests gave.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyTests {
    /// The result of each test, in no particular order.
    pub results: Vec<TestResult>,
    /// The sum of them, and the snapshot that was tested.
    pub summary: TestSummary,
}

/// The largest page that a server gives.
const PAGE_SIZE: i32 = 1_000;

/// How often a listing is begun anew because the server reloaded between two pages.
const LISTINGS: u32 = 3;

impl Client {
    /// Lists one page of the policies of the active snapshot.
    ///
    /// # Errors
    ///
    /// `PAGE_TOKEN_INVALID` means that the server reloaded since the page before.
    pub async fn list_policies(
        &self,
        request: ListPoliciesRequest,
    ) -> Result<ListPoliciesResponse, CallError> {
        let (answer, _) = self
            .unary("ListPolicies", request, |mut server, attempt| async move {
                server.policies.list_policies(attempt).await
            })
            .await?;
        Ok(answer)
    }

    /// Lists all policies of one snapshot as one answer without a further page. Begins anew if the
    /// server reloads meanwhile, three times at most. The client's deadline bounds each page.
    ///
    /// # Errors
    ///
    /// Fails with the first page that fails.
    pub async fn list_all_policies(&self) -> Result<ListPoliciesResponse, CallError> {
        let mut listings = 1;
        loop {
            match self.list_every_page().await {
                Err(error)
                    if listings < LISTINGS && error.is_reason(ErrorReason::PageTokenInvalid) =>
                {
                    listings += 1;
                }
                listed => return listed,
            }
        }
    }

    async fn list_every_page(&self) -> Result<ListPoliciesResponse, CallError> {
        let mut all = ListPoliciesResponse::default();
        let mut page_token = String::new();
        loop {
            let request = ListPoliciesRequest {
                page_size: PAGE_SIZE,
                page_token: page_token.clone(),
            };
            let page = self.list_policies(request).await?;
            all.policies.extend(page.policies);
            all.snapshot = page.snapshot;
            if page.next_page_token.is_empty() {
                return Ok(all);
            }
            // The same page again would never end.
            if page.next_page_token == page_token {
                let place = self.servers.place(self.servers.preferred(), "ListPolicies");
                return Err(CallError::Malformed {
                    cause: Malformed::PageRepeats,
                    place,
                });
            }
            page_token = page.next_page_token;
        }
    }

    /// Gets one policy of the active snapshot with its sources. The answer's `policy` is set.
    ///
    /// # Errors
    ///
    /// `POLICY_NOT_FOUND` means that the active snapshot has no such policy.
    pub async fn get_policy(
        &self,
        policy_id: impl Into<String>,
    ) -> Result<GetPolicyResponse, CallError> {
        let request = GetPolicyRequest {
            policy_id: policy_id.into(),
        };
        let (answer, place) = self
            .unary("GetPolicy", request, |mut server, attempt| async move {
                server.policies.get_policy(attempt).await
            })
            .await?;
        if answer.policy.is_none() {
            return Err(CallError::Malformed {
                cause: Malformed::Lacks { part: "policy" },
                place,
            });
        }
        Ok(answer)
    }

    /// Gets the active snapshot and how the last attempt to load the policy folder went.
    ///
    /// # Errors
    ///
    /// Only what can befall every call. No snapshot is no error here.
    pub async fn get_snapshot(&self) -> Result<GetSnapshotResponse, CallError> {
        let request = GetSnapshotRequest {};
        let (answer, _) = self
            .unary("GetSnapshot", request, |mut server, attempt| async move {
                server.policies.get_snapshot(attempt).await
            })
            .await?;
        Ok(answer)
    }

    /// Watches the active snapshot: its state at once, after every attempt to load the folder, and
    /// anew after each break of the connection. See [`SnapshotWatch`].
    ///
    /// The client's deadline and retries are for the opening.
    ///
    /// # Errors
    ///
    /// Fails if the watch does not open. Later failures come out of it.
    pub async fn watch_snapshot(&self) -> Result<SnapshotWatch, CallError> {
        SnapshotWatch::open(self.clone()).await
    }

    /// Opens one stream of states.
    pub(crate) async fn open_watch(
        &self,
    ) -> Result<(Streaming<WatchSnapshotResponse>, Place), CallError> {
        let method = "WatchSnapshot";
        let open = |server: &Server, _left| {
            let mut policies = server.policies.clone();
            // Without a deadline of its own: it would end the watch, not only the opening.
            let request = Request::new(WatchSnapshotRequest {});
            async move { policies.watch_snapshot(request).await }
        };
        retry::run(&self.retry, self.deadline, &self.servers, method, open).await
    }

    /// Runs the tests of a bundle, or of the active snapshot if no files are given, and waits for all
    /// of them. They may take up to a minute: see [`Client::with_deadline`].
    ///
    /// # Errors
    ///
    /// `BUNDLE_REJECTED` means that the bundle does not compile. A run that did not finish is an
    /// error and has no results. A test that fails is none.
    pub async fn run_policy_tests(
        &self,
        request: RunPolicyTestsRequest,
    ) -> Result<PolicyTests, CallError> {
        let (events, place) = self
            .unary(
                "RunPolicyTests",
                request,
                |mut server, attempt| async move {
                    let mut sent = server
                        .policies
                        .run_policy_tests(attempt)
                        .await?
                        .into_inner();
                    let mut events = Vec::new();
                    while let Some(event) = sent.message().await? {
                        events.push(event);
                    }
                    Ok(Response::new(events))
                },
            )
            .await?;
        finished(events).map_err(|cause| place.malformed(cause))
    }

    /// Compiles a bundle as a reload would, without activating it. Faults of the bundle stand in
    /// the answer.
    ///
    /// # Errors
    ///
    /// `BUNDLE_INVALID` means that the files do not make up a bundle at all.
    pub async fn validate_bundle(
        &self,
        files: Vec<SourceFile>,
    ) -> Result<ValidateBundleResponse, CallError> {
        let request = ValidateBundleRequest { files };
        let (answer, _) = self
            .unary(
                "ValidateBundle",
                request,
                |mut server, attempt| async move { server.policies.validate_bundle(attempt).await },
            )
            .await?;
        Ok(answer)
    }

    /// Says which products of the catalogue given software is.
    ///
    /// # Errors
    ///
    /// `FACTS_INVALID` names the items at fault.
    pub async fn identify_software(
        &self,
        request: IdentifySoftwareRequest,
    ) -> Result<IdentifySoftwareResponse, CallError> {
        let (answer, _) = self
            .unary("IdentifySoftware", request, |mut server, attempt| async move {
                server.policies.identify_software(attempt).await
            })
            .await?;
        Ok(answer)
    }
}

/// The results of a run that its summary ends.
fn finished(events: Vec<RunPolicyTestsResponse>) -> Result<PolicyTests, Malformed> {
    let mut results = Vec::with_capacity(events.len());
    let mut events = events.into_iter();
    while let Some(event) = events.next() {
        match event.event {
            Some(Event::Result(result)) => results.push(result),
            Some(Event::Summary(summary)) if events.len() == 0 => {
                return Ok(PolicyTests { results, summary });
            }
            Some(Event::Summary(_)) | None => break,
        }
    }
    Err(Malformed::Lacks { part: "summary" })
}
