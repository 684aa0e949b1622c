"""`gateway audit`: the trail as a table and as JSON Lines."""

from __future__ import annotations

import json
import os
import pwd

import pytest

from gateway.audit import trail


@pytest.fixture
def token(gateway, account, member) -> str:
    """Return the id of a token of `member`."""
    words = ("--account", account, "--user", member, "--name", "Jöb board")
    return gateway.json("token", "create", *words)["id"]


def lines(gateway, *words: str) -> list[dict]:
    return [json.loads(line) for line in gateway.done("audit", *words, "--json").splitlines()]


def actions(gateway, *words: str) -> list[str]:
    return [entry["action"] for entry in lines(gateway, *words)]


def test_the_trail_of_the_command_line_names_who_has_the_shell(gateway, token):
    entries = lines(gateway)
    assert [entry["action"] for entry in entries] == [
        "account.created",
        "user.created",
        "member.added",
        "token.created",
    ]
    name = pwd.getpwuid(os.getuid()).pw_name
    shell = {"kind": "command line", "id": None, "name": name, "via": "shell", "address": None}
    assert all(entry["actor"] == shell for entry in entries)


def test_who_acts_is_not_taken_from_the_environment(gateway, account, monkeypatch):
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(variable, "mallory")
    gateway.done("account", "create", "Other")
    assert lines(gateway)[-1]["actor"]["name"] == pwd.getpwuid(os.getuid()).pw_name


def test_every_change_by_command_is_in_the_trail(gateway, account, member, token):
    gateway.done("token", "update", token, "--name", "New")
    gateway.done("token", "rotate", token, "--keep-old", "1")
    gateway.done("token", "revoke", token)
    gateway.done("member", "remove", "--account", account, "--user", member)
    gateway.done("account", "delete", account, "--yes")
    assert actions(gateway)[4:] == [
        "token.updated",
        "token.rotated",
        "token.revoked",
        "member.removed",
        "account.deleted",
    ]
    # An account that is gone can still be asked for.
    assert len(actions(gateway, "--account", account)) == len(actions(gateway)) - 1


def test_filters_narrow_the_trail(gateway, account, token):
    gateway.done("account", "create", "Other")
    assert actions(gateway, "--action", "token.created") == ["token.created"]
    assert actions(gateway, "--action", "account") == ["account.created"] * 2
    assert actions(gateway, "--account", account, "--action", "account") == ["account.created"]
    assert actions(gateway, "--user", "nobody@example.com") == []
    assert len(actions(gateway, "--user", pwd.getpwuid(os.getuid()).pw_name)) == 5
    assert actions(gateway, "--since", "2100-01-01T00:00:00Z") == []
    assert len(actions(gateway, "--until", "2100-01-01T00:00:00Z")) == 5


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--since", "yesterday"), "`yesterday` must be a time with an offset"),
        (("--action", "token.create"), "did you mean `token.created`?"),
    ],
)
def test_a_wrong_filter_is_wrong_usage(gateway, stored, words, says):
    result = gateway("audit", *words)
    assert result.exit_code == 2
    assert says in " ".join(result.stderr.replace("│", " ").split())


def test_the_table_tells_what_changed(gateway, token):
    gateway.done("token", "update", token, "--name", "New")
    heading, *rows = gateway.done("audit", "--action", "token").splitlines()
    assert heading.split() == ["TIME", "WHO", "FROM", "ACTION", "WHAT", "ACCOUNT", "CHANGES"]
    assert 'name: "Jöb board" -> "New"' in rows[1]
    assert f"New ({token})" in rows[1]


def test_where_nothing_fits_the_table_says_so(gateway, stored):
    result = gateway("audit")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "nothing was done that fits\n"


def test_a_long_trail_is_read_in_chunks_without_a_gap(gateway, stored, monkeypatch):
    monkeypatch.setattr(trail, "CHUNK", 3)
    for number in range(8):
        gateway.done("account", "create", f"A{number}")
    assert [entry["subject"]["name"] for entry in lines(gateway)] == [f"A{n}" for n in range(8)]
