"""Settings > Audit log over HTTP: what it tells, to whom, and how it is looked through."""

from __future__ import annotations

import re
import shlex
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway import accounts, audit, tokens
from gateway.audit import SYSTEM, Action, Actor, Subject
from gateway.web.pages.audit import PER_PAGE
from models import Account, AuditEntry, Token, User, database

NOW = 1_780_000_000  # 2026-05-28T20:26:40Z
DAY_S = 86_400
ADMIN, MEMBER, STRANGER = (f"{name}@example.com" for name in ("ann", "bo", "eve"))
PAGE = "/settings/audit"
HOSTILE = "\"'><script>alert(1)</script>{{ 7 * 7 }}"


def user(email: str) -> User:
    return User.get(User.email == email)


def made(account: Account, email: str = ADMIN, name: str = "Job board", at: int = NOW) -> Token:
    by = Actor.of(user(email), "192.0.2.7")
    return tokens.create(
        account=account,
        user=user(email),
        name=name,
        scopes=["candidates:read"],
        expires_at="2026-12-31T00:00:00Z",
        by=by,
        now=at,
        known_scopes=["candidates:read"],
    )[0]


def many(account: Account, number: int, at: int = NOW + 60) -> None:
    """Write *number* entries, two to a second."""
    subject = Subject.of(account)
    with database.atomic():
        for n in range(number):
            after = {"number": n}
            audit.record(
                Action.ACCOUNT_UPDATED,
                subject,
                account=account,
                by=SYSTEM,
                now=at + n // 2,
                after=after,
            )


def rows(page) -> list[str]:
    """Return the text of each entry that is shown."""
    body = page.response.text.partition("<tbody>")[2].partition("</tbody>")[0]
    named = re.sub(r'title="([a-z_.]+)">', r"> \1 ", body)  # actions, as the command knows them
    plain = (re.sub(r"<[^>]+>", " ", row) for row in named.split("</tr>")[:-1])
    return [" ".join(unescape(row).split()) for row in plain]


def link(page, label: str) -> str | None:
    found = re.search(rf'href="(\?[^"]*)">{label}<', page.response.text)
    return None if found is None else PAGE + unescape(found[1])


def test_an_administrator_reads_who_did_what_when_from_where_and_what_it_was(company, signed_in):
    token = made(company.acme)
    tokens.update(
        token, name="New name", expires_at="never", by=SYSTEM, now=NOW + 1, known_scopes=()
    )
    page = signed_in(ADMIN, PAGE).page
    assert all(row.startswith("2026-05-28 20:26 UTC") for row in rows(page))
    told = next(row for row in rows(page) if "token.created" in row)
    assert f"{ADMIN} from 192.0.2.7 token.created Token created Job board {token.public_id}" in told
    assert f"owner is {ADMIN}" in told
    assert "scopes is candidates:read" in told
    assert "expires at is 2026-12-31 00:00 UTC" in told
    told = next(row for row in rows(page) if "token.updated" in row)
    assert "The gateway itself" in told
    assert "name was Job board → is New name" in told
    assert "expires at was 2026-12-31 00:00 UTC → is none" in told


def test_a_sign_in_tells_who_and_from_where(company, signed_in, visitor):
    visitor().sign_in(MEMBER, "wrong wrong wrong", path="/settings/sign-in")
    page = signed_in(ADMIN, PAGE).page
    assert any(f"{ADMIN} from 127.0.0.1 session.signed_in Signed in" in row for row in rows(page))
    failed = next(row for row in rows(page) if "Sign-in failed" in row)
    assert "Somebody who is not signed in from 127.0.0.1" in failed
    assert MEMBER in failed


def test_only_administrators_read_it(company, signed_in):
    somebody = signed_in(MEMBER)
    assert PAGE not in [urlsplit(one).path for one in somebody.page.links]
    page = somebody.open(PAGE)
    assert page.status == 403
    assert "token" not in page.text
    key = somebody.open("/settings/account").form("/settings/sign-out")["form_key"]
    assert somebody.post(PAGE, [("form_key", key), ("action", "member")]).status == 403
    admin = signed_in(ADMIN)
    assert PAGE in [urlsplit(one).path for one in admin.open("/settings/account").links]


