"""A token reads the account that it is bound to, and cannot tell what else there is.

Fuzzing with one token cannot see this. Both tenants have rows under the document's example ids, so
an account limit that is missing shows the wrong one, or both; and each has ids of its own.
"""

from __future__ import annotations

from typing import Any

PAGES = 50


def other_id(tenant: Any, than: Any, like: str) -> str:
    """Return an id that *tenant* has and the tenant *than* has not."""
    return min(tenant.ids(like) - than.ids(like))


def rows_of(api: Any, operation: Any, secret: str, query: str, body_of: Any) -> list[Any]:
    """Return the rows of all pages of a list, once the pages agree."""
    rows: list[Any] = []
    for page in range(1, PAGES):
        answer = api.ask(operation, secret, f"{query}&page={page}".lstrip("&"))
        body = body_of(operation, answer, 200)
        pagination = body["pagination"]
        assert pagination["current_page"] == page
        rows += body["data"]
        if page >= pagination["total_pages"]:
            assert pagination["total_count"] == len(rows)
            return rows
        assert len(body["data"]) == pagination["per_page"]
    raise AssertionError("the list does not end")


def test_an_id_of_another_account_is_answered_as_one_that_does_not_exist(
    api, operation, path_parameter, example, body_of
):
    foreign = other_id(api.peer, api.own, example)
    missing = example.partition("_")[0] + "_0000000000000000"
    bodies = []
    for one in (missing, foreign, "42", example.upper()):
        answer = api.ask(operation, api.own.full, **{path_parameter.name: one})
        body = body_of(operation, answer, 404)
        del body["request_id"]
        bodies.append({key: str(value).replace(one, "ID") for key, value in body.items()})
    assert bodies == [bodies[0]] * len(bodies)


def test_an_id_leads_each_tenant_to_its_own_row(api, operation, path_parameter, example, body_of):
    assert api.mark not in api.ask(operation, api.own.full).text
    assert api.mark in api.ask(operation, api.peer.full).text
    foreign = other_id(api.peer, api.own, example)
    assert api.mark in api.ask(operation, api.peer.full, **{path_parameter.name: foreign}).text


def test_a_list_has_each_row_of_the_account_once_newest_first(api, paged, body_of):
    for tenant in (api.own, api.peer):
        rows = rows_of(api, paged, tenant.full, "", body_of)
        ids = [row["id"] for row in rows]
        assert sorted(ids) == sorted(tenant.ids(ids[0]))
        created = [row["created_at"] for row in rows]
        assert created == sorted(created, reverse=True)


def test_a_filtered_list_has_rows_of_the_account_alone(api, paged, query, body_of):
    own = rows_of(api, paged, api.own.full, query, body_of)
    theirs = rows_of(api, paged, api.peer.full, query, body_of)
    assert own
    assert theirs
    assert api.mark not in str(own)
    assert [row for row in theirs if api.mark not in str(row)] == []


def test_a_filter_by_a_foreign_id_finds_nothing(api, operation, selector, example, body_of):
    foreign = other_id(api.peer, api.own, example)
    answer = api.ask(operation, api.own.full, f"{selector.name}={foreign}")
    body = body_of(operation, answer, 200)
    assert (body["data"], body["pagination"]["total_count"]) == ([], 0)
