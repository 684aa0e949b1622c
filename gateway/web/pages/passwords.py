"""The two fields in which a new password is typed, twice: nobody can mail a new one."""

from __future__ import annotations

from gateway import passwords
from gateway.web.forms import Form

FIELD, AGAIN = "new_password", "new_password_again"


def new_password(form: Form) -> str | None:
    """Return the new password of *form*; None, and an error at its field, if there is none."""
    password = form.text(FIELD)
    if form.read(FIELD, "The password", passwords.checked) is None:
        return None
    if form.text(AGAIN) != password:
        form.fail(AGAIN, "The passwords are not the same.")
        return None
    return password
