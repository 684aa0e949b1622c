/**
 * fastify + better-sqlite3 with the gateway's own data design: rendered rows are kept in memory,
 * and with `--pages` whole answers too. Both are valid while the account's revision is the same,
 * which is read with the token at each request.
 */

import { applicationKey, LISTS, pagination, ROWS } from "./database.js";
import { build, serve } from "./fastify_app.js";
import { Kept } from "./kept.js";

const BOUND = 32 << 20;
const JSON_TYPE = "application/json";
const COMMA = ",".charCodeAt(0);
const HEAD = Buffer.from('{"data":[');

const rows = new Kept(BOUND);
const answers = process.argv.includes("--pages") ? new Kept(BOUND) : undefined;

/** Return the rendered rows of *keys*, in their order. */
function rendered(name, { revision, full }, keys) {
  const view = full ? name : `${name}-`;
  const found = keys.map((key) => rows.get(view + key, revision));
  const missing = keys.filter((_, n) => found[n] === undefined);
  if (missing.length === 0) return found;
  const made = new Map();
  for (const [key, document] of ROWS[name](missing, full)) {
    const bytes = Buffer.from(JSON.stringify(document));
    rows.set(view + key, revision, bytes);
    made.set(key, bytes);
  }
  return found.map((bytes, n) => bytes ?? made.get(keys[n]));
}

/** Return the bytes of a page; one allocation, each row copied once. */
function joined(parts, page, total) {
  const tail = Buffer.from(`],"pagination":${JSON.stringify(pagination(page, total))}}`);
  const length = parts.reduce((sum, part) => sum + part.length + 1, HEAD.length + tail.length);
  const bytes = Buffer.allocUnsafe(length - (parts.length ? 1 : 0));
  let at = HEAD.copy(bytes);
  parts.forEach((part, n) => {
    if (n) bytes[at++] = COMMA;
    at += part.copy(bytes, at);
  });
  tail.copy(bytes, at);
  return bytes;
}

const answerKey = ({ url, caller }) => `${caller.account} ${caller.full} ${url}`;

/** Answer from what is kept before parameters are checked: they were, when it was made. */
function early(request, reply, done) {
  const kept = answers.get(answerKey(request), request.caller.revision);
  if (kept === undefined) done();
  else reply.header("content-type", JSON_TYPE).send(kept);
}

function answer(request, reply, bytes) {
  answers?.set(answerKey(request), request.caller.revision, bytes);
  return reply.header("content-type", JSON_TYPE).send(bytes);
}

const list = (name) => ({
  ...(answers && { early }),
  handler(request, reply) {
    const { account } = request.caller;
    const { total, keys } = LISTS[name](account, request.query);
    const parts = keys.length === 0 ? [] : rendered(name, request.caller, keys);
    answer(request, reply, joined(parts, request.query.page, total));
  },
});

const one = {
  ...(answers && { early }),
  handler(request, reply, id) {
    const key = applicationKey(request.caller.account, id);
    if (key === undefined) return undefined;
    return answer(request, reply, rendered("applications", request.caller, [key])[0]);
  },
};

serve(
  build(
    { applications: list("applications"), candidates: list("candidates"), postings: list("postings") },
    one,
  ),
);
