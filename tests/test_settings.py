"""The environment is read strictly: what is wrong or unknown stops the start, named."""

from dataclasses import FrozenInstanceError, fields
from ipaddress import ip_network
from pathlib import Path

import pytest

from gateway.errors import ConfigError
from gateway.settings import Settings, variables

# A well-formed key of webhooks' secrets; no one's.
KEY = "c2l4dGVlbiBieXRlcyB0d2ljZSwgdGhpcnR5LXR3byE="


def refusal(**environment: str) -> str:
    with pytest.raises(ConfigError) as caught:
        Settings.from_environment(environment)
    return str(caught.value)


def test_an_empty_environment_gives_the_defaults():
    assert Settings.from_environment({}) == Settings()


def test_an_empty_variable_counts_as_unset():
    assert Settings.from_environment({"GATEWAY_PUBLIC_URL": ""}).public_url is None


def test_every_setting_is_read_from_its_variable():
    given = {
        "DATABASE_URL": "postgresql:///other",
        "GATEWAY_OPENAPI": "books.yaml",
        "GATEWAY_POLICIES": "rules",
        "GATEWAY_POLICY_RELOAD_INTERVAL_S": "0",
        "GATEWAY_PUBLIC_URL": "https://example.com/",
        "GATEWAY_MAX_BODY_BYTES": "0",
        "GATEWAY_MAX_URL_BYTES": "256",
        "GATEWAY_LAST_USED_FLUSH_INTERVAL_S": "0.25",
        "GATEWAY_SESSION_IDLE_S": "600",
        "GATEWAY_SESSION_MAX_S": "3600",
        "GATEWAY_SERVE_JOBS": "off",
        "GATEWAY_METRICS": "on",
        "GATEWAY_DISCLOSURE_LOG": "disclosures.jsonl",
        "GATEWAY_DISCLOSURE_LOG_MAX_BYTES": "4096",
        "GATEWAY_DISCLOSURE_LOG_KEEP": "0",
        "GATEWAY_WEBHOOK_KEY": f"{KEY},{KEY}",
        "GATEWAY_WEBHOOK_ALLOWED_NETWORKS": "10.1.0.0/16, fd00::/8",
        "GATEWAY_WEBHOOK_PLAIN_HTTP": "on",
        "GATEWAY_SMTP_HOST": "mail.example.com",
        "GATEWAY_SMTP_PORT": "2525",
        "GATEWAY_SMTP_SECURITY": "tls",
        "GATEWAY_SMTP_USER": "gateway",
        "GATEWAY_SMTP_PASSWORD": "secret",
        "GATEWAY_MAIL_FROM": "Hiring gateway <gateway@example.com>",
        "GATEWAY_TOKEN_UNUSED_DAYS": "10",
        "GATEWAY_ANSWER_CACHE_BYTES": "0",
        "GATEWAY_LANE": "off",
        "GATEWAY_LOG_FORMAT": "json",
        "GATEWAY_LOG_LEVEL": "debug",
    }
    read = Settings.from_environment(given)
    assert set(given) == {variable.name for variable in variables()}
    assert read.public_url == "https://example.com"
    assert read.openapi == Path("books.yaml")
    assert read.last_used_flush_interval_s == 0.25
    assert read.webhook_keys == (KEY, KEY)
    assert read.webhook_allowed_networks == (ip_network("10.1.0.0/16"), ip_network("fd00::/8"))
    for field in fields(Settings):
        assert getattr(read, field.name) != field.default, field.name


def test_every_setting_is_documented():
    for variable in variables():
        assert variable.doc.endswith("."), variable.name


def test_the_defaults_are_written_as_in_the_environment():
    defaults = {variable.name: variable.default for variable in variables()}
    assert defaults["GATEWAY_OPENAPI"] == "openapi/hiring.yaml"
    assert defaults["GATEWAY_PUBLIC_URL"] == ""
    assert defaults["GATEWAY_METRICS"] == "off"


def test_settings_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Settings().log_level = "debug"


def test_variables_of_others_are_none_of_our_business():
    given = {"PATH": "/bin", "gateway_x": "1", "GATEWAY_KEY_EXPORT": "key of a policy's hash"}
    assert Settings.from_environment(given) == Settings()


