"""Administrators are told of a token that nobody uses: once for each spell, in one digest a day."""

from __future__ import annotations

import pytest
from alerting import DAY_S, HOUR_S, NOW, account, person, token
from structlog.testing import capture_logs

from gateway.alerts import Inactivity, told_at
from gateway.roles import Role
from gateway.token_list import is_unused
from models import AlertDigest, InactivityAlert, OutgoingMail, Token

URL = "https://gateway.example.com"
TOMORROW = NOW + DAY_S


@pytest.fixture
def acme(db):
    return account()


@pytest.fixture
def ann(acme):
    return person(acme, "ann")


@pytest.fixture
def inactivity() -> Inactivity:
    return Inactivity(30, URL)


def mails() -> list[OutgoingMail]:
    return list(OutgoingMail.select().order_by(OutgoingMail.id))


def readers() -> list[str]:
    return [mail.user.email for mail in mails()]


def test_a_token_is_told_of_to_the_second_and_once(acme, ann, inactivity):
    old = token(acme, ann, created_at=NOW - 30 * DAY_S)
    inactivity.tell(NOW - 1)
    assert mails() == []
    inactivity.tell(NOW)
    for later in range(1, 100):
        inactivity.tell(NOW + later * DAY_S)
    assert readers() == ["ann@example.com"]
    assert told_at(old) == NOW


def test_it_is_counted_from_the_last_use(acme, ann, inactivity):
    token(acme, ann, created_at=0, last_used_at=NOW - 30 * DAY_S + 1)
    inactivity.tell(NOW)
    assert mails() == []
    inactivity.tell(NOW + 1)
    assert readers() == ["ann@example.com"]


def test_a_use_ends_the_spell_and_the_next_one_is_told_of(acme, ann, inactivity):
    one = token(acme, ann, created_at=NOW - 30 * DAY_S)
    inactivity.tell(NOW)
    Token.update(last_used_at=NOW + 5 * DAY_S).where(Token.id == one).execute()
    inactivity.tell(NOW + 35 * DAY_S - 1)
    assert len(mails()) == 1
    for later in range(35, 90):
        inactivity.tell(NOW + later * DAY_S)
    assert len(mails()) == 2


def test_a_rotation_is_no_use(acme, ann, inactivity):
    one = token(acme, ann, created_at=NOW - 30 * DAY_S, rotated_at=NOW - HOUR_S)
    assert is_unused(one, NOW, 30 * DAY_S)
    inactivity.tell(NOW)
    Token.update(rotated_at=NOW + DAY_S).where(Token.id == one).execute()
    inactivity.tell(NOW + 40 * DAY_S)
    assert len(mails()) == 1


@pytest.mark.parametrize(
    "dead", [{"revoked_at": NOW - HOUR_S}, {"expires_at": NOW}, {"expires_at": NOW - DAY_S}]
)
def test_what_is_expired_or_revoked_is_passed_over(acme, ann, inactivity, dead):
    token(acme, ann, created_at=0, **dead)
    inactivity.tell(NOW)
    assert mails() == []
    assert not InactivityAlert.select().exists()


def test_one_that_expires_later_is_told_of(acme, ann, inactivity):
    token(acme, ann, created_at=0, expires_at=NOW + 1)
    inactivity.tell(NOW)
    assert len(mails()) == 1


def test_administrators_are_told_whoever_owns_it_and_members_are_not(acme, ann, inactivity):
    bob, cleo = person(acme, "bob", Role.MEMBER), person(acme, "cleo")
    token(acme, bob, created_at=0)
    inactivity.tell(NOW)
    assert readers() == [ann.email, cleo.email]


def test_an_account_is_told_of_its_own_tokens_alone(acme, ann, inactivity):
    other = account("Other")
    token(acme, ann, "Ours", created_at=0)
    token(other, person(other, "dan"), "Theirs", created_at=0)
    inactivity.tell(NOW)
    ours, theirs = mails()
    assert (ours.user.email, theirs.user.email) == ("ann@example.com", "dan@example.com")
    assert ("Ours" in ours.text, "Theirs" in ours.text) == (True, False)
    assert ("Ours" in theirs.text, "Theirs" in theirs.text) == (False, True)


