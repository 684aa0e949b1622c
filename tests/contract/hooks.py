"""Checks of our own, which Schemathesis runs on each of its answers beside its own checks.

What no schema can say, or one token cannot see: a request that was answered is sent once more as
somebody else, and the two answers are compared. Loaded by schemathesis.toml; the environment says
who the others are (see there).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import requests
import schemathesis
from schemathesis import Case, CheckContext, Response

TOKEN = os.environ["CONTRACT_TOKEN"]
FOLLOWER = os.environ["CONTRACT_FOLLOWER_TOKEN"]
PEER = os.environ["CONTRACT_PEER_TOKEN"]
PEER_MARK = os.environ["CONTRACT_PEER_MARK"]

PROBLEM = "application/problem+json"
ALWAYS = ["type", "title", "status", "detail", "request_id"]
SOMETIMES = {"errors", "required_scopes"}
MAX_DETAIL = 300  # a sentence of ours, with at most 100 characters of what was sent
OF_ONE_ANSWER = {"x-request-id", "date", "content-length"}
OF_NOBODY = "none_0"
TIMEOUT_S = 30

session = requests.Session()


@schemathesis.check
def answers_name_their_request(_ctx: CheckContext, response: Response, _case: Case) -> None:
    assert len(response.headers.get("x-request-id", [])) == 1, "no X-Request-Id, or several"


@schemathesis.check
def errors_have_one_shape(_ctx: CheckContext, response: Response, _case: Case) -> None:
    """Those too that belong to no operation, which no declared schema covers."""
    if response.status_code < 400:
        return
    assert response.headers["content-type"] == [PROBLEM], "an error of another type"
    problem = response.json()
    assert list(problem)[: len(ALWAYS)] == ALWAYS, "a member is missing, or out of order"
    assert set(problem) <= {*ALWAYS, *SOMETIMES}, "a member too many"
    assert problem["status"] == response.status_code, "the body tells another status"
    assert [problem["request_id"]] == response.headers["x-request-id"], "two ids of one request"
    assert len(problem["detail"]) <= MAX_DETAIL, "a detail too long"
    assert TOKEN not in response.text, "the token is echoed"


class AskedAgain:
    """Base of the checks that send requests once more; a run without any is a failure."""

    must_see: frozenset[int]  # statuses of second answers, without which a run proves nothing

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def again(self, response: Response, token: str, url: str | None = None) -> requests.Response:
        """Send the very request of *response* with another token, and at another *url* if given."""
        request = response.request.copy()
        request.headers["Authorization"] = f"Bearer {token}"
        request.url = url or request.url
        second = session.send(request, timeout=TIMEOUT_S, allow_redirects=False)
        self._seen.add(second.status_code)
        return second

    def after_run(self, _ctx: CheckContext) -> None:
        assert self.must_see <= self._seen, f"second answers were only {sorted(self._seen)}"


@schemathesis.check
class FollowersSeeNoCandidate(AskedAgain):
    """A token with applications:read alone gets the full answer, candidates as their ids alone.

    Nothing else in the body differs, nor do the headers.
    """

    must_see = frozenset({200, 403})

    def after_response(self, _ctx: CheckContext, response: Response, case: Case) -> None:
        if not was_read(response) or case.operation.path == "/token":
            return
        second = self.again(response, FOLLOWER)
        if not case.operation.path.startswith("/applications"):
            assert second.status_code == 403, f"a follower gets {second.status_code}"
            return
        assert second.status_code == 200, f"a follower gets {second.status_code}"
        expected = json.dumps(without_candidates(response.json()))
        assert json.dumps(second.json()) == expected, "a follower sees more or less"
        full = {name: values[0] for name, values in response.headers.items()}
        assert common(second.headers) == common(full), "a follower gets other headers"


@schemathesis.check
class TenantsAreApart(AskedAgain):
    """Each token reads rows of its own account, told by PEER_MARK; an id leads nowhere else.

    Of an id that only we have, the peer learns what it learns of one that nobody has.
    """

    must_see = frozenset({200, 404})

    def after_response(self, _ctx: CheckContext, response: Response, case: Case) -> None:
        seen = f"{response.text}{response.headers}".lower()
        assert PEER_MARK.lower() not in seen, "a row of the peer"
        if not was_read(response):
            return
        second = self.again(response, PEER)
        if second.status_code == 200:
            rows = second.json().get("data", [second.json()])
            assert all(PEER_MARK in str(row) for row in rows), "the peer gets a row of ours"
            return
        assert second.status_code == 404, f"the peer gets {second.status_code}"
        template = case.operation.path
        missing = self.again(response, PEER, with_id(response.request.url, template, OF_NOBODY))
        assert missing.status_code == 404, f"a missing id is {missing.status_code}"
        told, untold = anonymous(second, template), anonymous(missing, template)
        assert told == untold, "the peer can tell our id from a missing one"


def was_read(response: Response) -> bool:
    """Tell whether this is an answer with data to the full token."""
    sent = response.request.headers.get("Authorization")
    return response.status_code == 200 and sent == f"Bearer {TOKEN}"


def without_candidates(body: Any) -> Any:
    """Return *body* with each embedded candidate as its id alone."""
    if isinstance(body, list):
        return [without_candidates(item) for item in body]
    if not isinstance(body, dict):
        return body
    return {
        key: {"id": value["id"]} if key == "candidate" else without_candidates(value)
        for key, value in body.items()
    }


def common(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that all answers to one request have in common."""
    lowered = {name.lower(): value for name, value in headers.items()}
    return {name: value for name, value in lowered.items() if name not in OF_ONE_ANSWER}


def anonymous(answer: requests.Response, template: str) -> dict[str, Any]:
    """Return an error's body without what names the request and the id that was asked for."""
    [asked] = (unquote(ids) for _, ids in ids_in(answer.request.url, template))
    body = answer.json()
    del body["request_id"]
    return {**body, "detail": body["detail"].replace(asked, "ID")}


def with_id(url: str, template: str, other: str) -> str:
    """Return *url*, which is one of *template*, with the id *other* in the place of its id."""
    parts = urlsplit(url)
    segments = parts.path.split("/")
    for place, _ in ids_in(url, template):
        segments[place] = other
    return urlunsplit(parts._replace(path="/".join(segments)))


def ids_in(url: str, template: str) -> Iterator[tuple[int, str]]:
    """Yield the place among the segments of *url* of each path parameter, and its value."""
    segments = urlsplit(url).path.split("/")
    names = template.split("/")[1:]
    for place, name in enumerate(names, start=len(segments) - len(names)):
        if name.startswith("{"):
            yield place, segments[place]
