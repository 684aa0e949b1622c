/**
 * The database as hand-written servers read it: prepared statements, rows to documents.
 *
 * Statements come from queries.sql and are prepared once. Documents have the keys of the API in
 * its order, so they can be written as they are.
 */

import { readFileSync } from "node:fs";
import Database from "better-sqlite3";

export const PAGE_SIZE = 20;
const TRIGRAM = 3; // the least that the search index can find
const QUERIES = new URL("../queries.sql", import.meta.url);

const database = new Database(process.env.BENCH_DATABASE, { readonly: true, fileMustExist: true });
database.pragma("cache_size = -32768");
database.pragma("mmap_size = 1073741824");

const texts = new Map(
  readFileSync(QUERIES, "utf8")
    .split(/^-- name: /m)
    .slice(1)
    .map((block) => [block.slice(0, block.indexOf("\n")).trim(), block.slice(block.indexOf("\n"))]),
);

const prepared = new Map();

function statement(name, keys = 0) {
  const kept = prepared.get(name)?.[keys];
  if (kept !== undefined) return kept;
  const places = Array(keys).fill("?").join(", ");
  const made = database.prepare(texts.get(name).replace("(:keys)", `(${places})`));
  if (!prepared.has(name)) prepared.set(name, []);
  prepared.get(name)[keys] = made;
  return made;
}

const one = (name, values) => statement(name).get(values);
const ofKeys = (name, keys) => statement(name, keys.length).all(keys);
const keysOf = (name, values) => statement(name).pluck().all(values);

/** Return {scopes, expires_at, revoked_at, account, revision} of a token; undefined: unknown. */
export function tokenOf(digest) {
  return one("token", { digest });
}

/** The three lists: which rows a request asks for, and how many there are in all. */
export const LISTS = {
  applications(account, { page, status, job_posting_id }) {
    const suffix = (job_posting_id ? "_of_posting" : "") + (status ? "_status" : "");
    const values = { account, status, job_posting_id, table: "application", offset: (page - 1) * PAGE_SIZE };
    return chosen(`count${suffix}`, `application_ids${suffix}`, values);
  },
  candidates(account, { page, search }) {
    const text = search === undefined ? "" : fold(search);
    const values = { account, table: "candidate", offset: (page - 1) * PAGE_SIZE };
    if (text === "") return chosen("count", "candidate_ids", values);
    const short = [...text].length < TRIGRAM ? "_short" : "";
    values.search = short ? text : `"${text.replaceAll('"', '""')}"`;
    return chosen(`count_search${short}`, `candidate_ids_search${short}`, values);
  },
  postings(account, { page, status }) {
    const suffix = status ? "_status" : "";
    const values = { account, status, table: "job_posting", offset: (page - 1) * PAGE_SIZE };
    return chosen(`count${suffix}`, `posting_ids${suffix}`, values);
  },
};

function chosen(count, ids, values) {
  const total = one(count, values)?.total ?? 0;
  return { total, keys: values.offset < total ? keysOf(ids, values) : [] };
}

/** Return the primary key of an application of the account; undefined: it has none. */
export function applicationKey(account, id) {
  return statement("application_id").pluck().get({ account, id });
}

/** Rows by primary keys, as [primary key, document], newest first. */
export const ROWS = {
  applications(keys, full) {
    const histories = grouped("histories", keys, (row) => ({
      id: row.id,
      stage_name: row.stage_name,
      stage_type: row.stage_type,
      status: row.status,
      started_at: time(row.started_at),
      completed_at: time(row.completed_at),
    }));
    return ofKeys(full ? "applications" : "applications_redacted", keys).map((row) => [
      row.key,
      {
        id: row.id,
        job_posting_id: row.job_posting_id,
        candidate_id: row.candidate_id,
        current_stage_name: row.current_stage_name,
        status: row.status,
        submitted_at: time(row.submitted_at),
        created_at: time(row.created_at),
        updated_at: time(row.updated_at),
        candidate: full
          ? {
              id: row.candidate_id,
              first_name: row.first_name,
              last_name: row.last_name,
              email: row.email,
            }
          : { id: row.candidate_id },
        stage_history: histories.get(row.key) ?? [],
      },
    ]);
  },
  candidates(keys) {
    const applications = grouped("candidate_applications", keys, (row) => ({
      id: row.id,
      job_posting_id: row.job_posting_id,
      job_posting_title: row.job_posting_title,
      current_stage_name: row.current_stage_name,
      status: row.status,
      submitted_at: time(row.submitted_at),
    }));
    return ofKeys("candidates", keys).map((row) => [
      row.key,
      {
        id: row.id,
        first_name: row.first_name,
        last_name: row.last_name,
        email: row.email,
        phone: row.phone,
        status: row.status,
        github_username: row.github_username,
        created_at: time(row.created_at),
        applications: applications.get(row.key) ?? [],
      },
    ]);
  },
  postings(keys) {
    const stages = grouped("stages", keys, (row) => ({
      id: row.id,
      name: row.name,
      stage_type: row.stage_type,
      position: row.position,
    }));
    return ofKeys("postings", keys).map((row) => [
      row.key,
      {
        id: row.id,
        title: row.title,
        status: row.status,
        department: row.department,
        location: row.location,
        employment_type: row.employment_type,
        remote: row.remote === 1,
        salary_min: money(row.salary_min),
        salary_max: money(row.salary_max),
        salary_currency: row.salary_currency,
        salary_period: row.salary_period,
        published_at: time(row.published_at),
        closed_at: time(row.closed_at),
        created_at: time(row.created_at),
        updated_at: time(row.updated_at),
        stages: stages.get(row.key) ?? [],
        counts: {
          total_applications: row.active_applications + row.rejected_applications,
          active_applications: row.active_applications,
          rejected: row.rejected_applications,
        },
      },
    ]);
  },
};

/** Return what stands beside `data` in a list. */
export function pagination(page, total) {
  return {
    current_page: page,
    total_pages: Math.ceil(total / PAGE_SIZE),
    total_count: total,
    per_page: PAGE_SIZE,
  };
}

function grouped(name, keys, document) {
  const groups = new Map();
  for (const row of ofKeys(name, keys)) {
    const group = groups.get(row.parent);
    if (group === undefined) groups.set(row.parent, [document(row)]);
    else group.push(document(row));
  }
  return groups;
}

function time(seconds) {
  return seconds === null ? null : `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

function money(hundredths) {
  if (hundredths === null) return null;
  const rest = hundredths % 100;
  const units = (hundredths - rest) / 100;
  return rest % 10 ? `${units}.${String(rest).padStart(2, "0")}` : `${units}.${rest / 10}`;
}

/** Return *text* as search text is stored: without accents, fully case-folded. */
function fold(text) {
  const plain = text.trim().normalize("NFKD").replace(/\p{Mn}/gu, "");
  // By upper case ß becomes ss; a final sigma is any sigma; a dotless ı stays what it is.
  const folded = plain.replace(/[^ı]+/g, (part) => part.toUpperCase().toLowerCase());
  return folded.replaceAll("ς", "σ");
}
