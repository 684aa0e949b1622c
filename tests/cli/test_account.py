"""`gateway account`."""

import re

from gateway.tokens import digest


def test_create_prints_the_id_alone(gateway, stored):
    assert re.fullmatch(r"acct_[0-9A-Za-z]{16}", gateway.done("account", "create", "Acme"))


def test_create_as_json(gateway, stored):
    created = gateway.json("account", "create", "Acmé")
    assert list(created) == ["id", "name", "created_at"]
    assert created["name"] == "Acmé"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", created["created_at"])


def test_list_shows_what_was_created(gateway, stored):
    created = [gateway.json("account", "create", name) for name in ("Zed", "Acme")]
    assert gateway.json("account", "list") == created


def test_list_in_a_pipe_is_aligned_text(gateway, stored):
    ids = [gateway.done("account", "create", name) for name in ("Acme", "株式会社")]
    listed = gateway.done("account", "list")
    lines = listed.splitlines()
    assert lines[0].split() == ["ID", "NAME", "CREATED", "AT"]
    assert [line.split()[:2] for line in lines[1:]] == [[ids[0], "Acme"], [ids[1], "株式会社"]]
    assert re.search(r"Acme {6}\d{4}-", lines[1])
    assert re.search(r"株式会社 {2}\d{4}-", lines[2])
    assert "\x1b" not in listed
    assert "\t" not in listed


def test_list_of_nothing_has_only_headings(gateway, stored):
    assert gateway.done("account", "list") == "ID  NAME  CREATED AT"
    assert gateway.json("account", "list") == []


def test_a_wrong_name_is_refused(gateway, stored):
    assert gateway.refusal("account", "create", " ") == (
        "the account's name must have 1 to 255 characters"
    )


def test_delete_without_a_terminal_needs_yes(gateway, account):
    result = gateway("account", "delete", account)
    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert len(gateway.json("account", "list")) == 1


def test_delete_with_yes_deletes_the_account_and_its_tokens(gateway, account, member, stored):
    options = ["--account", account, "--user", member, "--name", "t"]
    token = gateway.json("token", "create", *options)
    assert gateway.done("account", "delete", account, "--yes") == f"deleted account `{account}`"
    assert gateway.json("account", "list") == []
    assert digest(token["token"]) not in stored()  # only the audit trail knows that it was there
    assert member in stored()


def test_delete_on_a_terminal_asks(gateway, account, monkeypatch):
    monkeypatch.setattr("gateway.cli.account.is_asked", lambda: True)
    assert "nothing was deleted" in gateway("account", "delete", account, stdin="n\n").stderr
    assert len(gateway.json("account", "list")) == 1
    result = gateway("account", "delete", account, stdin="y\n")
    assert result.exit_code == 0
    assert "Acme Inc." in result.stderr
    assert gateway.json("account", "list") == []


def test_an_unknown_account_is_refused(gateway, stored):
    assert gateway.refusal("account", "delete", "acct_x", "--yes") == (
        "no account `acct_x`; see `gateway account list`"
    )
