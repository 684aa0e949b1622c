"""Guards "Reload": a sound policy takes effect at once and whole, another one not at all."""

from __future__ import annotations

import gc
import threading
import weakref
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from gateway import bundle
from gateway.execution import Executor
from gateway.reload import Reloader, Result

DOMAIN = Path(__file__).resolve().parents[1] / "second_domain"

# What a reader without the desk's scope is shown of a borrower called Anna, and the tier that says
# so. None: the field is absent.
SHOWN = {
    "A***": "{with: books:read, as: {mask: {first: 1}}}",
    "***a": "{with: books:read, as: {mask: {last: 1}}}",
    "****": "{with: books:read, as: {mask: {}}}",
    "An.": '{with: books:read, as: {truncate: {keep: 2, suffix: "."}}}',
    None: "{with: books:read, as: drop}",
}
WRONG = {
    "shows everyone what readers must not see": "{with: books:read, as: value}",
    "names a scope that there is not": "{with: book:read, as: {mask: {}}}",
    "is no YAML": "{with: [books:read",
}


def policy(tier: str) -> str:
    return f"""\
component: Book
because: who reads what is nobody's business but the lending desk's
public: [id, title]
show:
  borrower:
    - {{with: desk:read, as: value}}
    - {tier}
"""


def borrower_of(library) -> str:
    return library("/books/book_1", "books:read").json()["borrower"]


@pytest.fixture
def book(library) -> Path:
    """The policy that the tests change."""
    return library.policies / "book.yaml"


@pytest.fixture
def reloader(library) -> Reloader:
    return library.gateway.reloader


def test_a_changed_policy_takes_effect(library, book, reloader):
    before = library("/books/book_1", "books:read")
    assert before.json()["borrower"] == "A***"
    book.write_text(policy(SHOWN["An."]))
    assert reloader.reload() is Result.LOADED
    after = library("/books/book_1", "books:read")
    assert after.json()["borrower"] == "An."
    assert after.headers["X-Policy-Revision"] != before.headers["X-Policy-Revision"]


def test_header_health_and_log_line_name_the_revision_in_force(library, book, reloader):
    book.write_text(policy(SHOWN["An."]))
    reloader.reload()
    revision = reloader.bundle.revision
    with capture_logs() as lines:
        ready = library.gateway.client.get("/readyz")
        refused = library("/books", "desk:read")
    assert ready.json() == {"status": "ok", "policy_revision": revision}
    assert refused.status_code == 403
    assert {one.headers["X-Policy-Revision"] for one in (ready, refused)} == {revision}
    assert {line["policy_revision"] for line in lines if line["event"] == "request"} == {revision}


@pytest.mark.parametrize("tier", WRONG.values(), ids=WRONG)
def test_a_wrong_policy_leaves_the_last_good_one_in_force(library, book, reloader, tier):
    before = reloader.bundle
    book.write_text(policy(tier))
    with capture_logs() as lines:
        assert reloader.reload() is Result.REFUSED
    assert reloader.bundle is before
    assert borrower_of(library) == "A***"
    assert lines
    for line in lines:
        assert line["log_level"] == "error"
        assert line["policy_revision"] == before.revision
        assert line["finding"].startswith(f"{book}:")


def test_each_finding_is_a_line_of_the_log(book, reloader):
    book.write_text(policy(SHOWN["An."]) + "  titel: always\n  isbn: always\n")
    with capture_logs() as lines:
        reloader.reload()
    assert [line["finding"].split(": ")[0] for line in lines] == [f"{book}:8", f"{book}:9"]


def test_what_nobody_thought_of_leaves_the_last_good_one_in_force(book, reloader, monkeypatch):
    def broken(*_):
        raise RecursionError

    monkeypatch.setattr("gateway.reload.of_document", broken)
    before = reloader.bundle
    with capture_logs() as lines:
        assert reloader.reload() is Result.REFUSED
    assert reloader.bundle is before
    assert [line["log_level"] for line in lines] == ["error"]


def test_each_reload_is_reported_with_what_is_in_force_then(book, reloader):
    reported = []
    reloader.report = lambda *given: reported.append(given)
    first = reloader.bundle
    for text in (policy(SHOWN["An."]), "wrong", policy(SHOWN["An."])):
        book.write_text(text)
        reloader.reload()
    second = reloader.bundle
    assert first is not second
    assert reported == [
        (Result.LOADED, second),
        (Result.REFUSED, second),
        (Result.UNCHANGED, second),
    ]


def test_files_that_are_still_being_written_are_left_alone(library, book, reloader):
    for tier in (SHOWN["An."], SHOWN["****"]):
        book.write_text(policy(tier))
        reloader.follow()
        assert borrower_of(library) == "A***"
    reloader.follow()
    assert borrower_of(library) == "****"


def test_what_is_wrong_is_said_once(book, reloader):
    book.write_text("wrong")
    with capture_logs() as lines:
        for _ in range(4):
            reloader.follow()
    assert len(lines) == 1


