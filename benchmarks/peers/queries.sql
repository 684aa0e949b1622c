-- The SQL of the peers that write it by hand, in Python and in JavaScript: tuned as the gateway's.
--
-- Ids first, by an index that gives the order, then the columns of 20 rows; totals from counters;
-- search by the trigram index, whose rowid has the account's key above the candidate's; the
-- token's row with the account's revision, in one look-up.
-- A block begins with `-- name:`. `(:keys)` stands for a list of primary keys. Conditions of
-- filters are appended by name: `-- name: application_ids +status`.

-- name: token
SELECT t.scopes, t.expires_at, t.revoked_at, a.id AS account, a.revision
FROM token t JOIN account a ON a.id = t.account_id
WHERE t.digest = :digest

-- name: count
SELECT SUM(row_count) AS total FROM row_count WHERE account_id = :account AND table_name = :table

-- name: count_status
SELECT SUM(row_count) AS total FROM row_count
WHERE account_id = :account AND table_name = :table AND status = :status

-- name: count_of_posting
SELECT active_applications + rejected_applications AS total FROM job_posting
WHERE account_id = :account AND public_id = :job_posting_id

-- name: count_of_posting_status
SELECT CASE :status WHEN 'active' THEN active_applications ELSE rejected_applications END AS total
FROM job_posting WHERE account_id = :account AND public_id = :job_posting_id

-- name: count_search
SELECT COUNT(*) AS total FROM candidate_search
WHERE candidate_search MATCH :search
  AND rowid >= (:account << 40) AND rowid < ((:account + 1) << 40)

-- name: posting
SELECT id FROM job_posting WHERE account_id = :account AND public_id = :id

-- name: application_ids
SELECT id FROM application WHERE account_id = :account
ORDER BY created_at DESC, id DESC LIMIT 20 OFFSET :offset

-- name: application_ids_status
SELECT id FROM application WHERE account_id = :account AND status = :status
ORDER BY created_at DESC, id DESC LIMIT 20 OFFSET :offset

-- name: application_ids_of_posting
SELECT id FROM application
WHERE account_id = :account AND job_posting_id =
  (SELECT id FROM job_posting WHERE account_id = :account AND public_id = :job_posting_id)
ORDER BY created_at DESC, id DESC LIMIT 20 OFFSET :offset

-- name: application_ids_of_posting_status
SELECT id FROM application
WHERE account_id = :account AND status = :status AND job_posting_id =
  (SELECT id FROM job_posting WHERE account_id = :account AND public_id = :job_posting_id)
ORDER BY created_at DESC, id DESC LIMIT 20 OFFSET :offset

-- name: application_id
SELECT id FROM application WHERE account_id = :account AND public_id = :id

-- name: applications
SELECT a.id AS key, a.public_id AS id, p.public_id AS job_posting_id,
  a.candidate_public_id AS candidate_id, s.name AS current_stage_name, a.status,
  a.submitted_at, a.created_at, a.updated_at,
  c.first_name, c.last_name, c.email
FROM application a
JOIN job_posting p ON p.id = a.job_posting_id
LEFT JOIN stage s ON s.id = a.current_stage_id
JOIN candidate c ON c.id = a.candidate_id
WHERE a.id IN (:keys)
ORDER BY a.created_at DESC, a.id DESC

-- name: applications_redacted
SELECT a.id AS key, a.public_id AS id, p.public_id AS job_posting_id,
  a.candidate_public_id AS candidate_id, s.name AS current_stage_name, a.status,
  a.submitted_at, a.created_at, a.updated_at
FROM application a
JOIN job_posting p ON p.id = a.job_posting_id
LEFT JOIN stage s ON s.id = a.current_stage_id
WHERE a.id IN (:keys)
ORDER BY a.created_at DESC, a.id DESC

-- name: histories
SELECT h.application_id AS parent, h.public_id AS id, s.name AS stage_name, s.stage_type,
  h.status, h.started_at, h.completed_at
FROM stage_progress h JOIN stage s ON s.id = h.stage_id
WHERE h.application_id IN (:keys)
ORDER BY h.application_id, h.started_at ASC NULLS LAST, h.id

-- name: candidate_ids
SELECT id FROM candidate WHERE account_id = :account
ORDER BY created_at DESC, id DESC LIMIT 20 OFFSET :offset

-- name: candidate_ids_search
SELECT id FROM candidate
WHERE +account_id = :account
  AND id IN (
    SELECT rowid & 0xffffffffff FROM candidate_search
    WHERE candidate_search MATCH :search
      AND rowid >= (:account << 40) AND rowid < ((:account + 1) << 40)
  )
ORDER BY created_at DESC, id DESC LIMIT 20 OFFSET :offset

-- name: candidates
SELECT id AS key, public_id AS id, first_name, last_name, email, phone, status, github_username,
  created_at
FROM candidate WHERE id IN (:keys)
ORDER BY created_at DESC, id DESC

-- name: candidate_applications
SELECT a.candidate_id AS parent, a.public_id AS id, p.public_id AS job_posting_id,
  p.title AS job_posting_title, s.name AS current_stage_name, a.status, a.submitted_at
FROM application a
JOIN job_posting p ON p.id = a.job_posting_id
LEFT JOIN stage s ON s.id = a.current_stage_id
WHERE a.candidate_id IN (:keys)
ORDER BY a.candidate_id, a.submitted_at, a.id

-- name: posting_ids
SELECT id FROM job_posting WHERE account_id = :account
ORDER BY created_at DESC, id DESC LIMIT 20 OFFSET :offset

-- name: posting_ids_status
SELECT id FROM job_posting WHERE account_id = :account AND status = :status
ORDER BY created_at DESC, id DESC LIMIT 20 OFFSET :offset

-- name: postings
SELECT id AS key, public_id AS id, title, status, department, location, employment_type, remote,
  salary_min, salary_max, salary_currency, salary_period, published_at, closed_at, created_at,
  updated_at, active_applications, rejected_applications
FROM job_posting WHERE id IN (:keys)
ORDER BY created_at DESC, id DESC

-- name: stages
SELECT job_posting_id AS parent, public_id AS id, name, stage_type, position
FROM stage WHERE job_posting_id IN (:keys)
ORDER BY job_posting_id, position, id

-- name: count_search_short
SELECT COUNT(*) AS total FROM candidate
WHERE account_id = :account
  AND (INSTR(search_name, :search) > 0 OR INSTR(search_email, :search) > 0)

-- name: candidate_ids_search_short
SELECT id FROM candidate
WHERE account_id = :account
  AND (INSTR(search_name, :search) > 0 OR INSTR(search_email, :search) > 0)
ORDER BY created_at DESC, id DESC LIMIT 20 OFFSET :offset
