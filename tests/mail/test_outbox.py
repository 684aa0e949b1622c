"""Mail waits in the database until a server has taken it: not lost, and not sent twice."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from email.message import EmailMessage
from threading import Barrier, Thread

import pytest
from alerting import DAY_S, NOW, account, person
from mailing import FROM, PUBLIC_URL
from structlog.testing import capture_logs

from gateway import accounts
from gateway.audit import SYSTEM
from gateway.database import connect
from gateway.mail import RESULTS, Mail, Postman, Unsent, outbox
from gateway.roles import Role
from models import OutgoingMail, database


@dataclass
class Server:
    """The twin of a mail server: takes mail, or says why it does not."""

    taken: list[EmailMessage] = field(default_factory=list)
    error: Unsent | None = None
    tries: int = 0

    def send(self, message: EmailMessage) -> None:
        self.tries += 1
        if self.error is not None:
            raise self.error
        self.taken.append(message)

    def postman(self) -> Postman:
        return Postman(Mail(send=self.send, sender=FROM, public_url=PUBLIC_URL))

    @property
    def addresses(self) -> list[str]:
        return [message["To"] for message in self.taken]


AWAY = Unsent("ConnectionRefusedError", is_of_this_mail=False)
REFUSED = Unsent("SMTPRecipientsRefused 550", is_of_this_mail=True)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def acme(db):
    return account()


@pytest.fixture
def ann(acme):
    return person(acme, "ann")


def queue(acme, key: str = "k", text: str = "Good day") -> int:
    return outbox.queue(acme, key, "Hello", text, now=NOW)


def test_each_administrator_gets_one_and_a_member_none(acme, ann, server):
    person(acme, "bob", Role.MEMBER)
    person(acme, "cleo")
    person(account("Other"), "dan")
    assert queue(acme) == 2
    server.postman().send_due(NOW)
    server.postman().send_due(NOW + DAY_S)
    assert server.addresses == ["ann@example.com", "cleo@example.com"]


def test_a_mail_is_queued_once_for_each_key(acme, ann, server):
    queue(acme)
    queue(acme, text="again")
    queue(acme, "another key")
    server.postman().send_due(NOW)
    assert [one.get_content().strip() for one in server.taken] == ["Good day", "Good day"]


def test_what_was_sent_is_kept_without_its_text(acme, ann, server):
    queue(acme)
    server.postman().send_due(NOW)
    row = OutgoingMail.get()
    assert (row.subject, row.text, row.sent_at, row.due_at, row.tries) == ("", "", NOW, None, 1)


def test_a_message_says_what_a_mail_of_a_program_must(acme, ann, server):
    queue(acme, text="Größe — " + "long " * 400)
    server.postman().send_due(NOW)
    [message] = server.taken
    assert message["From"] == FROM
    assert message["Date"] == "Thu, 15 Jan 2026 10:00:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@example.com>")
    sent = bytes(message)
    assert sent.isascii()
    assert max(map(len, sent.splitlines())) <= 78
    assert message.get_content().startswith("Größe — long long")


def test_a_server_that_is_away_is_asked_once_a_round_and_the_mail_waits(acme, ann, server):
    person(acme, "cleo")
    queue(acme)
    server.error = AWAY
    server.postman().send_due(NOW)
    assert server.tries == 1
    server.error = None
    server.postman().send_due(NOW + 59)
    assert server.addresses == ["cleo@example.com"]
    server.postman().send_due(NOW + 60)
    assert server.addresses == ["cleo@example.com", "ann@example.com"]


def test_a_slow_server_does_not_hold_up_who_wants_to_stop(acme, ann, server):
    person(acme, "cleo")
    queue(acme)
    seconds = iter((0.0, 4.9, 5.0))
    mail = Mail(send=server.send, sender=FROM, public_url=PUBLIC_URL)
    Postman(mail, monotonic=lambda: next(seconds)).send_due(NOW)
    assert server.addresses == ["ann@example.com"]
    server.postman().send_due(NOW)
    assert server.addresses == ["ann@example.com", "cleo@example.com"]


def test_a_mail_that_is_refused_does_not_hold_up_the_next(acme, ann, server):
    person(acme, "cleo")
    queue(acme)
    server.error = REFUSED
    server.postman().send_due(NOW)
    assert server.tries == 2


def test_it_is_tried_again_ever_more_seldom_for_a_week(acme, ann, server):
    queue(acme)
    server.error = AWAY
    postman, at = server.postman(), [NOW]
    for _ in range(200):
        postman.send_due(at[-1])
        if (due := OutgoingMail.get().due_at) is None:
            break
        at.append(due)
    waits = [later - earlier for earlier, later in itertools.pairwise(at)]
    assert waits[:6] == [60, 300, 900, 3600, 14_400, 14_400]
    assert 7 * DAY_S <= at[-1] - NOW <= 7 * DAY_S + 14_400
    assert server.tries == len(at)
    assert OutgoingMail.get().text == "Good day"


def test_how_each_try_ends_is_told(acme, ann, server):
    told = []
    postman = Postman(
        Mail(send=server.send, sender=FROM, public_url=PUBLIC_URL), observe=told.append
    )
    queue(acme)
    server.error = AWAY
    postman.send_due(NOW)
    server.error = None
    postman.send_due(NOW + 60)
    queue(acme, "another")
    server.error = AWAY
    postman.send_due(NOW + 8 * DAY_S)
    cleo = person(acme, "cleo")
    queue(acme, "third")
    accounts.remove_member(acme, cleo, by=SYSTEM, now=NOW)
    server.error = None
    postman.send_due(NOW + 8 * DAY_S)
    assert told[:3] == ["to be retried", "sent", "given up"]
    assert sorted(told[3:]) == ["dropped", "sent"]
    assert set(told) == set(RESULTS)


def test_the_same_mail_has_the_same_id_at_each_try(acme, ann, server):
    queue(acme)
    ids = []

    def send(message: EmailMessage) -> None:
        ids.append(message["Message-ID"])
        raise AWAY

    postman = Postman(Mail(send=send, sender=FROM, public_url=PUBLIC_URL))
    postman.send_due(NOW)
    postman.send_due(NOW + 60)
    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_who_is_no_administrator_any_more_gets_none(acme, ann, server):
    cleo = person(acme, "cleo")
    queue(acme)
    accounts.remove_member(acme, cleo, by=SYSTEM, now=NOW)
    server.postman().send_due(NOW)
    assert server.addresses == ["ann@example.com"]
    assert OutgoingMail.select().count() == 1


def test_an_account_that_is_deleted_takes_its_mail_along(acme, ann, server):
    queue(acme)
    accounts.delete_account(acme, by=SYSTEM, now=NOW)
    server.postman().send_due(NOW)
    assert server.addresses == []


def test_what_a_process_had_taken_that_died_is_sent_by_another_later(acme, ann, server):
    queue(acme)
    assert outbox.claim(now=NOW)
    server.postman().send_due(NOW + outbox.CLAIM_S - 1)
    assert server.addresses == []
    server.postman().send_due(NOW + outbox.CLAIM_S)
    assert server.addresses == ["ann@example.com"]


def test_one_that_was_paused_does_not_undo_what_another_has_sent(acme, ann, server):
    queue(acme)
    late = outbox.claim(now=NOW)
    server.postman().send_due(NOW + outbox.CLAIM_S)
    outbox.has_failed(late, now=NOW + outbox.CLAIM_S)
    assert OutgoingMail.get().due_at is None


@pytest.mark.parametrize("attempt", range(3))
def test_of_many_that_send_at_once_each_mail_is_sent_by_one(database_url, attempt):
    pool = connect(database_url)
    with database.connection_context():
        acme = account()
        for number in range(6):
            person(acme, f"a{number}")
        queue(acme)
    server, barrier = Server(), Barrier(6)

    def send() -> None:
        with database.connection_context():
            barrier.wait()
            for _ in range(6):
                server.postman().send_due(NOW)

    threads = [Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pool.close_all()
    assert sorted(server.addresses) == [f"a{number}@example.com" for number in range(6)]


def test_old_mail_is_removed_once_it_is_over(acme, ann, server):
    queue(acme)
    assert outbox.remove_old(now=NOW + 90 * DAY_S) == 0  # it waits
    server.postman().send_due(NOW)
    assert outbox.remove_old(now=NOW + 30 * DAY_S) == 0
    assert outbox.remove_old(now=NOW + 30 * DAY_S + 1) == 1


def test_the_log_names_no_address_and_no_text(acme, ann, server):
    queue(acme, text="a very private name")
    with capture_logs() as lines:
        server.error = REFUSED
        server.postman().send_due(NOW)
        server.error = None
        server.postman().send_due(NOW + 60)
    assert [line["event"] for line in lines] == ["mail not sent, it is tried again", "mail sent"]
    assert "@" not in str(lines)
    assert "private" not in str(lines)
