"""`gateway mail test`: whether mail leaves by the settings as they are."""

from __future__ import annotations

import pytest
from mailing import FROM, PUBLIC_URL, post_office


@pytest.fixture
def post(monkeypatch):
    with post_office() as post:
        for variable, value in post.environment().items():
            monkeypatch.setenv(variable, value)
        yield post


def test_a_mail_arrives_and_no_database_is_asked(gateway, post, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/none/none.db")
    printed = gateway.done("mail", "test", "Ann@example.com")
    assert printed == "the server took a mail to `ann@example.com`"
    [(address, message)] = post.received
    assert address == "ann@example.com"
    assert (message["From"], message["Auto-Submitted"]) == (FROM, "auto-generated")
    assert message["Message-ID"].endswith("@example.com>")
    assert PUBLIC_URL in message.get_content()
    assert not (tmp_path / "none").exists()


def test_what_the_server_refuses_is_told(gateway, post):
    post.refuse["ann@example.com"] = "550 nobody here"
    assert gateway.refusal("mail", "test", "ann@example.com") == (
        "not sent: SMTPRecipientsRefused 550; see the settings GATEWAY_SMTP_…"
    )


def test_a_server_that_is_away_is_told(gateway, post, monkeypatch):
    monkeypatch.setenv("GATEWAY_SMTP_PORT", "1")
    assert gateway.refusal("mail", "test", "ann@example.com") == (
        "not sent: ConnectionRefusedError; see the settings GATEWAY_SMTP_…"
    )


def test_without_a_server_the_settings_are_named(gateway):
    assert gateway.refusal("mail", "test", "ann@example.com") == (
        "no mail server is named; set GATEWAY_SMTP_HOST, GATEWAY_MAIL_FROM and GATEWAY_PUBLIC_URL"
    )


def test_what_is_no_address_is_refused(gateway, post):
    assert gateway.refusal("mail", "test", "ann") == (
        "`ann` must be an e-mail address of at most 254 characters"
    )
    assert post.received == []