def test_taking_a_wrong_change_back_is_noticed(library, book, reloader):
    good = book.read_text()
    reported = []
    reloader.report = lambda result, _: reported.append(result)
    for text in ("wrong", good):
        book.write_text(text)
        reloader.follow()
        reloader.follow()
    assert reported == [Result.REFUSED, Result.UNCHANGED]
    assert borrower_of(library) == "A***"


def test_a_file_that_comes_or_goes_is_a_change(library, book, reloader):
    (library.policies / "more.yml").write_text("")
    with capture_logs() as lines:
        reloader.follow()
        reloader.follow()
    assert "rename it" in lines[0]["finding"]


def test_a_changed_document_waits_for_a_restart_and_says_so(tmp_path, library, book):
    document = tmp_path / "library.yaml"
    document.write_text((DOMAIN / "library.yaml").read_text())
    reloader = Reloader(bundle.load(document, library.policies, {}), environment={})
    revision = reloader.bundle.revision
    document.write_text(document.read_text().replace("borrower:", "reader:"))
    with capture_logs() as lines:
        reloader.follow()
        reloader.follow()
    [line] = lines
    assert line["log_level"] == "warning"
    assert "takes effect at the next start" in line["event"]
    book.write_text(book.read_text().replace("borrower", "reader"))
    with capture_logs() as lines:
        assert reloader.reload() is Result.REFUSED
    assert all("restart to load both" in line["event"] for line in lines)
    assert reloader.bundle.revision == revision


def test_a_request_keeps_the_policy_that_it_began_with(library, book, reloader, monkeypatch):
    run = Executor.run
    book.write_text(policy(SHOWN["An."]))
    revision = reloader.bundle.revision

    async def late(self, work, **options):
        reloader.reload()
        return await run(self, work, **options)

    monkeypatch.setattr(Executor, "run", late)
    answer = library("/books/book_1", "books:read")
    assert answer.headers["X-Policy-Revision"] == revision != reloader.bundle.revision
    assert answer.json()["borrower"] == "A***"
    assert borrower_of(library) == "An."


def test_what_was_compiled_goes_with_its_policy(library, book, reloader):
    book.write_text(policy(SHOWN["****"]))
    reloader.reload()  # the first bundle is shared by all tests
    assert borrower_of(library) == "****"
    kept = reloader.bundle
    old = [weakref.ref(one) for one in (kept, kept.plans, kept.guard, kept.policy)]
    del kept
    book.write_text(policy(SHOWN["An."]))
    reloader.reload()
    assert borrower_of(library) == "An."
    gc.collect()
    assert [one() for one in old] == [None] * len(old)


# --- under load -----------------------------------------------------------------------------------

RELOADS = 1_000


@dataclass
class Client:
    """Asks without a pause, and notes what each answer shows under which revision.

    Attributes:
        seen: how often a revision was named by an answer that showed this of the borrower.
    """

    url: str
    secret: str
    seen: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)

    def run(self, stopped: threading.Event) -> None:
        headers = {"Authorization": f"Bearer {self.secret}"}
        with httpx.Client(base_url=f"{self.url}/library", headers=headers) as client:
            while not stopped.is_set():
                self.note(client.get("/books/book_1"))
                self.note(client.get("/books?page=2"))

    def note(self, answer: httpx.Response) -> None:
        if answer.status_code != 200:
            self.failed.append(answer.text)
            return
        body = answer.json()
        book = body["data"][-1] if "data" in body else body
        self.seen[answer.headers["X-Policy-Revision"], book.get("borrower")] += 1


@pytest.fixture
def revisions(library, book) -> dict[str, str | None]:
    """What is shown of the borrower, by revision."""
    shown = {}
    for borrower, tier in SHOWN.items():
        book.write_text(policy(tier))
        loaded = bundle.load(DOMAIN / "library.yaml", library.policies, {})
        shown[loaded.revision] = borrower
    assert len(shown) == len(SHOWN)
    return shown


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_every_answer_is_of_the_one_revision_that_it_names(library, book, reloader, revisions):
    good = [policy(tier) for tier in SHOWN.values()]
    wrong = [policy(tier) for tier in WRONG.values()]
    book.write_text(good[0])
    reloader.reload()
    clients = [Client(library.gateway.url, library.token("books:read")) for _ in range(2)]
    stopped = threading.Event()
    threads = [threading.Thread(target=client.run, args=[stopped]) for client in clients]
    for thread in threads:
        thread.start()
    results: Counter[Result] = Counter()
    with capture_logs():
        for turn in range(RELOADS):
            texts = wrong if turn % 3 == 2 else good
            book.write_text(texts[turn % len(texts)])
            results[reloader.reload()] += 1
    stopped.set()
    for thread in threads:
        thread.join()
    assert results[Result.REFUSED] == RELOADS // 3
    assert results.total() == RELOADS
    assert [client.failed for client in clients] == [[], []]
    seen = clients[0].seen + clients[1].seen
    assert seen.total() > RELOADS
    assert dict(seen.keys()) == revisions
    assert len(seen) == len(revisions)
