"""Mail goes to a real server: encrypted as the settings say, or not at all."""

from __future__ import annotations

import socket
import ssl
from dataclasses import replace
from email.message import EmailMessage

import pytest
from aiosmtpd.smtp import SMTP
from certificates import certificate_of
from mailing import FROM, PASSWORD, PUBLIC_URL, USER, post_office

from gateway.errors import ConfigError
from gateway.mail.smtp import Smtp, Unsent, mail_of
from gateway.settings import Settings

ANN = "ann@example.com"
LOGIN = {"smtp_user": USER, "smtp_password": PASSWORD}


def message(to: str = ANN) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = FROM, to, "Hello"
    made.set_content("Good day")
    return made


def send(settings: Settings, context: ssl.SSLContext | None = None) -> None:
    mail = mail_of(settings, context)
    assert mail is not None
    mail.send(message())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return certificate_of("localhost", tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server_tls(certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trust(certificate) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate)


def test_a_mail_arrives_as_it_was_written():
    with post_office() as post:
        send(post.settings())
        [(address, received)] = post.received
    assert address == ANN
    assert (received["From"], received["Subject"]) == (FROM, "Hello")
    assert received.get_content().strip() == "Good day"


def test_over_starttls_with_a_login(server_tls, trust):
    with authenticating(server_tls) as post:
        send(post.settings(smtp_security="starttls", smtp_host="localhost", **LOGIN), trust)
        assert (post.addresses, post.logins) == ([ANN], [USER.encode()])


def test_over_tls_from_the_first_byte(server_tls, trust):
    with post_office(over_tls=server_tls) as post:
        send(post.settings(smtp_security="tls", smtp_host="localhost"), trust)
        assert post.addresses == [ANN]


def authenticating(server_tls):
    def make(post, **options):
        return SMTP(
            post,
            tls_context=server_tls,
            require_starttls=True,
            auth_required=True,
            authenticator=post.authenticate,
            **options,
        )

    return post_office(make=make)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_server_with_another_certificate_gets_neither_password_nor_mail(server_tls, trust, host):
    # Signed by nobody we know; and by somebody we know, for another name.
    context = None if host == "localhost" else trust
    with authenticating(server_tls) as post:
        settings = post.settings(smtp_security="starttls", smtp_host=host, **LOGIN)
        with pytest.raises(Unsent, match="SSLCertVerificationError"):
            send(settings, context)
        assert (post.received, post.logins) == ([], [])


def test_a_server_without_starttls_gets_neither_password_nor_mail():
    def make(post, **options):
        return SMTP(post, auth_require_tls=False, authenticator=post.authenticate, **options)

    with post_office(make=make) as post:
        with pytest.raises(Unsent) as refused:
            send(post.settings(smtp_security="starttls", **LOGIN))
        assert (post.received, post.logins) == ([], [])
    assert not refused.value.is_of_this_mail


def test_a_wrong_password_is_of_the_server_and_not_in_what_it_says(server_tls, trust):
    with authenticating(server_tls) as post:
        wrong = {**LOGIN, "smtp_password": "wrong password"}
        with pytest.raises(Unsent) as refused:
            send(post.settings(smtp_security="starttls", smtp_host="localhost", **wrong), trust)
        assert post.received == []
    assert str(refused.value) == "SMTPAuthenticationError 535"
    assert not refused.value.is_of_this_mail


def test_a_refused_recipient_is_of_this_mail_and_no_address_is_repeated():
    with post_office() as post:
        post.refuse[ANN] = f"550 no mailbox {ANN}"
        with pytest.raises(Unsent) as refused:
            send(post.settings())
    assert str(refused.value) == "SMTPRecipientsRefused 550"
    assert refused.value.is_of_this_mail


def test_a_refused_text_is_of_this_mail():
    with post_office() as post:
        post.says = "554 no"
        with pytest.raises(Unsent) as refused:
            send(post.settings())
    assert (str(refused.value), refused.value.is_of_this_mail) == ("SMTPDataError 554", True)


def test_a_server_that_is_away_is_of_the_server():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings = Settings(
            smtp_host="127.0.0.1",
            smtp_port=unused.getsockname()[1],
            smtp_security="plain",
            mail_from=FROM,
            public_url=PUBLIC_URL,
        )
        with pytest.raises(Unsent) as refused:
            send(settings)
    assert (str(refused.value), refused.value.is_of_this_mail) == ("ConnectionRefusedError", False)


def test_a_server_that_says_nothing_is_not_waited_for():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        settings = Settings(
            smtp_host="127.0.0.1", smtp_port=silent.getsockname()[1], smtp_security="plain"
        )
        with pytest.raises(Unsent) as refused:
            Smtp(settings, ssl.create_default_context(), timeout_s=0.2)(message())
    assert not refused.value.is_of_this_mail


def test_a_server_that_ends_without_good_bye_has_taken_the_mail():
    class Rude(SMTP):
        async def smtp_QUIT(self, _argument) -> None:  # noqa: N802
            await self.push("500 what?")

    with post_office(make=Rude) as post:
        send(post.settings())
        assert post.addresses == [ANN]


def test_without_a_host_no_mail_leaves():
    assert mail_of(Settings()) is None


WHOLE = Settings(smtp_host="mail.example.com", mail_from=FROM, public_url=PUBLIC_URL)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"mail_from": None}, "GATEWAY_MAIL_FROM"),
        ({"public_url": None}, "GATEWAY_PUBLIC_URL"),
        ({"smtp_user": USER}, "GATEWAY_SMTP_PASSWORD"),
        ({"smtp_password": PASSWORD}, "GATEWAY_SMTP_USER"),
        ({**LOGIN, "smtp_security": "plain"}, "everybody on the way"),
        ({**LOGIN, "smtp_host": None}, "GATEWAY_SMTP_HOST"),
    ],
)
def test_settings_that_do_not_fit_together_are_refused_without_the_password(changes, says):
    with pytest.raises(ConfigError, match=says) as refused:
        mail_of(replace(WHOLE, **changes))
    assert PASSWORD not in str(refused.value)
    assert PASSWORD not in repr(replace(WHOLE, **changes))
