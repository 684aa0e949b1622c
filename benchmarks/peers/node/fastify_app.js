/**
 * What the fastify servers share: routes with checked parameters, token and scope, problems.
 *
 * Parameters are checked by fastify's own validator (ajv) against a JSON Schema per route.
 */

import Fastify from "fastify";
import { authenticated, notFound, PROBLEM, Problem, requestId } from "./access.js";

const page = { type: "integer", minimum: 1, maximum: 2147483647, default: 1 };
const words = (...allowed) => ({ type: "string", enum: allowed });

const ROUTES = {
  "/api/v1/job_postings": {
    list: "postings",
    scope: "job_postings:read",
    query: { status: words("draft", "published", "closed"), page },
  },
  "/api/v1/candidates": {
    list: "candidates",
    scope: "candidates:read",
    query: { search: { type: "string", maxLength: 200 }, page },
  },
  "/api/v1/applications": {
    list: "applications",
    scope: "applications:read",
    query: {
      job_posting_id: { type: "string", pattern: "^job_[0-9A-Za-z]{1,64}$" },
      status: words("active", "rejected"),
      page,
    },
  },
};

/**
 * Return a server.
 *
 * @param lists by name: {handler(request, reply, list), early?(request, reply), schema?}
 * @param one the same for /applications/{id}; its handler returns undefined for a missing row
 */
export function build(lists, one) {
  const app = Fastify({
    genReqId: (request) => requestId(request.headers),
    requestIdHeader: false,
    ajv: { customOptions: { removeAdditional: false } },
  });
  app.decorateRequest("caller", null);
  app.setErrorHandler((error, request, reply) => {
    const problem = error.validation
      ? new Problem(400, error.message)
      : new Problem(500, "The server could not answer.");
    send(request, reply, problem);
  });
  app.setNotFoundHandler((request, reply) => {
    send(request, reply, new Problem(404, "There is nothing at this path."));
  });

  const access = (scope) => (request, reply, done) => {
    const caller = authenticated(request.headers.authorization, scope);
    if (caller instanceof Problem) {
      send(request, reply, caller);
      return;
    }
    request.caller = caller;
    done();
  };

  for (const [path, { list, scope, query }] of Object.entries(ROUTES)) {
    const { handler, early, schema } = lists[list];
    app.get(path, {
      onRequest: early ? [access(scope), early] : access(scope),
      schema: {
        querystring: { type: "object", additionalProperties: false, properties: query },
        ...(schema && { response: { 200: schema } }),
      },
      handler: (request, reply) => handler(request, reply, list),
    });
  }
  app.get("/api/v1/applications/:id", {
    onRequest: one.early
      ? [access("applications:read"), one.early]
      : access("applications:read"),
    schema: one.schema && { response: { 200: one.schema } },
    handler(request, reply) {
      if (one.handler(request, reply, request.params.id) === undefined) {
        send(request, reply, notFound(request.params.id));
      }
    },
  });
  return app;
}

function send(request, reply, problem) {
  reply
    .code(problem.status)
    .headers(problem.headers)
    .header("content-type", PROBLEM)
    .header("x-request-id", request.id)
    .send(problem.body(request.id));
}

/** Listen on the port that the first argument names. */
export function serve(app) {
  app.listen({ port: Number(process.argv[2]), host: "127.0.0.1" });
}
