"""The ways to show a value: what each makes of it, which schema that satisfies, what it reveals."""

from __future__ import annotations

import hashlib
import hmac
import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from gateway.policy.ways import DROP, VALUE, Hash, Mask, Truncate, Way

KEYED = Hash("A_KEY").with_key("a key for the tests")
TEXT_WAYS = st.one_of(
    st.builds(Mask, st.integers(0, 3), st.integers(0, 3)),
    st.builds(Truncate, st.integers(0, 4), st.sampled_from(["", ".", "…", "(*)", "a"])),
    st.just(KEYED),
)


@pytest.mark.parametrize(
    ("way", "value", "shown"),
    [
        (VALUE, "Ann", "Ann"),
        (VALUE, [1], [1]),
        (Mask(), "Ann", "***"),
        (Mask(last=4), "+1-555-0100", "*******0100"),
        (Mask(first=1, last=1), "Annabel", "A*****l"),
        (Mask(first=1, last=2), "Ann", "***"),
        (Mask(first=1), "", ""),
        (Truncate(1, "."), "Lee", "L."),
        (Truncate(1, "."), "L", "."),
        (Truncate(9, "…"), "Lee", "Le…"),
        (Truncate(0, "-"), "Lee", "-"),
        (Truncate(2, ""), "", ""),
    ],
)
def test_value_is_shown_so(way: Way, value: object, shown: object) -> None:
    assert way.apply(value) == shown


def test_hash_is_keyed_and_joins_equal_values() -> None:
    expected = hmac.new(b"a key for the tests", b"Ann", hashlib.sha256).hexdigest()[:32]
    assert KEYED.apply("Ann") == KEYED.apply("Ann") == expected
    assert Hash("A_KEY").with_key("another key, as long").apply("Ann") != expected


def test_key_of_a_hash_is_never_shown() -> None:
    assert "tests" not in f"{KEYED!r} {KEYED}"


def test_hash_without_its_key_shows_nothing() -> None:
    with pytest.raises(TypeError, match="`hash` has no key yet: `A_KEY`"):
        Hash("A_KEY").apply("Ann")


def test_dropped_value_cannot_be_shown() -> None:
    with pytest.raises(TypeError, match="a dropped property has no value"):
        DROP.apply("Ann")


@pytest.mark.parametrize("way", [VALUE, Mask(), Truncate(1), KEYED])
def test_null_stays_null(way: Way) -> None:
    assert way.apply(None) is None


@pytest.mark.parametrize("way", [Mask(), Truncate(1), KEYED])
def test_value_that_is_no_string_is_refused_without_telling_it(way: Way) -> None:
    with pytest.raises(TypeError) as caught:
        way.apply(4711)
    assert "4711" not in str(caught.value)


@given(TEXT_WAYS, st.text(min_size=1))
def test_no_way_but_value_shows_a_value_in_full(way: Way, text: str) -> None:
    shown = way.apply(text)
    assert shown != text or set(text) <= {"*"} or isinstance(way, Truncate)
    if isinstance(way, Truncate):
        assert text not in shown.removesuffix(way.suffix)


@given(TEXT_WAYS, st.text(min_size=2, max_size=8))
def test_result_satisfies_the_narrowed_schema(way: Way, text: str) -> None:
    schema = {"type": "string", "minLength": 2, "maxLength": 8, "description": "kept"}
    narrowed = way.narrowed(schema)
    assert narrowed["description"] == "kept"
    Draft4Validator(narrowed).validate(way.apply(text))


@given(TEXT_WAYS, st.integers(0, 40), st.integers(0, 40), st.text(max_size=40))
def test_way_that_fits_a_schema_satisfies_it(way: Way, least: int, more: int, text: str) -> None:
    schema = {"type": "string", "minLength": least, "maxLength": least + more}
    if way.misfit(schema) is None and Draft4Validator(schema).is_valid(text):
        Draft4Validator(schema).validate(way.apply(text))


def test_narrowed_schema_of_a_mask_refuses_the_value() -> None:
    assert not re.search(Mask(1, 1).narrowed({"type": "string"})["pattern"], "Annabel")
    assert not re.search(Mask().narrowed({"type": "string"})["pattern"], "Ann")


def test_narrowed_schemas_of_truncate_and_hash_refuse_the_value() -> None:
    assert not Draft4Validator(Truncate(1, ".").narrowed({"type": "string"})).is_valid("Lee")
    assert not Draft4Validator(KEYED.narrowed({"type": "string"})).is_valid("ann@example.com")


def test_narrowed_example_is_shown_the_same_way() -> None:
    assert Mask(first=1).narrowed({"type": "string", "example": "Ann"})["example"] == "A**"


def test_value_keeps_its_schema_and_drop_has_none() -> None:
    assert VALUE.narrowed({"type": "integer"}) == {"type": "integer"}
    assert not Draft4Validator(DROP.narrowed({"type": "integer"})).is_valid(1)


@pytest.mark.parametrize(
    ("way", "schema", "misfit"),
    [
        (Mask(), {"type": "integer"}, "`mask` is for strings, the property is of another type"),
        (
            Truncate(1),
            {"type": "string", "enum": ["a"]},
            "what `truncate` makes need not satisfy the property's `enum`",
        ),
        (
            KEYED,
            {"type": "string", "format": "email"},
            "what `hash` makes need not satisfy the property's `format`",
        ),
        (
            Mask(),
            {"type": "string", "pattern": "a"},
            "what `mask` makes need not satisfy the property's `pattern`",
        ),
        (
            Truncate(1, ""),
            {"type": "string", "minLength": 1},
            "what `truncate` makes can be shorter than the property's `minLength`",
        ),
        (
            KEYED,
            {"type": "string", "maxLength": 31},
            "what `hash` makes can be longer than the property's `maxLength`",
        ),
        (
            Truncate(5, "..."),
            {"type": "string", "maxLength": 6},
            "what `truncate` makes can be longer than the property's `maxLength`",
        ),
    ],
)
def test_way_that_may_break_the_schema_is_a_misfit(way: Way, schema: dict, misfit: str) -> None:
    assert way.misfit(schema) == misfit


def test_value_and_drop_fit_every_schema() -> None:
    assert VALUE.misfit({"type": "integer"}) is DROP.misfit({"enum": [1]}) is None


WAYS = [VALUE, DROP, Mask(), Mask(1), Mask(0, 2), Truncate(1, "."), Truncate(3), KEYED]


@pytest.mark.parametrize("way", WAYS)
def test_value_reveals_all_and_drop_nothing(way: Way) -> None:
    assert VALUE.reveals_at_least(way)
    assert way.reveals_at_least(DROP)
    assert way.reveals_at_least(way)
    assert not (DROP.reveals_at_least(way) and way.shown)
    assert not (way.reveals_at_least(VALUE) and not way.identity)


def test_what_reveals_more_is_an_order() -> None:
    for a, b, c in product(WAYS, repeat=3):
        if a.reveals_at_least(b) and b.reveals_at_least(c):
            assert a.reveals_at_least(c), (a, b, c)


def test_longer_truncation_and_barer_mask_compare_and_others_do_not() -> None:
    assert Truncate(3).reveals_at_least(Truncate(1, "."))
    assert Mask(1, 2).reveals_at_least(Mask())
    for one, other in [
        (Truncate(1), Truncate(3)),
        (Mask(2), Mask(1)),
        (Mask(1), Truncate(1)),
        (Truncate(3), Mask()),
        (KEYED, Mask()),
        (Mask(), KEYED),
        (Hash("A"), Hash("B")),
    ]:
        assert not one.reveals_at_least(other), (one, other)
