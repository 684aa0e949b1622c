"""`gateway serve`: what it hands to the server. The server itself is tested in tests/http."""

import pytest

import gateway.server
from gateway.settings import Settings


@pytest.fixture
def served(monkeypatch) -> list[tuple[Settings, dict]]:
    """Return what would have been served, instead of serving it."""
    calls: list[tuple[Settings, dict]] = []
    monkeypatch.setattr(
        gateway.server, "serve", lambda settings, **given: calls.append((settings, given))
    )
    return calls


def test_it_listens_on_the_loopback_unless_told_otherwise(gateway, stored, served, database_url):
    gateway.done("serve")
    settings = Settings(database_url=database_url)
    assert served == [(settings, {"host": "127.0.0.1", "port": 8000, "workers": 1})]


def test_it_listens_where_it_is_told(gateway, stored, served):
    gateway.done("serve", "--host", "::1", "--port", "0", "--workers", "3")
    assert served[0][1] == {"host": "::1", "port": 0, "workers": 3}


@pytest.mark.parametrize("words", [("--port", "65536"), ("--port", "-1"), ("--workers", "0")])
def test_what_cannot_be_listened_at_is_wrong_usage(gateway, served, words):
    assert gateway("serve", *words).exit_code == 2
    assert served == []