def test_nothing_of_another_account_is_shown(company, signed_in):
    foreign = made(company.globex, STRANGER, "Foreign board")
    entry = AuditEntry.get(AuditEntry.subject_public_id == foreign.public_id)
    somebody = signed_in(ADMIN, PAGE)
    texts = [
        somebody.page.text,
        somebody.open(f"{PAGE}?before={entry.public_id}").text,
        somebody.open(f"{PAGE}?after={entry.public_id}").text,
        somebody.open(f"{PAGE}?account={company.globex.public_id}").text,
        somebody.send(PAGE, subject=foreign.public_id).text,
        somebody.send(PAGE, subject="", who=STRANGER).text,
    ]
    for text in texts:
        assert "Foreign board" not in text
        assert "Globex" not in text


def test_the_place_of_a_foreign_entry_in_the_trail_is_not_to_be_found_out(company, signed_in):
    many(company.acme, PER_PAGE + 5)
    foreign = made(company.globex, STRANGER, at=NOW + 70)
    entry = AuditEntry.get(AuditEntry.subject_public_id == foreign.public_id)
    somebody = signed_in(ADMIN, PAGE)
    whole = rows(somebody.page)
    assert rows(somebody.open(f"{PAGE}?before={entry.public_id}")) == whole
    assert rows(somebody.open(f"{PAGE}?after={entry.public_id}")) == whole


def test_no_secret_is_on_the_page(company, signed_in):
    token, secret = tokens.create(
        account=company.acme,
        user=user(ADMIN),
        name="Job board",
        scopes=(),
        expires_at=None,
        by=SYSTEM,
        now=NOW,
        known_scopes=(),
    )
    _, rotated = tokens.rotate(token, keep_old_hours=1, by=SYSTEM, now=NOW + 1)
    somebody = signed_in(ADMIN)
    cookie = somebody.client.cookies["gateway_session"]
    text = somebody.open(PAGE).response.text
    assert "token.rotated" in text
    stored = user(ADMIN).password_hash
    for word in (secret, rotated, tokens.digest(secret), stored, stored.rpartition("$")[2], cookie):
        assert word not in text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"action": "token"}, ["token.created", "token.revoked"]),
        ({"action": "token.revoked"}, ["token.revoked"]),
        ({"who": f" {MEMBER.upper()} "}, ["token.created"]),
        ({"subject": "board"}, ["token.created", "token.revoked"]),
        ({"subject": "Globex"}, []),
        ({"since": "2026-06-01", "until": "2026-06-01"}, ["token.revoked"]),
        ({"since": "2026-06-02"}, []),
        ({"until": "2026-05-27"}, []),
    ],
    ids=str,
)
def test_entries_are_filtered(company, signed_in, fields, told):
    token = made(company.acme, MEMBER)
    tokens.revoke(token, by=SYSTEM, now=1_780_315_200)  # noon of 2026-06-01
    somebody = signed_in(ADMIN, PAGE)
    page = somebody.send(PAGE, **fields)
    assert page.status == 200
    shown = {word for row in rows(page) for word in re.findall(r"\b[a-z]+\.[a-z_]+\b", row)}
    assert sorted(shown & {action.value for action in Action}) == told
    for name, value in fields.items():
        assert page.form(PAGE)[name] == value
    if not told:
        assert "No entry is like that" in page.text


def test_an_id_finds_what_was_done_to_its_owner(company, signed_in):
    token = made(company.acme)
    page = signed_in(ADMIN, PAGE).page
    assert len(rows(page)) > 1
    somebody = signed_in(ADMIN, PAGE)
    assert len(rows(somebody.send(PAGE, subject=token.public_id))) == 1


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-02-30"}, "since"),
        ({"until": "9999-12-31"}, "until"),
        ({"since": "2026-06-02", "until": "2026-06-01"}, "until"),
        ({"action": "token.eaten"}, "action"),
        ({"who": "x" * 256}, "who"),
        ({"subject": "x" * 256}, "subject"),
    ],
    ids=str,
)
def test_a_filter_that_makes_no_sense_is_told_at_its_field(company, signed_in, fields, wrong):
    page = signed_in(ADMIN, PAGE).send(PAGE, **fields)
    assert page.status == 422
    assert f'id="{wrong}-error"' in page.response.text
    assert rows(page) == []
    for name, value in fields.items():
        assert name == "action" or page.form(PAGE)[name] == value


