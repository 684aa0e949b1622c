"""An account with one of everything that pages of the Settings show, made without a page."""

from __future__ import annotations

from dataclasses import dataclass

from places import place

from gateway import invitations, tokens
from gateway.audit import SYSTEM
from gateway.roles import Role
from gateway.settings import Settings
from gateway.spec import Document
from gateway.webhooks.service import endpoints_of
from models import Account, Invitation, Session, User, WebhookDelivery

SCOPES = ("applications:read", "candidates:read", "job_postings:read")


@dataclass
class Scene:
    """An account with one of everything.

    Attributes:
        ids: what stands in the paths of its pages.
        secrets: of its token, its endpoint and its invitation.
    """

    account: Account
    ids: dict[str, str]
    secrets: list[str]

    def at(self, path: str) -> str:
        return place(path, self.ids)


def furnished(
    account: Account, admin: str, member: str, document: Document, key: str, now: int
) -> Scene:
    """Put one of everything into *account*.

    Args:
        admin, member: addresses of two of its people; most of it is the administrator's.
        key: encrypts the secret of the webhook.
    """
    owner, other = (User.get(User.email == email) for email in (admin, member))
    token, first = tokens.create(
        account=account,
        user=owner,
        name="Of the scene",
        scopes=SCOPES[:1],
        expires_at=None,
        by=SYSTEM,
        now=now,
        known_scopes=SCOPES,
    )
    _, second = tokens.rotate(token, keep_old_hours=24, by=SYSTEM, now=now)
    domain = endpoints_of(Settings(webhook_keys=(key,)), document)
    endpoint, signing = domain.create(
        account=account,
        url="https://203.0.114.7/hooks",
        events=["application.created"],
        scopes=[],
        by=SYSTEM,
        now=now,
    )
    delivery = WebhookDelivery.create(
        public_id=f"whd_{account.id}",
        endpoint=endpoint,
        message_id=f"evt_{account.id}",
        type="application.created",
        subject_id="app_1",
        occurred_at=now,
        created_at=now,
        state="failed",
        tries=1,
        ended_at=now,
    )

    def invite(name: str) -> tuple[Invitation, str]:
        email = f"{name}{account.id}@example.com"
        return invitations.invite(account, email, Role.MEMBER, by=SYSTEM, now=now)

    offer, _ = invite("withdrawn")
    _, code = invite("invited")
    session = Session.create(
        public_id=f"ses_{account.id}",
        digest=f"{account.id}" * 64,
        user=owner,
        selected_account=account,
        created_at=now,
        seen_at=now,
        address="192.0.2.1",
        agent="Another browser",
    )
    ids = {
        "token": token.public_id,
        "user": other.public_id,
        "invitation": offer.public_id,
        "code": code,
        "session": session.public_id,
        "endpoint": endpoint.public_id,
        "delivery": delivery.public_id,
    }
    return Scene(account, ids, [first, second, signing, code])
