"""Reads the API with a client made by openapi-python-client. Arguments: base URL, token."""

import json
import sys

from hiring_client import AuthenticatedClient
from hiring_client.api.applications import get_application, list_applications
from hiring_client.api.candidates import list_candidates
from hiring_client.models import Application, ApplicationCandidate, ApplicationPage, Problem


def main(url: str, token: str) -> None:
    with AuthenticatedClient(base_url=url, token=token, raise_on_unexpected_status=True) as client:
        seen = {
            "application": application(client),
            "pages": pages(client),
            "missing": problem(get_application.sync(client=client, id="app_none")),
            "candidates": candidates(client),
            "wrong": problem(list_candidates.sync(client=client, search="\0")),
        }
    json.dump(seen, sys.stdout)


def application(client: AuthenticatedClient) -> dict[str, object]:
    read = get_application.sync(client=client, id="app_jkl012")
    assert isinstance(read, Application)
    candidate = read.candidate
    return {
        "id": read.id,
        "status": read.status.value,
        "submitted_at": read.submitted_at.isoformat(),
        "stages": [entry.stage_name for entry in read.stage_history],
        "completed": [entry.completed_at is not None for entry in read.stage_history],
        "type": type(candidate).__name__,
        "candidate": candidate.to_dict(),
        "first_name": (
            candidate.first_name if isinstance(candidate, ApplicationCandidate) else None
        ),
    }


def pages(client: AuthenticatedClient) -> list[dict[str, object]]:
    read = []
    number = total = 1
    while number <= total:
        page = list_applications.sync(client=client, page=number)
        assert isinstance(page, ApplicationPage)
        total = page.pagination.total_pages
        number += 1
        read.append(
            {
                "ids": [one.id for one in page.data],
                "candidates": sorted({type(one.candidate).__name__ for one in page.data}),
                "total": page.pagination.total_count,
            }
        )
    return read


def candidates(client: AuthenticatedClient) -> dict[str, object]:
    answer = list_candidates.sync(client=client, search="doe")
    if isinstance(answer, Problem):
        return problem(answer)
    assert answer is not None
    return {"emails": [one.email for one in answer.data]}


def problem(answer: object) -> dict[str, object]:
    assert isinstance(answer, Problem)
    document = answer.to_dict()
    return {
        "status": answer.status,
        "parameters": [error["parameter"] for error in document.get("errors", [])],
        "required_scopes": document.get("required_scopes"),
    }


main(*sys.argv[1:])
