"""`gateway mail`: whether mail leaves."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli import environment
from gateway.cli.usage import examples
from gateway.errors import CommandError, echo

commands = typer.Typer()
group = typer.Typer(help="Mail: alerts to the administrators of an account.")
commands.add_typer(group, name="mail", no_args_is_help=True)

SUBJECT = "A test of the hiring gateway's mail"
TEXT = """\
This is a test: the hiring gateway can send mail.

Its links will begin with {public_url}
"""
UNSET = "no mail server is named; set GATEWAY_SMTP_HOST, GATEWAY_MAIL_FROM and GATEWAY_PUBLIC_URL"


@group.command(epilog=examples("gateway mail test ann@example.com"))
def test(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Who is to get it.")],
) -> None:
    """Send a mail at once, by the settings that alerts are sent by.

    Needs no database. Says what the server took or refused.
    """
    from gateway.ids import new_id
    from gateway.mail import Unsent, mail_of
    from gateway.texts import checked_email

    mail = mail_of(environment.settings())
    if mail is None:
        raise CommandError(UNSET)
    try:
        to = checked_email(email)
    except ValueError as error:
        raise CommandError(f"`{echo(email)}` {error}") from error
    text = TEXT.format(public_url=mail.public_url)
    message_id, now = new_id("mail"), environment.now()
    try:
        mail.send(mail.message(to, SUBJECT, text, message_id=message_id, written_at=now))
    except Unsent as error:
        raise CommandError(f"not sent: {error}; see the settings GATEWAY_SMTP_…") from error
    typer.echo(f"the server took a mail to `{to}`")
