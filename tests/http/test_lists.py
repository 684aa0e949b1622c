"""Guards the contract's "Lists", "Search" and the reference's "Pagination"."""

from __future__ import annotations

import pytest


def job(number: int, *, status: str = "published", at: str = "2026-01-01T00:00:00Z") -> dict:
    return {
        "type": "job_posting",
        "id": f"job_{number}",
        "title": f"Job {number}",
        "status": status,
        "employment_type": "full_time",
        "remote": False,
        "created_at": at,
        "updated_at": at,
    }


def stage(number: int, of: int, position: int = 0) -> dict:
    return {
        "type": "stage",
        "id": f"stg_{number}",
        "job_posting_id": f"job_{of}",
        "name": f"Stage {number}",
        "stage_type": "default",
        "position": position,
    }


def candidate(number: int, first: str = "Ann", last: str = "Lee", **fields) -> dict:
    return {
        "type": "candidate",
        "id": f"cand_{number}",
        "first_name": first,
        "last_name": last,
        "status": "active",
        "created_at": "2026-01-01T00:00:00Z",
        **fields,
    }


def application(number: int, *, of: int, by: int, **fields) -> dict:
    at = "2026-01-01T00:00:00Z"
    return {
        "type": "application",
        "id": f"app_{number}",
        "job_posting_id": f"job_{of}",
        "candidate_id": f"cand_{by}",
        "status": "active",
        "submitted_at": at,
        "created_at": at,
        "updated_at": at,
        **fields,
    }


@pytest.fixture
def account(gateway):
    return gateway.account()


@pytest.fixture
def secret(gateway, account) -> str:
    return gateway.token(account, "applications:read", "candidates:read", "job_postings:read")


@pytest.fixture
def ids(gateway, secret):
    """GET a list; return the ids of its rows."""

    def get(path: str) -> list[str]:
        answer = gateway.get(path, secret)
        assert answer.status_code == 200, answer.text
        return [row["id"] for row in answer.json()["data"]]

    return get


def test_pages_of_twenty_newest_first_with_true_totals(gateway, account, secret, ids):
    gateway.load(account, *(job(n, at=f"2026-01-{1 + n % 3:02}T00:00:00Z") for n in range(45)))
    expected = [f"job_{n}" for n in sorted(range(45), key=lambda n: (n % 3, n), reverse=True)]
    assert ids("/job_postings") == expected[:20]
    assert ids("/job_postings?page=2") == expected[20:40]
    assert ids("/job_postings?page=3") == expected[40:]
    pagination = gateway.get("/job_postings?page=3", secret).json()["pagination"]
    assert list(pagination.items()) == [
        ("current_page", 3),
        ("total_pages", 3),
        ("total_count", 45),
        ("per_page", 20),
    ]


@pytest.mark.parametrize("page", [2, 4, 2_147_483_647])
def test_beyond_the_end_there_are_no_rows_but_true_totals(gateway, account, secret, page):
    gateway.load(account, *(job(n) for n in range(3)))
    body = gateway.get(f"/job_postings?page={page}", secret).json()
    assert body == {
        "data": [],
        "pagination": {
            "current_page": page,
            "total_pages": 1,
            "total_count": 3,
            "per_page": 20,
        },
    }


@pytest.mark.parametrize("path", ["/job_postings", "/candidates", "/applications?status=active"])
def test_an_empty_list_has_no_pages(gateway, secret, path):
    body = gateway.get(path, secret).json()
    assert (body["data"], body["pagination"]["total_pages"]) == ([], 0)


def test_rows_created_at_once_come_in_the_order_of_their_insertion_reversed(gateway, account, ids):
    gateway.load(account, candidate(2), candidate(1))
    gateway.load(account, candidate(3), candidate(1, first="Updated"))
    assert ids("/candidates") == ["cand_3", "cand_1", "cand_2"]


def test_job_postings_are_filtered_by_status(gateway, account, secret, ids):
    statuses = ["draft", "published", "closed", "published"]
    gateway.load(account, *(job(n, status=status) for n, status in enumerate(statuses)))
    assert ids("/job_postings?status=published") == ["job_3", "job_1"]
    body = gateway.get("/job_postings?status=closed", secret).json()
    assert body["pagination"]["total_count"] == 1


def test_applications_are_filtered_by_job_posting_and_status(gateway, account, secret, ids):
    gateway.load(account, job(1), job(2), candidate(1), candidate(2))
    gateway.load(
        account,
        application(1, of=1, by=1),
        application(2, of=1, by=2, status="rejected"),
        application(3, of=2, by=1),
    )
    assert ids("/applications?job_posting_id=job_1") == ["app_2", "app_1"]
    assert ids("/applications?status=active") == ["app_3", "app_1"]
    assert ids("/applications?job_posting_id=job_1&status=rejected") == ["app_2"]
    assert ids("/applications?job_posting_id=job_3") == []
    for query, total in [("job_posting_id=job_1", 2), ("status=active", 2), ("", 3)]:
        body = gateway.get(f"/applications?{query}", secret).json()
        assert body["pagination"]["total_count"] == total
    counts = gateway.get("/job_postings/job_1", secret).json()["counts"]
    assert counts == {"total_applications": 2, "active_applications": 1, "rejected": 1}
    filtered = gateway.get("/job_postings?status=published", secret).json()["data"][-1]
    assert filtered["counts"] == counts


