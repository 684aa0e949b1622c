"""Names and e-mail addresses as people type them in."""

import pytest

from gateway.texts import checked_email, checked_name


def test_a_name_loses_the_blanks_around_it():
    assert checked_name("  Job board\t") == "Job board"


@pytest.mark.parametrize("name", ["x" * 255, "Société\u00a0Générale", "می\u200cخواهم", "👩‍🔬"])
def test_a_name_may_be_in_any_script(name: str):
    assert checked_name(name) == name


@pytest.mark.parametrize("name", ["", " \t ", "x" * 256, "a\0b", "a\nb", "a\x1b[31mb", "a\ud800"])
def test_a_name_that_a_database_or_a_terminal_cannot_take_is_refused(name: str):
    with pytest.raises(ValueError, match=r"^must "):
        checked_name(name)


def test_an_address_is_kept_in_lower_case():
    assert checked_email("Ann.Lee+jobs@Example.COM") == "ann.lee+jobs@example.com"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ann",
        "ann@",
        "@example.com",
        "ann@@example.com",
        "ann lee@example.com",
        "ann@example..com",
        "ann@-example.com",
        "ann@example.com\n",
        "ann@example.com, bob@example.com",
        "x" * 243 + "@example.com",
    ],
)
def test_what_is_no_address_is_refused(address: str):
    with pytest.raises(ValueError, match="must be an e-mail address"):
        checked_email(address)


def test_the_longest_address_has_254_characters():
    longest = "x" * 242 + "@example.com"
    assert len(longest) == 254
    assert checked_email(longest) == longest
