"""A database that goes away is a 503 with `Retry-After`, and its return needs no restart."""

from __future__ import annotations

from pathlib import Path

import pytest

PATHS = ["/applications", "/applications/app_jkl012", "/token", "/candidates?search=jo"]


@pytest.fixture
def away(gateway, dialect, database_url, request):
    """Return two functions: take the database away, and bring it back."""
    if dialect == "postgres":
        server = request.getfixturevalue("postgres")
        name = gateway.database.database

        def shut() -> None:
            server.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
            server.execute(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            )

        def open_again() -> None:
            server.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")

        yield shut, open_again
        return
    path = Path(database_url.removeprefix("sqlite:///"))
    hidden = path.with_suffix(".hidden")

    def take() -> None:
        path.rename(hidden)
        path.mkdir()  # cannot be opened, nor made anew

    def bring() -> None:
        path.rmdir()
        hidden.rename(path)

    yield take, bring


def test_while_the_database_is_away_every_answer_is_503_and_it_recovers_by_itself(
    gateway, full, away
):
    take, bring = away
    assert gateway.get("/token", full).status_code == 200
    take()
    try:
        for path in PATHS:
            answer = gateway.get(path, full)
            assert answer.status_code == 503
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert int(answer.headers["Retry-After"]) >= 1
        assert gateway.client.get("/readyz").status_code == 503
        assert gateway.client.get("/livez").status_code == 200
        assert gateway.client.get("/docs").status_code == 200
        assert gateway.client.get("/api/v1/openapi.json").status_code == 200
    finally:
        bring()
    for path in PATHS:
        assert gateway.get(path, full).status_code == 200
    assert gateway.client.get("/readyz").status_code == 200
