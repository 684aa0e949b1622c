"""Strict YAML: what is read, what is refused, and on which line."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from gateway import strictyaml
from gateway.errors import ConfigError

PATH = Path("a.yaml")


@pytest.fixture(autouse=True, params=["libyaml", "without libyaml"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test with both parsers that PyYAML may have."""
    with_libyaml = request.param == "libyaml"
    monkeypatch.setattr(
        strictyaml, "_Loader", yaml.CSafeLoader if with_libyaml else yaml.SafeLoader
    )


def refused(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        strictyaml.parse(text, PATH)
    return [str(finding) for finding in caught.value.findings]


def test_plain_data_is_json() -> None:
    text = "a: 1\nb: [x, -1.5, true, null, ~]\nc: {d: \"yes\", e: '404'}\nf:\ng: 1.0e+3\n"
    assert strictyaml.parse(text, PATH).data == {
        "a": 1,
        "b": ["x", -1.5, True, None, None],
        "c": {"d": "yes", "e": "404"},
        "f": None,
        "g": 1000.0,
    }


def test_empty_file_is_none() -> None:
    file = strictyaml.parse("# nothing\n", PATH)
    assert file.data is None
    assert file.line_of("/a") is None


def test_every_value_has_the_line_of_its_key() -> None:
    file = strictyaml.parse("a:\n  b:\n    - x\n    - c: 1\n/d~: 2\n", PATH)
    assert dict(file.lines) == {"": 1, "/a": 1, "/a/b": 2, "/a/b/0": 3, "/a/b/1": 4} | {
        "/a/b/1/c": 4,
        "/~1d~0": 5,
    }


def test_line_of_what_is_missing_is_that_of_its_nearest_parent() -> None:
    file = strictyaml.parse("a:\n  b:\n    c: 1\n", PATH)
    assert file.line_of("/a/b/x/y/z") == 2
    assert file.line_of("/nowhere") == 1


def test_pointer_and_tokens_are_inverse() -> None:
    at = strictyaml.pointer("paths", "/a~b/{id}", "get", 0)
    assert at == "/paths/~1a~0b~1{id}/get/0"
    assert strictyaml.tokens_of(at) == ("paths", "/a~b/{id}", "get", "0")
    assert strictyaml.tokens_of("") == ()


def test_key_that_stands_twice_is_refused() -> None:
    assert refused("a: 1\nb: 2\na: 3\n") == [
        "a.yaml:3: key `a` stands twice, first in line 1; keep one"
    ]


def test_everything_refused_is_reported_at_once() -> None:
    assert refused("a: 1\na: 2\nb:\n  c: yes\n  404: x\n") == [
        "a.yaml:2: key `a` stands twice, first in line 1; keep one",
        "a.yaml:5: key `404` must be a string; quote it",
        "a.yaml:4: `yes` does not read alike in all YAML versions; quote it",
    ]


@pytest.mark.parametrize(
    ("text", "sign"), [("a: &x 1\nb: *x\n", "&x"), ("a: &x [1]\n", "&x"), ("a: *x\n", "*x")]
)
def test_anchors_and_aliases_are_refused(text: str, sign: str) -> None:
    assert refused(text) == [
        f"a.yaml:1: `{sign}`: anchors and aliases are refused; write the value out"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<<: {a: 1}\n", "merge key `<<` is refused; write the entries out"),
        ("on: 1\n", "key `on` must be a string; quote it"),
        ("[a]: 1\n", "a key must be a string, not a list or a mapping"),
        ("a: !!set {x}\n", "tag `tag:yaml.org,2002:set` is refused; write plain YAML"),
        ("a: !own 1\n", "tag `!own` is refused; write plain YAML"),
        ("a: !own [1]\n", "tag `!own` is refused; write plain YAML"),
    ],
)
def test_what_json_lacks_is_refused(text: str, message: str) -> None:
    assert refused(text) == [f"a.yaml:1: {message}"]


@pytest.mark.parametrize(
    "word", ["yes", "Off", "NO", "0777", "1_000", "12:30", "2026-01-15", "1e3", "0o7", ".inf"]
)
def test_words_that_yaml_versions_read_differently_are_refused(word: str) -> None:
    assert refused(f"a: [{word}]\n") == [
        f"a.yaml:1: `{word}` does not read alike in all YAML versions; quote it"
    ]
    assert strictyaml.parse(f"a: ['{word}']\n", PATH).data == {"a": [word]}


def test_broken_yaml_is_told_with_its_line() -> None:
    [message] = refused("a: 1\nb: [1\n")
    # Each parser in its words: "expected ',' or ']'" is in both.
    assert message.startswith("a.yaml:3: is not YAML: while parsing a flow sequence ")
    assert "expected ',' or ']'" in message


@pytest.mark.parametrize("depth", [61, 20_000])
@pytest.mark.parametrize(("begin", "end"), [("[", "]"), ("{a: ", "}"), ("[", "")])
def test_what_is_nested_too_deep_is_refused(depth: int, begin: str, end: str) -> None:
    [message] = refused(f"a:\n  {begin * (depth - 1)}{end * (depth - 1)}\n")
    assert message == "a.yaml:2: is nested more than 60 deep; make it flatter"


def test_what_is_as_deep_as_may_be_is_read() -> None:
    assert strictyaml.parse("[" * 60 + "]" * 60, PATH).line_of("/0" * 59) == 1


def test_second_document_is_refused() -> None:
    [message] = refused("a: 1\n---\nb: 1\n")
    assert message.startswith("a.yaml:2: is not YAML: expected a single document")


def test_control_character_is_refused() -> None:
    assert refused("a: 1\nb: \x07\n") == [
        "a.yaml:2: has the character U+0007, which YAML forbids; remove it"
    ]


def test_file_is_read_as_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("a: é\nb: ü\n".encode())
    assert strictyaml.load(path).data == {"a": "é", "b": "ü"}
    path.write_bytes(b"a: x\nb: \xe9\n")
    with pytest.raises(ConfigError, match=r"a\.yaml:2: is not UTF-8; save it as UTF-8$"):
        strictyaml.load(path)


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot be read: No such file or directory"):
        strictyaml.load(tmp_path / "none.yaml")
