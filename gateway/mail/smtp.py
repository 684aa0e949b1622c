"""The mail server: spoken to by SMTP, one connection a mail, by the standard library.

An edge: it gets a whole message, and knows neither tables nor why.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from gateway.errors import ConfigError, Finding
from gateway.settings import Settings

TIMEOUT_S = 15.0  # for each answer of the server
POLICY = SMTP.clone(cte_type="7bit")  # not every server takes more
PORTS = {"starttls": 587, "tls": 465, "plain": 25}

Send = Callable[[EmailMessage], None]


class Unsent(Exception):
    """A mail was not sent. It says why in words that hold no address: servers repeat them.

    Attributes:
        is_of_this_mail: another mail may be taken.
    """

    def __init__(self, why: str, *, is_of_this_mail: bool) -> None:
        super().__init__(why)
        self.is_of_this_mail = is_of_this_mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """How mail leaves, and what stands in it.

    Attributes:
        send: hands a message to a server. Raises Unsent.
        sender: whom it is from: an address, or a name with one.
        public_url: what links begin with, without a slash at the end.
    """

    send: Send
    sender: str
    public_url: str

    def message(
        self, to: str, subject: str, text: str, *, message_id: str, written_at: int
    ) -> EmailMessage:
        """Return a message that is ready to be sent.

        Args:
            message_id: the part before the `@`; the same at each try, so that whoever gets a mail
                twice can tell.
            written_at: seconds since the epoch.
        """
        message = EmailMessage(policy=POLICY)
        message["From"] = self.sender
        message["To"] = to
        message["Subject"] = subject
        message["Date"] = format_datetime(datetime.fromtimestamp(written_at, UTC))
        message["Message-ID"] = f"<{message_id}@{_domain_of(self.sender)}>"
        message["Auto-Submitted"] = "auto-generated"  # no "out of office" in return
        message.set_content(text)
        return message


def mail_of(settings: Settings, context: ssl.SSLContext | None = None) -> Mail | None:
    """Return how the settings send mail; None: not at all.

    Args:
        context: which certificates are good; None: those that the system trusts.
    Raises:
        ConfigError: they do not fit together.
    """
    if findings := [Finding(text) for text in _mistakes(settings)]:
        raise ConfigError(*findings)
    if settings.smtp_host is None or settings.mail_from is None or settings.public_url is None:
        return None
    return Mail(
        send=Smtp(settings, context or ssl.create_default_context()),
        sender=settings.mail_from,
        public_url=settings.public_url,
    )


def _domain_of(sender: str) -> str:
    """Return the part of the address of *sender* after the `@`."""
    return parseaddr(sender)[1].rpartition("@")[2]


def _mistakes(settings: Settings) -> list[str]:
    has_login = settings.smtp_user is not None or settings.smtp_password is not None
    if settings.smtp_host is None:
        alone = "has no use without GATEWAY_SMTP_HOST; set that too"
        return [f"GATEWAY_SMTP_USER: {alone}"] if has_login else []
    found = [
        f"GATEWAY_SMTP_HOST: mail needs {variable}; set that too"
        for variable, value in (
            ("GATEWAY_MAIL_FROM", settings.mail_from),
            ("GATEWAY_PUBLIC_URL, for its links", settings.public_url),
        )
        if value is None
    ]
    if (settings.smtp_user is None) != (settings.smtp_password is None):
        found.append("GATEWAY_SMTP_USER: goes with GATEWAY_SMTP_PASSWORD; set both or none")
    if has_login and settings.smtp_security == "plain":
        found.append(
            "GATEWAY_SMTP_PASSWORD: everybody on the way could read it; "
            "set GATEWAY_SMTP_SECURITY to `starttls` or `tls`"
        )
    return found


class Smtp:
    """Sends messages through one server."""

    def __init__(
        self, settings: Settings, context: ssl.SSLContext, timeout_s: float = TIMEOUT_S
    ) -> None:
        """Use the server of the *settings*; certificates are checked against *context*."""
        self._settings = settings
        self._context = context
        self._timeout_s = timeout_s

    def __call__(self, message: EmailMessage) -> None:
        """Send *message*. Raises Unsent."""
        try:
            with self._connection() as connection:
                _hand_over(connection, message)
        except (smtplib.SMTPException, OSError) as error:
            raise Unsent(_reason(error), is_of_this_mail=False) from None

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        connection = self._connect()
        try:
            self._prepare(connection)
            yield connection
        finally:
            _leave(connection)

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        host = settings.smtp_host or ""
        port = settings.smtp_port or PORTS[settings.smtp_security]
        if settings.smtp_security == "tls":
            return smtplib.SMTP_SSL(host, port, timeout=self._timeout_s, context=self._context)
        return smtplib.SMTP(host, port, timeout=self._timeout_s)

    def _prepare(self, connection: smtplib.SMTP) -> None:
        """Encrypt, if that is asked for, and log in. No STARTTLS is an error, not a way round."""
        settings = self._settings
        if settings.smtp_security == "starttls":
            connection.starttls(context=self._context)
        if settings.smtp_user is not None and settings.smtp_password is not None:
            connection.login(settings.smtp_user, settings.smtp_password)


def _hand_over(connection: smtplib.SMTP, message: EmailMessage) -> None:
    try:
        connection.send_message(message)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
        is_open = connection.sock is not None
        raise Unsent(_reason(error), is_of_this_mail=is_open) from None


def _leave(connection: smtplib.SMTP) -> None:
    # The mail has been taken, or not: how the server says good-bye changes nothing of it.
    with suppress(smtplib.SMTPException, OSError):
        connection.quit()
    connection.close()


def _reason(error: Exception) -> str:
    """Return what was wrong, without the server's words: they may repeat an address."""
    code = getattr(error, "smtp_code", None)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next(iter(error.recipients.values()))[0]
    name = type(error).__name__
    return name if code is None else f"{name} {code}"
