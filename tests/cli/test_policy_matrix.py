"""`gateway policy matrix`: its formats and refusals. What it says is tested in tests/policy."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import pytest

from gateway.cli import environment
from gateway.cli.policy import given, matrix_table, wording
from gateway.policy.matrix import matrix

NOW = 1_780_000_000  # 2026-05-28


@pytest.fixture
def page(gateway, monkeypatch) -> str:
    monkeypatch.setattr(environment, "now", lambda: NOW)
    return gateway.done("policy", "matrix", "--format", "html")


def test_in_a_pipe_it_is_aligned_text_with_a_legend(gateway):
    printed = gateway.done("policy", "matrix", "--operation", "get_application")
    assert "get_application  GET /applications/{id}  requires applications:read" in printed
    assert "A+C     applications:read, candidates:read" in printed
    assert re.search(r"^candidate\.first_name +PII +403 +hidden +value$", printed, re.MULTILINE)
    assert re.search(r"^candidate\.id +- +403 +value +value$", printed, re.MULTILINE)
    assert "\x1b" not in printed
    assert max(map(len, printed.splitlines())) <= 100


def test_csv_has_a_line_for_each_cell(gateway):
    printed = gateway.done(
        "policy", "matrix", "--component", "ApplicationCandidate", "--format", "csv"
    )
    rows = list(csv.DictReader(io.StringIO(printed)))
    assert {row["component"] for row in rows} == {"ApplicationCandidate"}
    [cell] = [
        row
        for row in rows
        if (row["operation"], row["property"], row["scopes"])
        == ("list_applications", "email", "applications:read")
    ]
    assert (cell["field"], cell["class"]) == ("data[].candidate.email", "PII")
    assert (cell["shown"], cell["rule"]) == ("hidden", cell["rule"])
    assert re.fullmatch(r".*policies/application_candidate\.yaml:9", cell["rule"])


def test_json_has_a_cell_for_each_scope_set(gateway):
    made = gateway.json(
        "policy", "matrix", "--operation", "get_token", "--operation", "get_application"
    )
    assert made == json.loads(
        gateway.done(
            "policy",
            "matrix",
            "--operation",
            "get_application",
            "--operation",
            "get_token",
            "--format",
            "json",
        )
    )
    application, token = made["operations"]
    assert application["scope_sets"] == [
        [],
        ["applications:read"],
        ["applications:read", "candidates:read"],
    ]
    assert token["scope_sets"] == [[]]
    by_field = {one["field"]: one for one in application["fields"]}
    assert [cell["shown"] for cell in by_field["candidate.email"]["cells"]] == [
        "not reached",
        "hidden",
        "value",
    ]


def test_it_is_written_into_a_file(gateway, tmp_path):
    path = tmp_path / "matrix.csv"
    words = ("policy", "matrix", "--format", "csv")
    assert gateway.done(*words, "--output", str(path)) == ""
    assert path.read_text() == gateway.done(*words) + "\n"


def test_a_file_that_cannot_be_written_is_told(gateway, tmp_path):
    path = tmp_path / "none" / "matrix.csv"
    assert gateway.refusal("policy", "matrix", "--output", str(path)) == (
        f"{path}: cannot be written: No such file or directory"
    )


def test_unknown_names_are_refused_with_the_closest(gateway):
    assert gateway.refusal("policy", "matrix", "--operation", "get_aplication") == (
        "unknown operation `get_aplication`; did you mean `get_application`?"
    )
    assert gateway.refusal("policy", "matrix", "--component", "Candidat") == (
        "unknown component `Candidat`; did you mean `Candidate`?"
    )
    assert gateway.refusal("policy", "matrix", "--operation", "zzz") == (
        "unknown operation `zzz`; name an `operationId`, or a type of events, of the document"
    )


def test_filters_that_leave_nothing_are_told(gateway):
    words = ("--operation", "get_token", "--component", "Candidate")
    assert gateway.refusal("policy", "matrix", *words).startswith("no answer has such a field;")


def test_an_unknown_format_is_wrong_usage(gateway):
    assert gateway("policy", "matrix", "--format", "pdf").exit_code == 2


def test_policies_that_do_not_hold_have_no_matrix(gateway, tmp_path, monkeypatch):
    monkeypatch.setenv("GATEWAY_POLICIES", str(tmp_path))
    assert "has no `classes.yaml`" in gateway.refusal("policy", "matrix")


def test_on_a_terminal_tables_are_drawn_that_fit_a_hundred_columns(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    model = given.model()
    matrix_table.draw(matrix(model, model.document.operations.values()))
    drawn = capsys.readouterr().out
    assert "┃ field" in drawn
    assert re.search(r"data\[\]\.candidate\.email +│ PII +│ 403 +│ hidden +│ value", drawn)
    assert re.search(r"│ data\[\]\.applications\[\]\.current_stage_name +│", drawn)
    assert max(map(len, drawn.splitlines())) <= 100


# --- the page -------------------------------------------------------------------------------------


class Outline(HTMLParser):
    """Collects what a page asks the browser for, and its tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "action")]


def test_the_page_needs_no_script_and_no_other_file(page):
    outline = Outline(page)
    assert not {"script", "link", "img", "iframe", "form"} & set(outline.tags)
    assert all(address.startswith("#") for address in outline.addresses)
    assert "url(" not in page
    assert "@import" not in page


def test_the_page_tells_when_and_of_what_it_was_made(page, gateway):
    revision = gateway.json("policy", "matrix")["policy_revision"]
    assert "<dd>2026-05-28</dd>" in page
    assert f"<code>{revision}</code>" in page
    assert "Hiring API: who is shown what" in page


def test_the_page_has_a_table_for_each_operation_with_reasons(page):
    for operation in ("list_job_postings", "get_candidate", "get_application", "get_token"):
        assert f'<h2 id="{operation}">' in page
    assert "job boards may follow an application without learning who applied" in page
    assert "it tells who a person is or how to reach them" in page
    assert "a candidate is shown with what they applied to" in page


def test_each_cell_of_the_page_says_in_words_what_its_colour_says(page):
    cells = re.findall(
        r'<td class="cell (\w+)"[^>]*><span aria-hidden="true">.</span> (.+?)</td>', page
    )
    assert {words for state, words in cells if state == "value"} == {"value"}
    assert {words for state, words in cells if state == "hidden"} == {"hidden"}
    assert {words for state, words in cells if state == "refused"} == {"not reached"}


def test_texts_of_the_policies_are_escaped_on_the_page(gateway, policies):
    path = policies / "candidate.yaml"
    path.write_text(path.read_text().replace("because: names", "because: <b>names</b> & more"))
    made = gateway.done("policy", "matrix", "--format", "html")
    assert "&lt;b&gt;names&lt;/b&gt; &amp; more" in made


# --- labels ---------------------------------------------------------------------------------------


def test_labels_are_short_and_told_apart():
    few = wording.labels([frozenset(), frozenset({"a:read", "b:read"})], ["a:read", "b:read"])
    assert list(few.values()) == ["NONE", "A+B"]
    alike = ["books:read", "books:write"]
    assert list(wording.labels([frozenset(alike[:1])], alike).values()) == ["S1"]
    many = [f"s{number}:read" for number in range(12)]
    labels = wording.labels([frozenset(many[:1]), frozenset(many)], many)
    assert list(labels.values()) == ["S0:", "#2"]
