"""Hands mail that waits to the server, one after the other. A job; see `gateway.jobs`."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from gateway.mail import outbox
from gateway.mail.smtp import Mail, Unsent
from models import OutgoingMail

ROUND_S = 5.0  # then other jobs have their turn, and whoever wants to stop can
RESULTS = ("sent", "to be retried", "given up", "dropped")

log = structlog.get_logger(__name__)


class Postman:
    """Sends what is due."""

    def __init__(
        self,
        mail: Mail,
        observe: Callable[[str], None] = lambda _result: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Send by *mail*.

        Args:
            observe: is told how each try ended, by one of `RESULTS`.
        """
        self._mail = mail
        self._observe = observe
        self._monotonic = monotonic

    def send_due(self, now: int) -> None:
        """Send what is due at *now*, for `ROUND_S`; stop if the server takes none."""
        until = self._monotonic() + ROUND_S
        while self._monotonic() < until:
            mail = outbox.claim(now=now)
            if mail is None or not self._hand_over(mail, now):
                return

    def _hand_over(self, mail: OutgoingMail, now: int) -> bool:
        """Send *mail*; return whether the server may take others."""
        if mail.user not in outbox.administrators(mail.account):
            outbox.drop(mail)
            self._observe("dropped")
            log.info("mail dropped, its reader is no administrator any more", mail=mail.key)
            return True
        if error := self._failure(mail):
            is_tried_again = outbox.has_failed(mail, now=now)
            self._observe("to be retried" if is_tried_again else "given up")
            event = "mail not sent, it is tried again" if is_tried_again else "mail given up"
            log.warning(event, mail=mail.key, error=str(error))
            return error.is_of_this_mail
        outbox.has_been_sent(mail, now=now)
        self._observe("sent")
        log.info("mail sent", mail=mail.key)
        return True

    def _failure(self, mail: OutgoingMail) -> Unsent | None:
        """Try to send *mail*; return why it was not sent."""
        message = self._mail.message(
            mail.user.email,
            mail.subject,
            mail.text,
            message_id=mail.message_id,
            written_at=mail.created_at,
        )
        try:
            self._mail.send(message)
        except Unsent as error:
            return error
        return None