def test_a_filter_without_anybodys_name_is_a_bookmark(company, signed_in):
    made(company.acme)
    page = signed_in(ADMIN).open(f"{PAGE}?action=token&since=2026-05-28&until=2026-05-28")
    assert [row for row in rows(page) if "token.created" not in row] == []
    assert page.form(PAGE)["action"] == "token"


def test_who_and_what_is_looked_for_stands_in_no_address(company, signed_in):
    many(company.acme, PER_PAGE + 1)
    somebody = signed_in(ADMIN, PAGE)
    page = somebody.send(PAGE, subject="Acme")
    assert link(page, "Older") is None
    (query,) = re.findall(r'name="go" value="([^"]*)"', page.response.text)
    assert set(parse_qs(unescape(query))) == {"before"}
    older = somebody.send(PAGE, go=unescape(query))
    assert older.form(PAGE)["subject"] == "Acme"
    assert rows(older)
    assert not set(rows(older)) & set(rows(page))


def test_a_long_trail_is_read_from_end_to_end_and_back(company, signed_in):
    many(company.acme, 2 * PER_PAGE + 7)
    somebody = signed_in(ADMIN)
    pages = [somebody.open(f"{PAGE}?action=account.updated")]
    while (older := link(pages[-1], "Older")) is not None:
        pages.append(somebody.open(older))
    assert [len(rows(page)) for page in pages] == [PER_PAGE, PER_PAGE, 7]
    numbers = [int(re.search(r"number is (\d+)", row)[1]) for page in pages for row in rows(page)]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers == list(range(2 * PER_PAGE + 7))[::-1]
    back = [pages[-1]]
    while (newer := link(back[-1], "Newer")) is not None:
        back.append(somebody.open(newer))
    assert [rows(page) for page in back[::-1]] == [rows(page) for page in pages]


@pytest.mark.parametrize("place", ["before=aud_nothing", "after=", "before=%27", "after=aud_%00"])
def test_a_place_that_is_none_is_the_first_page(company, signed_in, place):
    somebody = signed_in(ADMIN, PAGE)
    assert rows(somebody.open(f"{PAGE}?{place}")) == rows(somebody.open(PAGE))


def test_the_command_writes_what_is_shown(company, signed_in):
    somebody = signed_in(ADMIN, PAGE)
    page = somebody.send(
        PAGE, action="token", who="o'hara@x", subject="A b", since="2026-05-01", until="2026-05-31"
    )
    command = unescape(re.search(r'<pre id="command"[^>]*>([^<]*)<', page.response.text)[1])
    assert shlex.split(command) == [
        *("gateway", "audit", "--account", company.acme.public_id),
        *("--action", "token", "--user", "o'hara@x", "--subject", "A b"),
        *("--since", "2026-05-01T00:00:00Z", "--until", "2026-06-01T00:00:00Z"),
        *("--json", ">", "audit.jsonl"),
    ]


def test_hostile_names_are_shown_as_text(company, signed_in):
    made(company.acme, name=HOSTILE)
    somebody = signed_in(ADMIN, PAGE)
    assert HOSTILE in " ".join(rows(somebody.page))
    assert "<script>alert" not in somebody.page.response.text
    page = somebody.send(PAGE, who=HOSTILE, subject=HOSTILE, since=HOSTILE)
    assert page.form(PAGE)["who"] == HOSTILE
    assert "<script>alert" not in page.response.text


def test_an_entry_of_an_action_that_is_no_more_is_still_told(company, signed_in):
    entry = AuditEntry.select().where(AuditEntry.account_public_id == company.acme.public_id).get()
    values = {**entry.__data__, "public_id": "aud_old", "action": "robot.was_built"}
    values.pop("id")
    AuditEntry.create(**values)
    assert any("Robot was built" in row for row in rows(signed_in(ADMIN, PAGE).page))


def test_the_account_that_is_gone_takes_its_page_along_and_not_its_trail(company, signed_in):
    somebody = signed_in(ADMIN, PAGE)
    accounts.delete_account(company.acme, by=SYSTEM, now=NOW + 1)
    assert somebody.open(PAGE).path == "/settings/accounts"
    kept = audit.entries(audit.Filter(account_id=company.acme.public_id))
    assert [entry.action for entry in kept][-1] == "account.deleted"
