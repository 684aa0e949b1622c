/**
 * Who may read: the token's row, looked up by its SHA-256 for each request. And what those are
 * told who may not.
 */

import { hash, randomBytes } from "node:crypto";
import { tokenOf } from "./database.js";

const CREDENTIALS = /^(?:bearer|token) +([0-9A-Fa-f]{32})$/i;
const TITLES = { 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found" };

export const PROBLEM = "application/problem+json";

/** What a caller is told who gets nothing. Not an Error: a refusal needs no stack trace. */
export class Problem {
  constructor(status, detail, headers = {}, extra = {}) {
    this.status = status;
    this.detail = detail;
    this.headers = headers;
    this.extra = extra;
  }

  /** Return the body, a document of RFC 9457. */
  body(requestId) {
    return JSON.stringify({
      type: "about:blank",
      title: TITLES[this.status],
      status: this.status,
      detail: this.detail,
      request_id: requestId,
      ...this.extra,
    });
  }
}

const NOT_PRESENTED = new Problem(
  401,
  "No token was presented. Send `Authorization: Bearer YOUR_TOKEN`.",
  { "www-authenticate": "Bearer" },
);
const NOT_LIVE = new Problem(401, "The token is unknown, expired or revoked.", {
  "www-authenticate": 'Bearer error="invalid_token"',
});

/**
 * Return who asks, or the Problem that they are told of.
 *
 * Who asks: {account, revision, full}; full: may see candidates.
 */
export function authenticated(authorization, scope) {
  if (authorization === undefined) return NOT_PRESENTED;
  const secret = CREDENTIALS.exec(authorization)?.[1];
  const token = secret === undefined ? undefined : tokenOf(hash("sha256", secret));
  if (
    token === undefined ||
    token.revoked_at !== null ||
    (token.expires_at !== null && token.expires_at <= Date.now() / 1000)
  ) {
    return NOT_LIVE;
  }
  const scopes = token.scopes.split(" ");
  if (!scopes.includes(scope)) {
    return new Problem(
      403,
      `The token lacks a scope that this operation requires: ${scope}.`,
      { "www-authenticate": `Bearer error="insufficient_scope", scope="${scope}"` },
      { required_scopes: [scope] },
    );
  }
  return {
    account: token.account,
    revision: token.revision,
    full: scopes.includes("candidates:read"),
  };
}

export function notFound(id) {
  return new Problem(404, `There is no \`${id.slice(0, 100)}\` in this account.`);
}

/** Return the id of a request: its own, or a new one. */
export function requestId(headers) {
  return headers["x-request-id"] ?? randomBytes(16).toString("hex");
}
