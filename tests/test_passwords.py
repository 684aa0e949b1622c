"""Passwords are kept as Argon2id hashes."""

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from gateway.passwords import MAX_LENGTH, MIN_LENGTH, hashed


def test_a_hash_verifies_its_password_and_no_other():
    stored = hashed("correct horse battery")
    assert stored.startswith("$argon2id$")
    assert PasswordHasher().verify(stored, "correct horse battery")
    with pytest.raises(VerifyMismatchError):
        PasswordHasher().verify(stored, "correct horse batterY")


def test_two_hashes_of_one_password_differ():
    assert hashed("correct horse battery") != hashed("correct horse battery")


def test_a_letter_typed_as_two_code_points_is_the_same_letter():
    assert PasswordHasher().verify(hashed("mot de passe\u0301!"), "mot de pass\u00e9!")


@pytest.mark.parametrize("password", ["", "x" * (MIN_LENGTH - 1), "x" * (MAX_LENGTH + 1)])
def test_a_password_of_another_length_is_refused(password: str):
    with pytest.raises(ValueError, match="must have 12 to 1024 characters"):
        hashed(password)


def test_a_password_that_is_no_text_is_refused():
    with pytest.raises(ValueError, match="must be text"):
        hashed("correct horse \udcff")
