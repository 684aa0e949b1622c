/**
 * express + express-openapi-validator + better-sqlite3: requests and answers are held to the
 * OpenAPI document, as the package's documentation has it. SQL is tuned as fastify's.
 */

import { readFileSync } from "node:fs";
import express from "express";
import * as OpenApiValidator from "express-openapi-validator";
import { load } from "js-yaml";
import { authenticated, notFound, PROBLEM, Problem, requestId } from "./access.js";
import { applicationKey, LISTS, pagination, ROWS } from "./database.js";

const apiSpec = load(
  readFileSync(new URL("../../../openapi/hiring.yaml", import.meta.url), "utf8"),
);
// The validator (5.6) takes an `id` in examples and links for the id of a schema.
delete apiSpec.components.examples;
for (const response of Object.values(apiSpec.components.responses)) {
  delete response.links;
  for (const content of Object.values(response.content ?? {})) delete content.examples;
}

const app = express();
app.disable("x-powered-by");
app.disable("etag");

app.use(
  OpenApiValidator.middleware({
    apiSpec,
    validateRequests: true,
    validateResponses: true,
    validateSecurity: {
      handlers: {
        bearer(request) {
          const [scope] = request.openapi.schema["x-required-scopes"];
          const caller = authenticated(request.headers.authorization, scope);
          if (caller instanceof Problem) {
            request.problem = caller;
            return false;
          }
          request.caller = caller;
          return true;
        },
      },
    },
  }),
);

const list = (name) => (request, response) => {
  const { account, full } = request.caller;
  const { total, keys } = LISTS[name](account, request.query);
  const data = keys.length === 0 ? [] : ROWS[name](keys, full).map(([, document]) => document);
  response.json({ data, pagination: pagination(request.query.page, total) });
};

app.get("/api/v1/job_postings", list("postings"));
app.get("/api/v1/candidates", list("candidates"));
app.get("/api/v1/applications", list("applications"));
app.get("/api/v1/applications/:id", (request, response) => {
  const { account, full } = request.caller;
  const key = applicationKey(account, request.params.id);
  if (key === undefined) send(request, response, notFound(request.params.id));
  else response.json(ROWS.applications([key], full)[0][1]);
});

app.use((error, request, response, _next) => {
  const status = error.status ?? 500;
  send(request, response, request.problem ?? new Problem(status, error.message));
});

function send(request, response, problem) {
  const id = requestId(request.headers);
  response
    .status(problem.status)
    .set(problem.headers)
    .set({ "content-type": PROBLEM, "x-request-id": id })
    .send(problem.body(id));
}

app.listen(Number(process.argv[2]), "127.0.0.1");