def test_stages_come_by_position_then_insertion(gateway, account, secret, ids):
    gateway.load(account, job(1), job(2), stage(9, 1, 2), stage(8, 1, 1), stage(7, 1, 1))
    expected = ["stg_8", "stg_7", "stg_9"]
    assert ids("/job_postings/job_1/stages") == expected
    assert ids("/job_postings/job_2/stages") == []
    inside = gateway.get("/job_postings/job_1", secret).json()["stages"]
    assert [one["id"] for one in inside] == expected
    assert gateway.get("/job_postings/job_3/stages", secret).status_code == 404


def test_stage_history_comes_by_start_with_those_not_started_last(gateway, account, secret):
    gateway.load(account, job(1), stage(1, 1), candidate(1), application(1, of=1, by=1))
    times = [None, "2026-03-01T00:00:00Z", "2026-02-01T00:00:00Z", None, "2026-02-01T00:00:00Z"]
    entries = [
        {
            "type": "stage_progress",
            "id": f"sp_{n}",
            "application_id": "app_1",
            "stage_id": "stg_1",
            "status": "completed",
            "started_at": started,
        }
        for n, started in enumerate(times)
    ]
    gateway.load(account, *entries)
    history = gateway.get("/applications/app_1", secret).json()["stage_history"]
    assert [entry["id"] for entry in history] == ["sp_2", "sp_4", "sp_1", "sp_0", "sp_3"]


def test_the_applications_of_a_candidate_come_by_submission(gateway, account, secret):
    gateway.load(
        account,
        job(1),
        candidate(1),
        application(1, of=1, by=1, submitted_at="2026-02-01T00:00:00Z"),
        application(2, of=1, by=1, submitted_at="2026-01-01T00:00:00Z"),
        application(3, of=1, by=1, submitted_at="2026-02-01T00:00:00Z"),
    )
    applications = gateway.get("/candidates/cand_1", secret).json()["applications"]
    assert [one["id"] for one in applications] == ["app_2", "app_1", "app_3"]


# --- search -------------------------------------------------------------------------------------

PEOPLE = [
    candidate(1, "José", "Núñez", email="jose.n@example.com"),
    candidate(2, "Straße", "Müller", email="mueller@example.com"),
    candidate(3, "Ayşe", "Yılmaz", email="AYSE@Example.com"),
    candidate(4, "王", "小明"),
    candidate(5, "O'Neil", '100% "sure"_x\\y', email="oneil@example.com"),
    candidate(6, "Ἀθηνᾶ", "Παπαδοπούλου"),
    candidate(7, "Nguyễn", "Văn Đức"),
]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("jose", [1]),
        ("JOSÉ", [1]),
        ("José", [1]),  # decomposed
        ("sé nú", [1]),  # across "first last"
        ("  jose  ", [1]),
        ("STRASSE", [2]),
        ("straße", [2]),
        ("ASSE MÜL", [2]),
        ("ayse@", [3]),
        ("yılmaz", [3]),
        ("王", [4]),
        ("王 小", [4]),
        ("小明", [4]),
        ("O'Neil", [5]),
        ("100%", [5]),
        ("%", [5]),
        ("_", [5]),
        ("\\", [5]),
        ('"sure"', [5]),
        ("e_x", []),
        ('e"_x\\y', [5]),
        ("αθηνα", [6]),
        ("ΠΑΠΑΔΟΠΟΥΛΟΥ", [6]),
        ("nguyen van", [7]),
        ("example.com", [5, 3, 2, 1]),
        ("z jose.n", []),  # not across name and address
        ("n", [7, 5, 1]),
        ("no such person", []),
        ("' OR 1=1 --", []),
        ("*", []),
        ("jose*", []),
        ("a OR b", []),
        ("", [7, 6, 5, 4, 3, 2, 1]),
        ("   ", [7, 6, 5, 4, 3, 2, 1]),
        ("\u0301", [7, 6, 5, 4, 3, 2, 1]),  # an accent alone folds to nothing
    ],
)
def test_search_is_a_folded_substring_of_name_or_address(gateway, account, secret, search, found):
    gateway.load(account, *PEOPLE)
    answer = gateway.get("/candidates", secret, params={"search": search})
    assert answer.status_code == 200, answer.text
    assert [row["id"] for row in answer.json()["data"]] == [f"cand_{n}" for n in found]
    assert answer.json()["pagination"]["total_count"] == len(found)


def test_search_follows_changes_of_name_and_address(gateway, account, ids):
    gateway.load(account, candidate(1, "Maria", "Silva", email="maria@example.com"))
    gateway.load(account, candidate(1, "Mariana", "Costa"))
    assert ids("/candidates?search=mariana+costa") == ["cand_1"]
    assert ids("/candidates?search=silva") == []
    assert ids("/candidates?search=maria@") == ["cand_1"]


def test_search_finds_nothing_of_a_deleted_account_in_a_new_one(gateway, account):
    from gateway import accounts
    from gateway.audit import SYSTEM

    gateway.load(account, candidate(1, "Maria", "Silva"))
    accounts.delete_account(account, by=SYSTEM, now=1)
    other = gateway.account()
    gateway.load(other, candidate(1, "Bo", "Chen"))
    secret = gateway.token(other, "candidates:read")
    assert gateway.get("/candidates?search=silva", secret).json()["data"] == []


@pytest.mark.parametrize(("length", "status"), [(200, 200), (201, 400)])
def test_search_takes_at_most_two_hundred_code_points(gateway, secret, length, status):
    assert gateway.get("/candidates", secret, params={"search": "é" * length}).status_code == status
