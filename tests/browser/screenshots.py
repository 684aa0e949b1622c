"""Makes the README's pictures of the Settings pages: `make screenshots` writes docs/screenshots/.

A server of its own with made-up people and tokens, looked at with Debian's Chromium.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from hooked import Hooked, Seed  # noqa: E402
from live_gateway import SCOPES, Commands, serving  # noqa: E402

from gateway import accounts, invitations, tokens  # noqa: E402
from gateway.audit import SYSTEM, Actor  # noqa: E402
from gateway.database import connect  # noqa: E402
from gateway.roles import Role  # noqa: E402
from models import Membership, Token  # noqa: E402

PASSWORD = "correct horse battery staple"
ADMIN, MEMBER, SECOND = "ann@example.com", "bo@example.com", "cleo@example.com"
DAY_S = 86_400
HOUR_S = 3_600
SIZE = {"width": 1180, "height": 780}
NARROW = {"width": 360, "height": 780}


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture.

    Attributes:
        path: of the page; `{token}` stands for the id of the token "Job board", `{well}` and the
            other names of `Hooked` for those of webhooks.
        then: what is done on the page before it is taken.
    """

    name: str
    path: str
    then: Callable[[Page], None] = lambda page: None
    scheme: str = "light"
    size: tuple[int, int] = (SIZE["width"], SIZE["height"])


def choose_applications(page: Page) -> None:
    page.get_by_label("Name").fill("Careers page")
    page.get_by_role("checkbox", name="applications:read").check()
    expect(page.locator("details[open]").get_by_text("hidden ·")).to_have_count(3)


def add_candidates(page: Page) -> None:
    page.get_by_role("checkbox", name="candidates:read").check()
    page.get_by_text("Becomes visible", exact=True).scroll_into_view_if_needed()


def choose_events(page: Page) -> None:
    page.get_by_label("Address").fill("https://hooks.example.com/hiring")
    page.get_by_role("checkbox", name="application.created").check()
    page.get_by_role("checkbox", name="candidate.created").check()
    page.get_by_role("checkbox", name="applications:read").check()
    expect(page.locator("details[open]").get_by_text("hidden ·")).to_have_count(3)


def open_member(page: Page) -> None:
    page.get_by_role("link", name=f"Manage {MEMBER}").click()
    page.get_by_role("button", name="Remove the member").wait_for()


SHOTS = (
    Shot("tokens", "/settings/api"),
    Shot("new-token", "/settings/api/new", choose_applications),
    Shot("edit-token", "/settings/api/{token}", add_candidates, scheme="dark"),
    Shot("members", "/settings/members"),
    Shot("member", "/settings/members", open_member, scheme="dark"),
    Shot("audit", "/settings/audit?action=token"),
    Shot("webhooks", "/settings/webhooks"),
    Shot("new-webhook", "/settings/webhooks/new", choose_events),
    Shot("deliveries", "/settings/webhooks/{well}/deliveries", scheme="dark"),
    Shot(
        "tokens-narrow",
        "/settings/api",
        scheme="dark",
        size=(NARROW["width"], NARROW["height"]),
    ),
)


def seed(url: str, account_id: str, now: int) -> str:
    """Make tokens in every state, and open invitations; return the id of the first token."""
    with closing(connect(url)) as database, database.connection_context():
        account = accounts.find_account(account_id)

        def token(name: str, email: str, scopes: tuple[str, ...], age_days: int, **times: int):
            made, _ = tokens.create(
                account=account,
                user=accounts.find_user(email),
                name=name,
                scopes=scopes,
                expires_at=None,
                by=Actor.of(accounts.find_user(email), "203.0.113.7"),
                now=now - age_days * DAY_S,
                known_scopes=SCOPES,
            )
            Token.update(times).where(Token.id == made.id).execute()
            return tokens.find(made.public_id)

        for email, age_days in ((ADMIN, 400), (MEMBER, 200), (SECOND, 75)):
            joined = {"created_at": now - age_days * DAY_S}
            user = accounts.find_user(email)
            Membership.update(joined).where(Membership.user == user).execute()
        for email, role in (("kim@example.com", Role.MEMBER), ("lee@example.com", Role.ADMIN)):
            invitations.invite(account, email, role, by=SYSTEM, now=now - DAY_S)
        first = token("Job board", ADMIN, SCOPES[2:], 120, last_used_at=now - 90)
        token(
            "HR sync",
            ADMIN,
            SCOPES[1:],
            80,
            last_used_at=now - 3 * HOUR_S,
            expires_at=now + 5 * DAY_S,
        )
        token(
            "Pipeline dashboard", MEMBER, SCOPES[:1] + SCOPES[2:], 64, last_used_at=now - 41 * DAY_S
        )
        token("Trial of last spring", MEMBER, SCOPES[:1], 200, expires_at=now - 20 * DAY_S)
        rotated = token("Warehouse export", ADMIN, SCOPES, 30, last_used_at=now - 600)
        ann = Actor.of(accounts.find_user(ADMIN), "203.0.113.7")
        tokens.rotate(rotated, keep_old_hours=24, by=ann, now=now - HOUR_S)
        tokens.update(
            first,
            name="Job board of the website",
            by=ann,
            now=now - 2 * HOUR_S,
            known_scopes=SCOPES,
        )
        tokens.update(first, name="Job board", by=ann, now=now - HOUR_S, known_scopes=SCOPES)
        dead = token("Pasted into a ticket", MEMBER, SCOPES, 90, last_used_at=now - 60 * DAY_S)
        tokens.revoke(dead, by=ann, now=now - 60 * DAY_S)
        return str(first.public_id)


def seed_webhooks(url: str, account_id: str, key: str, now: int) -> Hooked:
    """Make webhooks in every state."""
    with closing(connect(url)) as database, database.connection_context():
        return Seed(accounts.find_account(account_id), key, now).all()


def take(browser: Browser, url: str, ids: dict[str, str], folder: Path) -> None:
    for shot in SHOTS:
        width, height = shot.size
        context = browser.new_context(
            base_url=url,
            viewport={"width": width, "height": height},
            color_scheme=shot.scheme,
            locale="en-GB",
            timezone_id="Europe/Berlin",
        )
        page = context.new_page()
        page.goto("/settings/sign-in")
        page.get_by_label("E-mail address").fill(ADMIN)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Sign out").wait_for()
        page.goto(shot.path.format(**ids))
        shot.then(page)
        page.screenshot(path=folder / f"{shot.name}.png")
        context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("there is no Chromium; install Debian's `chromium`")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        gateway = Commands(f"sqlite:///{scratch}/gateway.db")
        gateway.run("migrate")
        account = gateway.run("account", "create", "Acme")
        for email, role in ((ADMIN, "admin"), (MEMBER, "member"), (SECOND, "admin")):
            gateway.run("user", "create", email, "--password-stdin", stdin=PASSWORD)
            gateway.run("member", "add", "--account", account, "--user", email, "--role", role)
        database, now = gateway.environment["DATABASE_URL"], int(time.time())
        key = gateway.run("webhook", "key")
        hooked = seed_webhooks(database, account, key, now)
        ids = {"token": seed(database, account, now), **asdict(hooked)}
        # Nothing is sent to the made-up addresses.
        environment = gateway.environment | {
            "GATEWAY_WEBHOOK_KEY": key,
            "GATEWAY_SERVE_JOBS": "off",
        }
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        with serving(environment, Path(scratch) / "log") as url:
            take(browser, url, ids, folder)
        browser.close()


if __name__ == "__main__":
    main()
