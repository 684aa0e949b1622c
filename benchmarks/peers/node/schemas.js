/** Schemas of the answers: fastify compiles a serializer from each. */

const text = { type: "string" };
const maybe = { type: "string", nullable: true };
const number = { type: "integer" };

const object = (properties) => ({ type: "object", properties });
const list = (items) => ({ type: "array", items });

export const application = object({
  id: text,
  job_posting_id: text,
  candidate_id: text,
  current_stage_name: maybe,
  status: text,
  submitted_at: text,
  created_at: text,
  updated_at: text,
  candidate: object({ id: text, first_name: text, last_name: text, email: maybe }),
  stage_history: list(
    object({
      id: text,
      stage_name: text,
      stage_type: text,
      status: text,
      started_at: maybe,
      completed_at: maybe,
    }),
  ),
});

const candidate = object({
  id: text,
  first_name: text,
  last_name: text,
  email: maybe,
  phone: maybe,
  status: text,
  github_username: maybe,
  created_at: text,
  applications: list(
    object({
      id: text,
      job_posting_id: text,
      job_posting_title: text,
      current_stage_name: maybe,
      status: text,
      submitted_at: text,
    }),
  ),
});

const posting = object({
  id: text,
  title: text,
  status: text,
  department: maybe,
  location: maybe,
  employment_type: text,
  remote: { type: "boolean" },
  salary_min: maybe,
  salary_max: maybe,
  salary_currency: maybe,
  salary_period: maybe,
  published_at: maybe,
  closed_at: maybe,
  created_at: text,
  updated_at: text,
  stages: list(object({ id: text, name: text, stage_type: text, position: number })),
  counts: object({
    total_applications: number,
    active_applications: number,
    rejected: number,
  }),
});

const page = (items) =>
  object({
    data: list(items),
    pagination: object({
      current_page: number,
      total_pages: number,
      total_count: number,
      per_page: number,
    }),
  });

export const pages = {
  applications: page(application),
  candidates: page(candidate),
  postings: page(posting),
};
