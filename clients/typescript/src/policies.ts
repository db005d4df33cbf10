/** What the calls of PolicyService give, made of what the server sent. */

import { create } from "@bufbuild/protobuf";

import { type CallError, MalformedError, type Place } from "./errors.js";
import {
  type ListPoliciesResponse,
  ListPoliciesResponseSchema,
  type RunPolicyTestsResponse,
  type RunPolicyTestsResponse_TestResult,
  type RunPolicyTestsResponse_TestSummary,
} from "./gen/embargo/v1/policy_service_pb.js";

/** The largest page that a server gives. */
const PAGE_SIZE = 1_000;

/** How often a listing is begun anew because the server reloaded between two pages. */
const LISTINGS = 3;

/** A test run that came to its end. */
export interface PolicyTestReport {
  /** Each test, in no particular order. */
  readonly results: readonly RunPolicyTestsResponse_TestResult[];
  /** The sum of them. */
  readonly summary: RunPolicyTestsResponse_TestSummary;
  /** Whether no test failed. */
  readonly passed: boolean;
}

/** All pages of one snapshot, begun anew if the server reloads between two of them. */
export class Listing {
  #begun = 1;
  #all = create(ListPoliciesResponseSchema);
  #token = "";

  /** The page to ask for. */
  next(): { pageSize: number; pageToken: string } {
    return { pageSize: PAGE_SIZE, pageToken: this.#token };
  }

  /** Takes a page in. Gives the whole, if it was the last one. */
  took(page: ListPoliciesResponse): ListPoliciesResponse | undefined {
    this.#all.policies.push(...page.policies);
    if (page.snapshot !== undefined) this.#all.snapshot = page.snapshot;
    this.#token = page.nextPageToken;
    return this.#token === "" ? this.#all : undefined;
  }

  /** Begins anew if the pages before belong to another snapshot by now, or throws the failure. */
  failed(failure: CallError): void {
    if (failure.reason !== "PAGE_TOKEN_INVALID" || this.#token === "" || this.#begun >= LISTINGS) throw failure;
    this.#begun += 1;
    this.#all = create(ListPoliciesResponseSchema);
    this.#token = "";
  }
}

/** Makes a report of the events of a test run. */
export function testReport(events: readonly RunPolicyTestsResponse[], place: Place): PolicyTestReport {
  const results: RunPolicyTestsResponse_TestResult[] = [];
  let summary: RunPolicyTestsResponse_TestSummary | undefined;
  for (const { event } of events) {
    // A run that broke off, or of which a result is lost, must not look as if it had passed.
    if (summary !== undefined || event.case === undefined) throw new MalformedError("the test run has no end", place);
    if (event.case === "summary") summary = event.value;
    else results.push(event.value);
  }
  if (summary === undefined) throw new MalformedError("the test run has no end", place);
  const passed = results.filter((result) => result.passed).length;
  if (passed !== summary.passedCount || results.length - passed !== summary.failedCount) {
    throw new MalformedError("the results of the test run do not add up to its summary", place);
  }
  return { results, summary, passed: summary.failedCount === 0 };
}
