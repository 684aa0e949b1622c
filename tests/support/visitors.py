"""People who use the Settings pages over HTTP, without a browser: they follow links and send forms.

Forms are sent as a browser would send them: with all that stands in them, hidden fields too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

PASSWORD = "correct horse battery staple"

# Of PASSWORD, so that a test need not wait for a hash. Weaker than what the project makes.
PASSWORD_HASH = (
    "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$lUbZ8Jzij/5bOe3RDFNWB4YcFPBWi0usvNmLvSsyG7I"
)


@dataclass
class SentForm:
    """A form of a page, with what its fields hold.

    Attributes:
        action: the path that it is sent to.
        fields: name and value of each, in their order; of checkboxes and radio buttons the
            checked ones.
        buttons: the text of each button.
        method: in lower case.
        kinds: of each field by its name: `text`, `hidden`, `password`, `select` …
    """

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)
    method: str = "get"
    kinds: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return next(value for one, value in self.fields if one == name)

    def filled(self, **values: Any) -> list[tuple[str, str]]:
        """Return the fields with other *values*: a text, a list of texts, or None to leave out."""
        kept = [(name, value) for name, value in self.fields if name not in values]
        for name, value in values.items():
            many = value if isinstance(value, list) else [value]
            kept += [(name, one) for one in many if one is not None]
        return kept


@dataclass
class Shown:
    """An answer, as who looks at the page sees it."""

    response: httpx.Response
    forms: list[SentForm]
    text: str
    links: list[str]

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def path(self) -> str:
        return self.response.url.path

    def form(self, action: str, containing: str = "") -> SentForm:
        """Return the one form that is sent to *action* (and has *containing* among its values)."""
        found = [
            one
            for one in self.forms
            if one.action == action
            and (not containing or containing in [value for _, value in one.fields])
        ]
        assert len(found) == 1, (action, [one.action for one in self.forms], self.text)
        return found[0]


class _Reader(HTMLParser):
    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base
        self.forms: list[SentForm] = []
        self.text: list[str] = []
        self.links: list[str] = []
        self._form: SentForm | None = None
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self._area: str | None = None
        self._button = False
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("script", "style", "title"):
            self._silent += 1
        if tag == "a" and given.get("href"):
            self.links.append(urljoin(self.base, given["href"] or ""))
        if tag == "form":
            action = urlsplit(urljoin(self.base, given.get("action") or "")).path
            self._form = SentForm(action, method=(given.get("method") or "get").lower())
            self.forms.append(self._form)
        if self._form is None:
            return
        if tag in ("input", "select", "textarea") and given.get("name"):
            kind = given.get("type") or "text" if tag == "input" else tag
            self._form.kinds[given["name"] or ""] = kind
        if tag == "input" and given.get("name"):
            checkable = given.get("type") in ("checkbox", "radio")
            if not checkable or "checked" in given:
                self._form.fields.append((given["name"] or "", given.get("value") or ""))
        if tag == "select":
            self._select, self._options = given.get("name"), []
        if tag == "option":
            self._options.append((given.get("value") or "", "selected" in given))
        if tag == "textarea":
            self._area = given.get("name")
            self._form.fields.append((self._area or "", ""))
        if tag == "button":
            self._button = True
            self._form.buttons.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "title"):
            self._silent -= 1
        if tag == "select" and self._form is not None and self._select:
            chosen = [value for value, selected in self._options if selected]
            value = chosen or [value for value, _ in self._options][:1]
            self._form.fields += [(self._select, one) for one in value]
            self._select = None
        if tag == "textarea":
            self._area = None
        if tag == "button":
            self._button = False
        if tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        if self._area is not None and self._form is not None:
            name, value = self._form.fields[-1]
            self._form.fields[-1] = (name, value + data)
        if self._button and self._form is not None:
            self._form.buttons[-1] += data
        if not self._silent:
            self.text.append(data)


def shown(response: httpx.Response) -> Shown:
    """Return *response* as a page."""
    reader = _Reader(str(response.url))
    if response.headers.get("content-type", "").startswith("text/html"):
        reader.feed(response.text)
    text = " ".join(" ".join(reader.text).split())
    return Shown(response, reader.forms, text, reader.links)


class Visitor:
    """Somebody with a browser of their own: its cookies, and the page that it shows."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.page: Shown | None = None

    def open(self, path: str, **options: Any) -> Shown:
        """Open a page; redirects are followed."""
        return self._show(self.client.get(path, follow_redirects=True, **options))

    def send(self, action: str, /, containing: str = "", **values: Any) -> Shown:
        """Fill in the form of the shown page that is sent to *action*, and send it."""
        assert self.page is not None
        form = self.page.form(action, containing)
        return self.post(action, form.filled(**values))

    def post(self, path: str, fields: list[tuple[str, str]], **options: Any) -> Shown:
        """Send *fields* to *path*, whatever the shown page is; redirects are followed."""
        headers = {"content-type": "application/x-www-form-urlencoded"} | options.pop("headers", {})
        body = str(httpx.QueryParams(fields))
        answer = self.client.post(
            path, content=body, headers=headers, follow_redirects=True, **options
        )
        return self._show(answer)

    def sign_in(self, email: str, password: str = PASSWORD, path: str = "/settings") -> Shown:
        """Open *path*, and sign in where it leads to."""
        self.open(path)
        return self.send("/settings/sign-in", email=email, password=password)

    def _show(self, response: httpx.Response) -> Shown:
        self.page = shown(response)
        return self.page
