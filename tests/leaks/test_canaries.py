"""Canaries: every value of every column occurs nowhere else, so that one that gets out is known.

`gateway serve`, as its users run it, is asked for everything and then fuzzed: right and wrong
paths, parameters, methods, headers and bodies, each with the token of every set of scopes. No value
that a set may not see is in any answer to it, headers and errors included; none at all is in the
log, at its most talkative, or in the metrics.

Words of closed sets and counts cannot be told from others: they are for test_noninterference.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import quote

import httpx
from asking import METHODS, documents, mistakes, path_of, questions, rows_by_id
from columns import DOCUMENT, Column, Scopes, classified_columns, label, scope_sets, visible
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import FIRST, canaries, public_id, records, secret_of

from gateway.spec import Operation
from models import Application, JobPosting

EVERYTHING = frozenset(DOCUMENT.scopes)
CANARIES = canaries(records())
SEEN_BY = {scopes: visible(scopes) for scopes in scope_sets()}
FORBIDDEN = {
    scopes: [value for value, of in CANARIES.items() if not of & seen]
    for scopes, seen in SEEN_BY.items()
}
# Of which a value is one of many.
NO_CANARY = {
    Application.status,
    JobPosting.active_applications,
    JobPosting.rejected_applications,
}
EXAMPLES = 300


def text_of(answer: httpx.Response) -> str:
    """Return all of an answer that a client sees, in one case."""
    return f"{answer.reason_phrase} {answer.headers.multi_items()} {answer.text}".lower()


def in_text(text: str) -> set[Column]:
    """Return the columns of which a value is in *text*, which is in lower case."""
    return set().union(*(of for value, of in CANARIES.items() if value in text))


@dataclass
class Fuzzed:
    """A request that may be right or wrong, but for its token."""

    method: str
    target: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | None = None
    scheme: str = "Bearer"


# --- strategies -----------------------------------------------------------------------------------

junk = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
identifiers = st.one_of(
    st.sampled_from([public_id(table, number) for table in FIRST for number in (0, 1, 20)]), junk
)
names = st.one_of(
    st.sampled_from(
        sorted({one.name for o in DOCUMENT.operations.values() for one in o.parameters})
    ),
    st.sampled_from(["sort", "fields", "include", "filter[status]", "per_page", "account_id"]),
    junk,
)
values = st.one_of(
    st.sampled_from(["active", "rejected", "published", "draft", "1", "2", "3", "0", "-1"]),
    st.sampled_from(["first_name", "candidate", "*", "%", "_", "'", '"', "\\", "%00", "\ud7ff"]),
    identifiers,
    junk,
)
headers = st.lists(
    st.sampled_from(
        [
            ("Accept", "text/html"),
            ("Accept-Language", "de"),
            ("Accept", "application/yaml"),
            ("Range", "bytes=0-10"),
            ("If-None-Match", "*"),
            ("If-Modified-Since", "Mon, 01 Jan 2001 00:00:00 GMT"),
            ("X-HTTP-Method-Override", "DELETE"),
            ("X-Forwarded-Host", "elsewhere.example"),
            ("X-Request-Id", "a b"),
            ("Cookie", "session=1"),
            ("Content-Type", "application/json"),
            ("Origin", "https://elsewhere.example"),
        ]
    ),
    max_size=3,
)


@st.composite
def wrong_targets(draw: st.DrawFn, operation: Operation) -> str:
    """Draw a path and a query, wrong ones for the most part."""
    path = path_of(operation, draw(st.one_of(st.none(), identifiers)))
    path += draw(st.sampled_from([*[""] * 12, "/", "/applications", "/../candidates", ".json"]))
    pairs = draw(st.lists(st.tuples(names, values), max_size=3))
    query = "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs)
    return f"{path}?{query}" if query else path


@st.composite
def requests(draw: st.DrawFn) -> Fuzzed:
    """Draw a request: a right one every other time, and then with some oddity beside it."""
    operation = draw(st.sampled_from(list(DOCUMENT.operations.values())))
    right = st.sampled_from([one.target for one in questions(operation)])
    return Fuzzed(
        draw(st.sampled_from([*["GET"] * 12, *METHODS, "PUT", "PATCH", "TRACE"])),
        draw(st.one_of(right, wrong_targets(operation))),
        draw(headers),
        draw(st.one_of(st.none(), st.none(), st.binary(max_size=20))),
        draw(st.sampled_from([*["Bearer"] * 8, "token", "bearer ", "Basic", "Bearer Bearer"])),
    )


def send(client: httpx.Client, request: Fuzzed, scopes: Scopes) -> httpx.Response:
    given_headers = [*request.headers, ("Authorization", f"{request.scheme} {secret_of(scopes)}")]
    return client.request(
        request.method, request.target, headers=given_headers, content=request.body
    )


# --- tests ----------------------------------------------------------------------------------------


def test_every_classified_column_has_canaries():
    """The control of the canaries: what has none is named here, and tested elsewhere."""
    assert classified_columns() - set().union(*CANARIES.values()) == NO_CANARY


def test_each_set_of_scopes_is_shown_what_it_may_see_and_nothing_else(process, scopes):
    """Every page, row, filter and mistake: what is met is what may be; with all scopes, all."""
    met: set[Column] = set()
    by_id = [public_id(table, number) for table in FIRST for number in range(3)]
    for operation in DOCUMENT.operations.values():
        asked = [*questions(operation), *mistakes(operation), *rows_by_id(operation, by_id)]
        for question in [*asked, *documents()]:
            here = in_text(text_of(question.ask(process.client, scopes)))
            assert here <= SEEN_BY[scopes], str(question)
            met |= here
    with_canaries = set().union(*CANARIES.values())
    assert met == SEEN_BY[scopes] & with_canaries


def test_no_request_gets_what_its_token_may_not_see(process):
    statuses: Counter[int] = Counter()
    reached: set[Scopes] = set()

    @settings(max_examples=EXAMPLES, database=None, derandomize=True)
    @given(requests())
    def fuzz(request: Fuzzed) -> None:
        for scopes in scope_sets():
            answer = send(process.client, request, scopes)
            text = text_of(answer)
            leaked = [value for value in FORBIDDEN[scopes] if value in text]
            assert leaked == [], label(scopes)
            statuses[answer.status_code] += 1
            if answer.status_code == 200 and in_text(text):
                reached.add(scopes)

    fuzz()
    assert set(statuses) >= {200, 400, 401, 403, 404, 405}, statuses
    assert 500 not in statuses, statuses
    assert statuses[200] >= EXAMPLES, statuses
    assert reached == {scopes for scopes in scope_sets() if scopes}, "no data to be leaked"


def test_no_value_is_logged_or_counted(process):
    """Of a run of this test alone, and of all that were before it on this server."""
    before = process.log.read_text(encoding="utf-8").count('"request"')
    for operation in DOCUMENT.operations.values():
        for question in [*questions(operation), *mistakes(operation)]:
            for scopes in (frozenset(), EVERYTHING):
                question.ask(process.client, scopes)
    metrics = process.client.get("/metrics")
    assert metrics.status_code == 200
    assert 'operation="get_candidate"' in metrics.text
    log = process.log.read_text(encoding="utf-8")
    assert log.count('"request"') >= before + 100
    assert "get_candidate" in log
    for text in (log.lower(), metrics.text.lower()):
        assert in_text(text) == set()
        assert all(secret_of(scopes) not in text for scopes in scope_sets())


def test_no_value_is_in_the_disclosure_log(process):
    """It holds ids and names of fields."""
    for operation in DOCUMENT.operations.values():
        for question in questions(operation):
            question.ask(process.client, EVERYTHING)
    text = process.disclosures.read_text(encoding="utf-8").lower()
    assert all(f'"{operation}"' in text for operation in DOCUMENT.operations)
    assert all(public_id(table, 0).lower() in text for table in FIRST), "the records are in it"
    assert '"candidate.first_name"' in text
    assert in_text(text) == set()


def test_an_answer_that_the_guard_withholds_is_told_nowhere(poisoned_process):
    """A stored value that breaks the document's own schema: 500, and not a word of it."""
    for scopes in scope_sets():
        for operation in DOCUMENT.operations.values():
            for question in questions(operation):
                answer = question.ask(poisoned_process.client, scopes)
                leaked = [value for value in FORBIDDEN[scopes] if value in text_of(answer)]
                assert leaked == [], (label(scopes), str(question))
                if answer.status_code == 500:
                    assert in_text(text_of(answer)) == set()
    log = poisoned_process.log.read_text(encoding="utf-8")
    disclosed = poisoned_process.disclosures.read_text(encoding="utf-8")
    assert in_text(disclosed.lower()) == set()
    metrics = poisoned_process.client.get("/metrics").text
    assert "egress guard" in log
    assert in_text(log.lower()) | in_text(metrics.lower()) == set()
