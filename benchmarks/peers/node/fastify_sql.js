/** fastify + better-sqlite3 with tuned SQL: documents from rows at each request. */

import { applicationKey, LISTS, pagination, ROWS } from "./database.js";
import { build, serve } from "./fastify_app.js";
import { application, pages } from "./schemas.js";

const list = (name) => ({
  schema: pages[name],
  handler(request, reply) {
    const { account, full } = request.caller;
    const { total, keys } = LISTS[name](account, request.query);
    const data = keys.length === 0 ? [] : ROWS[name](keys, full).map(([, document]) => document);
    reply.send({ data, pagination: pagination(request.query.page, total) });
  },
});

const one = {
  schema: application,
  handler(request, reply, id) {
    const { account, full } = request.caller;
    const key = applicationKey(account, id);
    if (key === undefined) return undefined;
    return reply.send(ROWS.applications([key], full)[0][1]);
  },
};

serve(
  build(
    { applications: list("applications"), candidates: list("candidates"), postings: list("postings") },
    one,
  ),
);
