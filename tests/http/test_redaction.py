"""Guards "redaction by construction" and the egress guard: either one alone leaks nothing."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from structlog.testing import capture_logs

from gateway.guard import Guard
from gateway.policy import View
from gateway.policy.ways import Value
from gateway.reading.plan import Statement

PERSONAL = ("John", "Doe", "john@example.com")
PATHS = ["/applications", "/applications/app_jkl012", "/applications?page=2"]


def statements(monkeypatch) -> list[str]:
    """Collect the SQL texts of all statements that are run from now on."""
    seen: list[str] = []
    bound = Statement.bound

    def collecting(self, values):
        seen.append(self.sql)
        return bound(self, values)

    monkeypatch.setattr(Statement, "bound", collecting)
    return seen


def reveal_everything(monkeypatch) -> None:
    """Switch the redaction off: every field of every component is shown, and read."""

    def fields(self, component):
        properties = self._shown.model.document.schemas[component]["properties"]
        return MappingProxyType(dict.fromkeys(properties, Value()))

    monkeypatch.setattr(View, "fields", fields)


@pytest.mark.parametrize("path", PATHS)
def test_without_the_scope_no_personal_data_leaves(gateway, followers, path):
    answer = gateway.get(path, followers)
    assert answer.status_code == 200
    assert not any(word in answer.text for word in PERSONAL)


def test_with_the_scope_it_does(gateway, full):
    """The control: the words that the other tests miss are there to be leaked."""
    answer = gateway.get("/applications/app_jkl012", full)
    assert all(word in answer.text for word in PERSONAL)


@pytest.mark.parametrize("path", PATHS)
def test_without_the_scope_no_candidate_is_read(gateway, followers, path, monkeypatch):
    seen = statements(monkeypatch)
    assert gateway.get(path, followers).status_code == 200
    assert seen
    for sql in seen:
        assert '"candidate"' not in sql
        assert not any(column in sql for column in ("first_name", "last_name", "email"))


def test_with_the_scope_the_candidate_is_read(gateway, full, monkeypatch):
    seen = statements(monkeypatch)
    gateway.get("/applications/app_jkl012", full)
    assert any('"candidate"' in sql and "first_name" in sql for sql in seen)


@pytest.mark.parametrize("path", PATHS)
def test_with_redaction_off_the_guard_withholds_the_answer(gateway, followers, path, monkeypatch):
    reveal_everything(monkeypatch)
    with capture_logs() as lines:
        answer = gateway.get(path, followers)
    assert answer.status_code == 500
    assert not any(word in answer.text for word in PERSONAL)
    (line,) = [one for one in lines if "egress guard" in one["event"]]
    assert line["pointer"].endswith("/candidate")
    assert not any(word in str(lines) for word in PERSONAL)


@pytest.mark.parametrize("path", PATHS)
def test_with_the_guard_off_the_redaction_still_holds(gateway, followers, path, monkeypatch):
    monkeypatch.setattr(Guard, "breach", lambda *_: None)
    answer = gateway.get(path, followers)
    assert answer.status_code == 200
    assert not any(word in answer.text for word in PERSONAL)


def test_with_both_off_it_leaks(gateway, followers, monkeypatch):
    """The control: the two tests above switch off what matters."""
    reveal_everything(monkeypatch)
    monkeypatch.setattr(Guard, "breach", lambda *_: None)
    assert "John" in gateway.get("/applications/app_jkl012", followers).text
