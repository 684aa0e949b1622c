"""The grammar: every way to write a policy file wrong is told with file, line and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway import policy
from gateway.errors import ConfigError
from gateway.policy.ways import DROP, VALUE, Hash, Mask, Truncate

CLASSES = "classes:\n  PII: {needs: [readers:read], because: b}\n"
HEAD = "component: Book\nbecause: b\n"


def read(directory: Path, **files: str) -> policy.PolicySet:
    for name, text in {"classes": CLASSES, **files}.items():
        (directory / f"{name}.yaml").write_text(text, encoding="utf-8")
    return policy.read(directory)


def refused(directory: Path, **files: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(directory, **files)
    return [str(finding).removeprefix(f"{directory}/") for finding in caught.value.findings]


def test_short_forms(tmp_path: Path) -> None:
    rules = read(tmp_path, book=HEAD + "show:\n  a: always\n  b: drop\n  c: books:read\n")
    always, drop, scope = rules.components["Book"].show
    assert [(tier.scopes, tier.way) for tier in always.tiers] == [(frozenset(), VALUE)]
    assert [(tier.scopes, tier.way) for tier in drop.tiers] == [(frozenset(), DROP)]
    assert [(tier.scopes, tier.way) for tier in scope.tiers] == [({"books:read"}, VALUE)]
    assert (scope.name, scope.location.line) == ("c", 6)


def test_long_form(tmp_path: Path) -> None:
    text = HEAD + (
        "show:\n"
        "  a:\n"
        "    - {with: books:read, as: value}\n"
        "    - {with: [a:read, b:read], as: {mask: {first: 1, last: 2}}}\n"
        "    - with: always\n"
        "      as: {mask: {}}\n"
        "    - {with: always, as: {truncate: {keep: 2}}}\n"
        "    - {with: always, as: {truncate: {keep: 2, suffix: x}}}\n"
        "    - {with: always, as: {hash: {key: A_KEY}}}\n"
        "    - {with: always, as: drop}\n"
    )
    [rule] = read(tmp_path, book=text).components["Book"].show
    assert [tier.way for tier in rule.tiers] == [
        VALUE,
        Mask(1, 2),
        Mask(),
        Truncate(2, "…"),
        Truncate(2, "x"),
        Hash("A_KEY"),
        DROP,
    ]
    assert rule.tiers[1].scopes == {"a:read", "b:read"}
    assert [tier.location.line for tier in rule.tiers] == [5, 6, 7, 9, 10, 11, 12]


def test_public_examples_classes_and_acknowledgements(tmp_path: Path) -> None:
    rules = read(
        tmp_path,
        book=HEAD + "public: [a]\nexamples:\n  - {scopes: [], given: {a: 1}, gives: {}}\n",
        classes=CLASSES
        + "acknowledge:\n  - {component: B, category: PII, with: [x:y], because: c}\n",
    )
    book = rules.components["Book"]
    assert (book.because, book.location.line) == ("b", 1)
    [public] = book.public
    assert (public.name, public.public, public.tiers[0].way) == ("a", True, VALUE)
    [example] = book.examples
    assert (example.scopes, example.given, example.gives) == (frozenset(), {"a": 1}, {})
    assert rules.classes["PII"].needs == {"readers:read"}
    [acknowledgement] = rules.acknowledgements
    assert (acknowledgement.component, acknowledgement.scopes) == ("B", {"x:y"})


FEW = "must have at least 1; add one or remove it"
RULE = "`always`, `drop` or a scope such as `books:read`"
SCOPE = "a scope such as `books:read`"
WAY = "`value` or `drop` or one of `mask`, `truncate`, `hash`"
VARIABLE = "the name of an environment variable, such as `GATEWAY_EXPORT_KEY`"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("shwo: {}", "unknown key `shwo`; did you mean `show`?"),
        (
            "deny: {}",
            "unknown key `deny`; choose from `component`, `because`, `public`, `show`, `examples`",
        ),
        ("because: b", "key `because` stands twice, first in line 2; keep one"),
        ("public: id", "`public` must be a list"),
        ("public: []", f"`public` {FEW}"),
        ("public: [a, a]", "`public` names something twice; keep one"),
        ("show: {}", f"`show` {FEW}"),
        ("show: [a]", "`show` must be a mapping"),
        ("show: {a: 1}", f"`a` must be {RULE} or a list of tiers"),
        ("show: {a: allways}", f"`allways` must be {RULE}"),
        ("show: {a: 'not books:read'}", f"`not books:read` must be {RULE}"),
        ("show: {a: []}", f"`a` {FEW}"),
        ("show: {a: [{with: always}]}", "`as` is missing; add it"),
        ("show: {a: [{as: value}]}", "`with` is missing; add it"),
        (
            "show: {a: [{whit: always, with: always, as: value}]}",
            "unknown key `whit`; did you mean `with`?",
        ),
        ("show: {a: [{with: drop, as: value}]}", f"`drop` must be `always` or {SCOPE}"),
        ("show: {a: [{with: [always], as: value}]}", f"`always` must be {SCOPE}"),
        ("show: {a: [{with: [], as: value}]}", f"`with` {FEW}"),
        ("examples: [{scopes: [], given: {}}]", "`gives` is missing; add it"),
        ("examples: [{scopes: [a], given: {}, gives: {}}]", f"`a` must be {SCOPE}"),
    ],
)
def test_fault_in_a_policy_is_told_on_its_line(tmp_path: Path, line: str, message: str) -> None:
    assert refused(tmp_path, book=f"{HEAD}{line}\n") == [f"book.yaml:3: {message}"]


@pytest.mark.parametrize(
    ("way", "message"),
    [
        ("valu", "`as` cannot be `valu`; did you mean `value`?"),
        ("mask", "`as` cannot be `mask`; choose from `value`, `drop`"),
        ("1", f"`as` must be {WAY}"),
        ("{}", f"`as` {FEW}"),
        ("{msk: {}}", "unknown key `msk`; did you mean `mask`?"),
        ("{mask: {}, hash: {key: K}}", "`as` must have at most 1"),
        ("{mask: {first: -1}}", "`first` must be at least 0"),
        ("{mask: {keep: 1}}", "unknown key `keep`; choose from `first`, `last`"),
        ("{truncate: {}}", "`keep` is missing; add it"),
        ("{truncate: {keep: one}}", "`keep` must be a whole number"),
        ("{hash: {}}", "`key` is missing; add it"),
        ("{hash: {key: s3cret}}", f"`s3cret` must be {VARIABLE}"),
    ],
)
def test_fault_in_a_way_is_told_on_its_line(tmp_path: Path, way: str, message: str) -> None:
    text = f"{HEAD}show:\n  a:\n    - with: always\n      as: {way}\n"
    assert refused(tmp_path, book=text) == [f"book.yaml:6: {message}"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file must be a mapping"),
        ("component: Book\n", "`because` is missing; add it"),
        ("because: b\n", "`component` is missing; add it"),
        ("component: ''\nbecause: b\n", "`component` must not be empty"),
    ],
)
def test_policy_without_its_head_is_refused(tmp_path: Path, text: str, message: str) -> None:
    [finding] = refused(tmp_path, book=text)
    assert finding.endswith(f": {message}")


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("a: 1\n", "classes.yaml:1: `classes` is missing; add it"),
        (
            "classes:\n  PII: {need: [a:b], because: b}\n",
            "classes.yaml:2: `needs` is missing; add it",
        ),
        (
            "classes:\n  PII: {needs: [a:b, a], because: b}\n",
            "classes.yaml:2: `a` must be a scope such as `books:read`",
        ),
        (
            CLASSES + "acknowledge:\n  - {component: B, category: P, with: [a:b]}\n",
            "classes.yaml:4: `because` is missing; add it",
        ),
    ],
)
def test_fault_in_the_classes_is_told(tmp_path: Path, text: str, finding: str) -> None:
    assert finding in refused(tmp_path, classes=text)


def test_findings_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    assert refused(tmp_path, a=HEAD + "shwo: {}\n", b="on: 1\n", classes="classes: 1\n") == [
        "a.yaml:3: unknown key `shwo`; did you mean `show`?",
        "b.yaml:1: key `on` must be a string; quote it",
        "classes.yaml:1: `classes` must be a mapping",
    ]


def test_second_policy_of_a_component_is_refused(tmp_path: Path) -> None:
    [finding] = refused(tmp_path, a=HEAD, b=HEAD)
    assert finding == f"b.yaml:1: `Book` has a policy in {tmp_path}/a.yaml already; merge the two"


def test_folder_without_classes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"has no `classes\.yaml`; write one$"):
        policy.read(tmp_path)


def test_file_of_another_ending_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "book.yml").write_text(HEAD)
    assert refused(tmp_path) == ["book.yml: is not read; rename it to `.yaml`"]


def test_digest_tells_contents_and_names(tmp_path: Path) -> None:
    digests = {read(tmp_path, a=HEAD).digest, read(tmp_path, a=HEAD + "public: [x]\n").digest}
    (tmp_path / "a.yaml").rename(tmp_path / "b.yaml")
    digests.add(policy.read(tmp_path).digest)
    assert len(digests) == 3
