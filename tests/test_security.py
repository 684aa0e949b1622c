"""Guards the contract's "Authentication": which headers carry a token, and which do not."""

from __future__ import annotations

import pytest

from gateway.errors import Unauthorized
from gateway.security import secret_of

SECRET = "0123456789abcdef0123456789abcdef"


def headers(*values: str) -> list[tuple[bytes, bytes]]:
    return [(b"accept", b"*/*"), *((b"authorization", value.encode()) for value in values)]


@pytest.mark.parametrize(
    "value",
    [
        f"Bearer {SECRET}",
        f"bearer {SECRET}",
        f"BEARER {SECRET}",
        f"token {SECRET}",
        f"Token {SECRET}",
        f"TOKEN   {SECRET}",
    ],
)
def test_both_schemes_in_any_case_with_one_or_more_blanks_carry_a_token(value):
    assert secret_of(headers(value)) == SECRET


def test_no_header_carries_none():
    assert secret_of(headers()) is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        SECRET,
        f"Basic {SECRET}",
        f"Bearer{SECRET}",
        f"Bearer\t{SECRET}",
        f"Bearer {SECRET} ",
        f"Bearer {SECRET} extra",
        f"Bearer {SECRET},Bearer {SECRET}",
        f"Bearer {SECRET[:-1]}",
        f"Bearer {SECRET}0",
        f"Bearer {SECRET.upper()}",
        f"Bearer {SECRET[:-1]}g",
        f"Bearer {SECRET}\n",
    ],
)
def test_anything_else_is_401_that_says_invalid_token(value):
    with pytest.raises(Unauthorized) as caught:
        secret_of(headers(value))
    assert caught.value.headers == {"WWW-Authenticate": 'Bearer error="invalid_token"'}


def test_two_headers_are_401():
    with pytest.raises(Unauthorized):
        secret_of(headers(f"Bearer {SECRET}", f"Bearer {SECRET}"))
