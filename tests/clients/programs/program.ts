// Uses the types that openapi-typescript makes; checked, not run. Each `@ts-expect-error` is a
// line that must not pass: without the error it announces, the check fails.

import type { components, operations } from "./hiring";

type Schemas = components["schemas"];
type Query = NonNullable<operations["list_applications"]["parameters"]["query"]>;
type Answers = operations["get_application"]["responses"];

export function applicant(application: Schemas["Application"]): string {
  const candidate = application.candidate;
  // @ts-expect-error: it may be the redacted form
  candidate.first_name.trim();
  return "first_name" in candidate
    ? `${candidate.first_name} ${candidate.last_name} ${candidate.email ?? ""}`
    : candidate.id;
}

export function hasMore(page: Schemas["ApplicationPage"]): boolean {
  return page.pagination.current_page < page.pagination.total_pages;
}

export function isActive(application: Schemas["Application"]): boolean {
  // @ts-expect-error: no such status
  if (application.status === "Active") return false;
  return application.status === "active";
}

export function salary(posting: Schemas["JobPosting"]): number {
  // @ts-expect-error: it may be null
  posting.salary_min.trim();
  return Number(posting.salary_min ?? 0);
}

export const query: Query = { job_posting_id: "job_abc123", status: "rejected", page: 2 };

// @ts-expect-error: no such parameter
export const unknownParameter: Query = { per_page: 100 };

export function explain(
  problem: Answers[403]["content"]["application/problem+json"]
): string {
  const wrong = problem.errors?.map((error) => error.did_you_mean ?? error.parameter) ?? [];
  return [problem.status, problem.detail, problem.request_id, ...wrong].join(" ");
}
