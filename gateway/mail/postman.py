"""Hands mail that waits to the server, one after the other. A job; see `gateway.jobs`."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import structlog

from gateway.mail import outbox
from gateway.mail.smtp import Mail, Unsent, domain_of
from models import OutgoingMail

ROUND_S = 5.0  # then other jobs have their turn, and whoever wants to stop can
POLICY = SMTP.clone(cte_type="7bit")  # not every server takes more

log = structlog.get_logger(__name__)


class Postman:
    """Sends what is due."""

    def __init__(self, mail: Mail, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._mail = mail
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
            log.info("mail dropped, its reader is no administrator any more", mail=mail.key)
            return True
        if error := self._failure(mail):
            is_tried_again = outbox.has_failed(mail, now=now)
            event = "mail not sent, it is tried again" if is_tried_again else "mail given up"
            log.warning(event, mail=mail.key, error=str(error))
            return error.is_of_this_mail
        outbox.has_been_sent(mail, now=now)
        log.info("mail sent", mail=mail.key)
        return True

    def _failure(self, mail: OutgoingMail) -> Unsent | None:
        """Try to send *mail*; return why it was not sent."""
        try:
            self._mail.send(self._message(mail))
        except Unsent as error:
            return error
        return None

    def _message(self, mail: OutgoingMail) -> EmailMessage:
        message = EmailMessage(policy=POLICY)
        message["From"] = self._mail.sender
        message["To"] = mail.user.email
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(datetime.fromtimestamp(mail.created_at, UTC))
        # The same at each try: whoever gets it twice can tell.
        message["Message-ID"] = f"<{mail.message_id}@{domain_of(self._mail.sender)}>"
        message["Auto-Submitted"] = "auto-generated"  # no "out of office" in return
        message.set_content(mail.text)
        return message
