"""`gateway migrate`, and what commands say when the database is not as they need it."""

import pytest


@pytest.fixture
def empty(empty_database_url: str, monkeypatch) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_database_url)


@pytest.mark.usefixtures("empty")
def test_migrate_may_be_repeated(gateway):
    first = gateway.done("migrate").splitlines()
    assert first[0] == "applied 0001_initial"
    assert gateway.done("migrate") == first[-1] == "the schema is up to date"
    assert gateway.json("account", "list") == []


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize("words", [("account", "list"), ("serve",)], ids=" ".join)
def test_an_out_of_date_schema_is_refused_with_the_remedy(gateway, words):
    refusal = gateway.refusal(*words)
    assert "schema is out of date" in refusal
    assert refusal.endswith("run `gateway migrate`")


@pytest.mark.parametrize("words", [("account", "list"), ("migrate",), ("serve",)], ids=" ".join)
def test_a_database_that_is_away_is_one_line_without_its_password(gateway, monkeypatch, words):
    monkeypatch.setenv("DATABASE_URL", "postgresql://app:hunter2@127.0.0.1:1/hiring")
    refusal = gateway.refusal(*words)
    assert refusal.startswith("the database cannot be opened: ")
    assert "hunter2" not in refusal
    assert len(refusal.splitlines()) == 1


@pytest.mark.parametrize("words", [("account", "list"), ("migrate",), ("serve",)], ids=" ".join)
def test_a_file_that_is_no_database_is_one_line(gateway, tmp_path, monkeypatch, words):
    (tmp_path / "notes.db").write_text("not a database, but long enough to look like a page")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/notes.db")
    assert gateway.refusal(*words).startswith("the database cannot be opened: ")


@pytest.mark.parametrize("url", ["mysql://app:hunter2@db/hiring", "sqlite:///", "hiring.db"])
def test_a_wrong_address_is_refused_without_its_password(gateway, monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    refusal = gateway.refusal("account", "list")
    assert refusal.startswith("DATABASE_URL: ")
    assert "hunter2" not in refusal


def test_all_wrong_settings_are_reported(gateway, monkeypatch):
    monkeypatch.setenv("GATEWAY_LOG_LEVLE", "info")
    monkeypatch.setenv("GATEWAY_LOG_FORMAT", "xml")
    assert len(gateway.refusal("account", "list").splitlines()) == 2