def test_an_account_has_one_digest_a_day_and_what_comes_later_waits(acme, ann, inactivity):
    token(acme, ann, "First", created_at=0)
    inactivity.tell(NOW)
    late = token(acme, ann, "Late", created_at=1)
    for hour in range(14):  # until midnight in UTC
        inactivity.tell(NOW + hour * HOUR_S)
    assert len(mails()) == 1
    assert told_at(late) is None
    inactivity.tell(NOW + 14 * HOUR_S)
    first, second = mails()
    assert ("Late" in first.text, "Late" in second.text, "First" in second.text) == (
        False,
        True,
        False,
    )


def test_several_tokens_stand_in_one_mail(acme, ann, inactivity):
    for number in range(60):
        token(acme, ann, f"Number {number:02}", created_at=0)
    inactivity.tell(NOW)
    [mail] = mails()
    assert "Number 00" in mail.text
    assert "Number 49" in mail.text
    assert "Number 50" not in mail.text
    assert "And 10 more." in mail.text
    inactivity.tell(TOMORROW)
    assert len(mails()) == 1


def test_the_mail_says_which_tokens_and_what_to_do(acme, ann, inactivity):
    used = token(acme, ann, "Board", created_at=NOW - 90 * DAY_S, last_used_at=NOW - 60 * DAY_S)
    token(acme, ann, "Ever new", created_at=NOW - 40 * DAY_S)
    inactivity.tell(NOW)
    [mail] = mails()
    assert mail.subject == "Unused API tokens of Acme"
    assert f"- Board (ends in {used.last_four}), of ann@example.com" in mail.text
    assert "made 2025-10-17 10:00 UTC, last used 2025-11-16 10:00 UTC" in mail.text
    assert "made 2025-12-06 10:00 UTC, never used" in mail.text
    assert f"{URL}/settings/api/{used.public_id}\n" in mail.text
    assert "You get this because you administer Acme." in mail.text


def test_the_number_of_days_is_a_setting(acme, ann):
    token(acme, ann, created_at=NOW - 10 * DAY_S)
    Inactivity(11, URL).tell(NOW)
    assert mails() == []
    Inactivity(10, URL).tell(NOW)
    assert "for 10 days or more" in mails()[0].text


def test_without_mail_the_log_and_the_page_tell_and_nothing_is_queued(acme, ann):
    one = token(acme, ann, created_at=0)
    with capture_logs() as lines:
        Inactivity(30, None).tell(NOW)
        Inactivity(30, None).tell(TOMORROW)
    assert mails() == []
    assert [(line["event"], line["tokens"]) for line in lines] == [
        ("tokens are unused", [one.public_id])
    ]
    assert told_at(one) == NOW


def test_the_log_names_tokens_by_their_ids_alone(acme, ann, inactivity):
    token(acme, ann, "Cleo's own", created_at=0)
    with capture_logs() as lines:
        inactivity.tell(NOW)
    assert len(lines) == 1
    assert "Cleo" not in str(lines)
    assert "@" not in str(lines)


def test_an_account_without_administrators_is_told_of_in_the_log(acme, inactivity):
    bob = person(acme, "bob", Role.MEMBER)
    token(acme, bob, created_at=0)
    with capture_logs() as lines:
        inactivity.tell(NOW)
    assert len(lines) == 1
    assert mails() == []


def test_who_fails_on_the_way_has_told_of_nothing_and_tells_it_later(
    acme, ann, inactivity, monkeypatch
):
    token(acme, ann, created_at=0)
    with monkeypatch.context() as broken:
        broken.setattr("gateway.mail.queue", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            inactivity.tell(NOW)
    assert not AlertDigest.select().exists()
    assert not InactivityAlert.select().exists()
    inactivity.tell(NOW)
    assert len(mails()) == 1