def test_an_unknown_variable_is_named_with_the_closest_known_one():
    assert refusal(GATEWAY_LOG_LEVLE="info") == (
        "unknown setting `GATEWAY_LOG_LEVLE`; did you mean `GATEWAY_LOG_LEVEL`?"
    )
    assert refusal(GATEWAY_DATABASE_URL="x").endswith("; did you mean `DATABASE_URL`?")
    assert refusal(GATEWAY_X="") == "unknown setting `GATEWAY_X`; unset it"


def test_all_wrong_variables_are_reported_at_once():
    lines = refusal(
        GATEWAY_TYPO="1", GATEWAY_LOG_LEVEL="loud", GATEWAY_MAX_URL_BYTES="many"
    ).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "unknown setting `GATEWAY_TYPO`; unset it",
        "GATEWAY_MAX_URL_BYTES",
        "GATEWAY_LOG_LEVEL",
    ]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("GATEWAY_MAX_BODY_BYTES", "-1"),
        ("GATEWAY_MAX_BODY_BYTES", "1_000"),
        ("GATEWAY_MAX_BODY_BYTES", "١٢"),
        ("GATEWAY_MAX_BODY_BYTES", "1.0"),
        ("GATEWAY_MAX_URL_BYTES", "255"),
        ("GATEWAY_LAST_USED_FLUSH_INTERVAL_S", "0"),
        ("GATEWAY_LAST_USED_FLUSH_INTERVAL_S", "-1"),
        ("GATEWAY_LAST_USED_FLUSH_INTERVAL_S", "nan"),
        ("GATEWAY_LAST_USED_FLUSH_INTERVAL_S", "1e3"),
        ("GATEWAY_POLICY_RELOAD_INTERVAL_S", "-1"),
        ("GATEWAY_METRICS", "true"),
        ("GATEWAY_DISCLOSURE_LOG_MAX_BYTES", "0"),
        ("GATEWAY_DISCLOSURE_LOG_KEEP", "-1"),
        ("GATEWAY_WEBHOOK_ALLOWED_NETWORKS", "10.0.0.1/8"),
        ("GATEWAY_WEBHOOK_ALLOWED_NETWORKS", "localhost"),
        ("GATEWAY_WEBHOOK_PLAIN_HTTP", "yes"),
        ("GATEWAY_LOG_FORMAT", "xml"),
        ("GATEWAY_LOG_LEVEL", "INFO"),
        ("GATEWAY_PUBLIC_URL", "example.com"),
        ("GATEWAY_PUBLIC_URL", "ftp://example.com"),
        ("GATEWAY_PUBLIC_URL", "https://example.com/?a=1"),
        ("GATEWAY_PUBLIC_URL", "https://example.com:port"),
        ("GATEWAY_PUBLIC_URL", "https://example.com:70000"),
        ("GATEWAY_PUBLIC_URL", "https://["),
        ("GATEWAY_PUBLIC_URL", "https://[1.2.3]"),
        ("GATEWAY_PUBLIC_URL", "https://user:password@example.com"),
        ("GATEWAY_PUBLIC_URL", 'https://example.com/"'),
        ("GATEWAY_PUBLIC_URL", "https://example.com/\n"),
    ],
)
def test_a_wrong_value_names_its_variable_and_what_it_must_be(variable: str, value: str):
    assert refusal(**{variable: value}).startswith(f"{variable}: `{value}` must be ")


def test_a_value_that_differs_in_case_gets_a_hint():
    assert refusal(GATEWAY_LOG_LEVEL="Info").endswith("; did you mean `info`?")


@pytest.mark.parametrize(
    "key", ["short", KEY[:-4], KEY + "AAAA", f"{KEY},short", KEY[:-2] + "!=", ","]
)
def test_a_wrong_key_of_webhooks_is_refused_without_being_shown(key: str):
    said = refusal(GATEWAY_WEBHOOK_KEY=key)
    assert said.startswith("GATEWAY_WEBHOOK_KEY: must be a key")
    assert key not in said.removeprefix("GATEWAY_WEBHOOK_KEY").replace(", ", "")
    assert KEY not in repr(Settings(webhook_keys=(KEY,)))


def test_the_database_password_is_not_in_the_repr():
    settings = Settings(database_url="postgresql://app:hunter2@db/hiring")
    assert "hunter2" not in repr(settings)
