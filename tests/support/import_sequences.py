"""Imports into a small world, in any sequence, for hypothesis to draw."""

from __future__ import annotations

from hypothesis import strategies as st
from records import DAY, application, candidate, entry, posting, stage

LATER = "2026-01-16T10:00:00Z"

NUMBERS = st.integers(0, 2)
TIMES = st.sampled_from([None, DAY, LATER])


@st.composite
def updates(draw):
    """Draw records of a small world; each may be new or known, whole or in part."""
    records = {}
    for _ in range(draw(st.integers(1, 8))):
        record = draw(
            st.one_of(
                st.builds(
                    lambda n, status: posting(f"job_{n}", status=status),
                    st.integers(0, 1),
                    st.sampled_from(["draft", "published"]),
                ),
                st.builds(
                    lambda n, first, email: candidate(f"cand_{n}", first_name=first, email=email),
                    NUMBERS,
                    st.sampled_from(["Ann", "Ångström", "ﬁ"]),
                    st.sampled_from([None, "A@b.de"]),
                ),
                st.builds(
                    lambda n, status: application(
                        f"app_{n}", job_posting_id=f"job_{n % 2}", status=status
                    ),
                    NUMBERS,
                    st.sampled_from(["active", "rejected"]),
                ),
                st.builds(
                    lambda n, m, step, status, at: entry(
                        f"sp_{n}{m}",
                        application_id=f"app_{n}",
                        stage_id=f"stg_{n % 2}{step}",
                        status=status,
                        started_at=at,
                    ),
                    NUMBERS,
                    NUMBERS,
                    st.integers(0, 1),
                    st.sampled_from(["completed", "in_progress"]),
                    TIMES,
                ),
            )
        )
        records[record["id"]] = record
    return list(records.values())


WORLD = [
    posting("job_0"),
    posting("job_1"),
    *[stage(f"stg_{j}{n}", job_posting_id=f"job_{j}") for j in (0, 1) for n in (0, 1)],
    candidate("cand_a"),
    *[application(f"app_{n}", job_posting_id=f"job_{n % 2}") for n in range(3)],
]
