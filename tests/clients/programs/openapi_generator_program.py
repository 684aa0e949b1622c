"""Reads the API with a client made by openapi-generator. Arguments: base URL, token."""

import json
import sys
from collections.abc import Callable

from hiring_client import (
    ApiClient,
    ApiException,
    ApplicationCandidate,
    ApplicationsApi,
    CandidatesApi,
    Configuration,
    Problem,
)


def main(url: str, token: str) -> None:
    with ApiClient(Configuration(host=url, access_token=token)) as client:
        api, people = ApplicationsApi(client), CandidatesApi(client)
        seen = {
            "application": application(api),
            "pages": pages(api),
            "missing": problem(lambda: api.get_application("app_none")),
            "candidates": candidates(people),
            "wrong": problem(lambda: people.list_candidates(search="\0")),
        }
    json.dump(seen, sys.stdout)


def application(api: ApplicationsApi) -> dict[str, object]:
    read = api.get_application("app_jkl012")
    candidate = read.candidate.actual_instance
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


def pages(api: ApplicationsApi) -> list[dict[str, object]]:
    read = []
    number = total = 1
    while number <= total:
        page = api.list_applications(page=number)
        total = page.pagination.total_pages
        number += 1
        read.append(
            {
                "ids": [one.id for one in page.data],
                "candidates": sorted(
                    {type(one.candidate.actual_instance).__name__ for one in page.data}
                ),
                "total": page.pagination.total_count,
            }
        )
    return read


def candidates(api: CandidatesApi) -> dict[str, object]:
    try:
        return {"emails": [one.email for one in api.list_candidates(search="doe").data]}
    except ApiException as error:
        return as_document(error)


def problem(call: Callable[[], object]) -> dict[str, object]:
    try:
        call()
    except ApiException as error:
        return as_document(error)
    raise AssertionError("no error was raised")


def as_document(error: ApiException) -> dict[str, object]:
    data = error.data
    assert isinstance(data, Problem)
    return {
        "status": data.status,
        "parameters": [one.parameter for one in data.errors or []],
        "required_scopes": data.required_scopes,
    }


main(*sys.argv[1:])
