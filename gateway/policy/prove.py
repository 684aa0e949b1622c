"""The proof: that a policy set, on a document, reveals what was decided and nothing else.

Seven checks, each of which yields a finding for whatever breaks it:

1. `total`         each property of each component in an answer is decided, once
2. `agreement`     what is classified is ruled, what is ruled is classified
   `in_class`      what is shown in full, anywhere, takes the scopes of its class
3. `monotone`      more scopes never show less
4. `known`         every name exists
   `alive`         every rule, class and acknowledgement decides something
5. `variants_fit`  what is left of an object satisfies its narrowed schema
6. `no_oracle`     a parameter that selects by a property takes what seeing it takes
7. `examples_hold` the files' own examples come out as they say

Exhaustive over operations, scope sets and properties, by argument and not by sampling: a rule asks
only which scopes a caller *has*. So scope sets that contain the same `with`s are alike (`unions`),
and what a caller is given, whoever has more is given too, so that the least scope sets that reach a
place speak for all (`gateway.policy.reach`). Check 3 makes the latter true of ways as well.

Runs at start and at reload; no request and no data come here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from gateway.errors import Finding
from gateway.hints import did_you_mean
from gateway.policy.keys import with_keys
from gateway.policy.model import Field, Model, flat, rules_of
from gateway.policy.reach import Reached, Trail, reached
from gateway.policy.redact import redact_object
from gateway.policy.rules import (
    NO_SCOPES,
    Acknowledgement,
    ComponentPolicy,
    Example,
    FieldRule,
    Location,
    PolicySet,
    Scopes,
    Tier,
    listed,
    unions,
)
from gateway.policy.shown import Shown
from gateway.spec import Document, Parameter
from gateway.spec.document import components_in, references_in
from gateway.strictyaml import pointer

# Of every `hash` in an example, so that examples hold no secret.
EXAMPLE_KEY = "the key of every example"


@dataclass(frozen=True, slots=True)
class Case:
    """What the checks look at: the model, and every place in every answer."""

    model: Model
    places: tuple[Reached, ...]

    @classmethod
    def of(cls, model: Model) -> Case:
        operations = model.document.operations.values()
        return cls(model, tuple(place for one in operations for place in reached(model, one)))

    def fields(self) -> Iterator[Field]:
        """Yield every field of every component, in document order."""
        for component in self.model.components.values():
            yield from component.fields.values()

    def fields_at(self, place: Reached) -> Iterator[Field]:
        """Yield the fields of all that can stand at *place*."""
        for component in place.alternatives:
            yield from self.model.components[component].fields.values()


def check(document: Document, policies: PolicySet) -> list[Finding]:
    """Return all that breaks the proof, each once, by file and line."""
    case = Case.of(Model.of(document, policies))
    return _sorted(finding for one in CHECKS for finding in one(case))


def run_examples(document: Document, policies: PolicySet) -> list[Finding]:
    """Return each example of *policies* that does not come out as it says: check 7 alone."""
    return _sorted(examples_hold(Case.of(Model.of(document, policies))))


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(dict.fromkeys(findings), key=lambda f: (str(f.path), f.line or 0))


# --- 1: total -------------------------------------------------------------------------------------


def total(case: Case) -> Iterator[Finding]:
    """Each property of each component in an answer is decided, and none is decided twice."""
    answered = _answered(case.model.document)
    for field in case.fields():
        if not field.rules and field.component in answered:
            yield field.location.finding(
                f"nothing decides who is shown `{field}`; rule it under `show` in the policy of"
                f" `{field.component}`, or list it as public"
            )
        for rule in field.rules[1:]:
            first = field.rules[0].location
            yield rule.location.finding(f"`{field}` is decided already in {first}; keep one")


def _answered(document: Document) -> set[str]:
    """Return the names of the schemas that an answer, errors included, is made of."""
    responses = [operation.raw["responses"] for operation in document.operations.values()]
    used = components_in(document.raw, references_in(responses))
    return {name for kind, name in used if kind == "schemas"}


# --- 2: classes -----------------------------------------------------------------------------------


def agreement(case: Case) -> Iterator[Finding]:
    """Classification and rules tell the same properties apart, so that neither gets lost alone."""
    for field in case.fields():
        for rule in field.rules:
            if field.category is not None and rule.public:
                yield rule.location.finding(
                    f"`{field}` is classified as `{field.category}` and cannot be public;"
                    " rule it under `show`"
                )
            if field.category is None and not _is_always(rule):
                yield rule.location.finding(
                    f"`{field}` has a rule but no `x-data-classification`;"
                    " classify it in the document, or write `always`"
                )


def _is_always(rule: FieldRule) -> bool:
    return all(tier.scopes == NO_SCOPES and tier.way.identity for tier in rule.tiers)


def in_class(case: Case) -> Iterator[Finding]:
    """What is shown in full takes the scopes of its class, or is acknowledged."""
    for place, field, tier, scopes in _shown_in_full(case):
        needs = _needs(case, field)
        if needs <= scopes or any(ack.scopes <= scopes for ack in _acknowledged(case, field)):
            continue
        trail = place.at(field)
        yield tier.location.finding(
            f"`{place.operation.id}` shows `{field}` in full to a caller with {listed(scopes)}, but"
            f" `{field.category}` takes {listed(needs)}; at {pointer(*trail)}:"
            f" {_sample_body(case.model, trail, field)}; take that scope in the rule, or"
            " acknowledge it with the data classes"
        )


def _shown_in_full(case: Case) -> Iterator[tuple[Reached, Field, Tier, Scopes]]:
    """Yield where and to which least scopes a classified field is shown as it is."""
    for place in case.places:
        for field in case.fields_at(place):
            if field.rule is None or field.category not in case.model.policies.classes:
                continue
            for tier in field.rule.tiers:
                scopes = place.scopes | tier.scopes
                if field.way(scopes).identity:
                    yield place, field, tier, scopes


def _needs(case: Case, field: Field) -> Scopes:
    if field.category is None:
        return NO_SCOPES
    return case.model.policies.classes[field.category].needs


def _acknowledged(case: Case, field: Field) -> Iterator[Acknowledgement]:
    for one in case.model.policies.acknowledgements:
        if (one.component, one.category) == (field.component, field.category):
            yield one


def _sample_body(model: Model, trail: Trail, field: Field) -> str:
    schema = flat(model.document, field.schema)
    by_type = {"integer": 1, "number": 1.5, "boolean": True, "array": [], "object": {}}
    value = schema.get("example", by_type.get(schema.get("type", "object"), "text"))
    for token in reversed(trail):
        value = [value] if token == 0 else {token: value}
    return json.dumps(value, ensure_ascii=False)


# --- 3: monotone ----------------------------------------------------------------------------------


def monotone(case: Case) -> Iterator[Finding]:
    """More scopes never show less of a property."""
    for field in case.fields():
        for rule in field.rules:
            yield from _steps_down(field, rule)


def _steps_down(field: Field, rule: FieldRule) -> Iterator[Finding]:
    for fewer in unions(tier.scopes for tier in rule.tiers):
        for tier in rule.tiers:
            more = fewer | tier.scopes
            decides, before = rule.tier(more) or tier, rule.way(fewer)
            if not decides.way.reveals_at_least(before):
                yield decides.location.finding(
                    f"`{field}` is shown as {decides.way} to a caller with {listed(more)}, but as"
                    f" {before} to one with only {listed(fewer)}; more scopes may not show less"
                )


# --- 4: known and alive ---------------------------------------------------------------------------


def known(case: Case) -> Iterator[Finding]:
    """Every component, property, scope and category that is named exists."""
    policies = case.model.policies
    for policy in policies.components.values():
        yield from _unknown_component(case, policy.component, policy.location)
        for example in policy.examples:
            yield from _unknown_scopes(case, example.scopes, example.location)
        for rule in policy.show:
            for tier in rule.tiers:
                yield from _unknown_scopes(case, tier.scopes, tier.location)
    for data_class in policies.classes.values():
        yield from _unknown_scopes(case, data_class.needs, data_class.location)
    for one in policies.acknowledgements:
        yield from _unknown_component(case, one.component, one.location)
        yield from _unknown_category(case, one.category, one.location)
        yield from _unknown_scopes(case, one.scopes, one.location)
    for component in case.model.components.values():
        for rule in rules_of(case.model.document, policies, component.name):
            yield from _unknown_property(component.fields, component.name, rule)
    for field in case.fields():
        if field.category is not None:
            yield from _unknown_category(case, field.category, field.location)


def _unknown_component(case: Case, name: str, location: Location) -> Iterator[Finding]:
    components = case.model.components
    if name not in components:
        hint = did_you_mean(name, components, "; name an object of `components/schemas`")
        yield location.finding(f"unknown component `{name}`{hint}")


def _unknown_property(
    fields: Mapping[str, Field], component: str, rule: FieldRule
) -> Iterator[Finding]:
    if rule.name not in fields:
        hint = did_you_mean(rule.name, fields, f"; `{component}` has no such property")
        yield rule.location.finding(f"unknown property `{rule.name}`{hint}")


def _unknown_scopes(case: Case, scopes: Scopes, location: Location) -> Iterator[Finding]:
    scopes_in_use = case.model.document.scopes
    for scope in sorted(scopes.difference(scopes_in_use)):
        hint = did_you_mean(scope, scopes_in_use, "; no operation requires it")
        yield location.finding(f"unknown scope `{scope}`{hint}")


def _unknown_category(case: Case, category: str, location: Location) -> Iterator[Finding]:
    classes = case.model.policies.classes
    if category not in classes:
        hint = did_you_mean(category, classes, "; add it to the data classes")
        yield location.finding(f"unknown category `{category}`{hint}")


def alive(case: Case) -> Iterator[Finding]:
    """Every policy, tier, class and acknowledgement decides something for someone."""
    policies = case.model.policies
    answered = {name for place in case.places for name in place.alternatives}
    for policy in policies.components.values():
        if policy.component in case.model.components and policy.component not in answered:
            message = f"no operation answers with `{policy.component}`; remove the policy"
            yield policy.location.finding(message)
    yield from _dead_tiers(case, answered)
    used = {field.category for field in case.fields()}
    for data_class in policies.classes.values():
        if data_class.category not in used:
            message = f"no property is classified as `{data_class.category}`; remove the class"
            yield data_class.location.finding(message)
    yield from _dead_acknowledgements(case)


def _dead_tiers(case: Case, answered: set[str]) -> Iterator[Finding]:
    living = {
        tier.location
        for place in case.places
        for field in case.fields_at(place)
        if field.rule is not None
        for own in field.rule.tiers
        if (tier := field.rule.tier(place.scopes | own.scopes)) is not None
    }
    for field in case.fields():
        if field.rule is None or field.component not in answered:
            continue
        for tier in field.rule.tiers:
            if tier.location not in living:
                yield tier.location.finding(
                    f"no caller gets to this tier of `{field}`: a tier before it serves"
                    " all whom it would; remove it, or put it first"
                )


def _dead_acknowledgements(case: Case) -> Iterator[Finding]:
    used = {
        one.location
        for _, field, _, scopes in _shown_in_full(case)
        if not _needs(case, field) <= scopes
        for one in _acknowledged(case, field)
        if one.scopes <= scopes
    }
    for one in case.model.policies.acknowledgements:
        if one.location not in used:
            yield one.location.finding(
                f"nothing of `{one.component}` needs this acknowledgement; remove it"
            )


# --- 5: variants ----------------------------------------------------------------------------------


def variants_fit(case: Case) -> Iterator[Finding]:
    """What is left of a value, and of an object, satisfies the schema."""
    for field in case.fields():
        for rule in field.rules:
            schema = flat(case.model.document, field.schema)
            for tier in rule.tiers:
                misfit = tier.way.misfit(schema)
                if misfit is not None:
                    yield tier.location.finding(f"`{field}`: {misfit}; show it another way")
    for place in case.places:
        yield from _incomplete(case, place)


def _incomplete(case: Case, place: Reached) -> Iterator[Finding]:
    """Yield what is wrong with what is left of the objects at *place*.

    With a single component the least scopes are enough. With alternatives more scopes can change
    which one is kept, so that every union that their rules tell apart is looked at.
    """
    withs = (
        tier.scopes
        for field in case.fields_at(place)
        for rule in field.rules
        for tier in rule.tiers
        if len(place.alternatives) > 1
    )
    for more in unions(withs):
        shown = Shown(case.model, place.scopes | more)
        kept = shown.alternative(place.alternatives)
        whole = case.model.components[place.alternatives[0]]
        if kept is None:
            yield from _missing(place, shown, whole.fields.values())
            continue
        left, wanted = shown.fields(whole.name), shown.fields(kept)
        component = case.model.components[kept]
        required = [field.name for field in component.fields.values() if field.required]
        lost = [name for name in required if name not in left]
        extra = [name for name in left if wanted.get(name) != left[name]]
        for name in lost + extra:
            yield component.location.finding(
                f"with {listed(shown.scopes)}, what is left of `{whole.name}` at"
                f" {pointer(*place.trail)} of `{place.operation.id}` is no `{kept}`:"
                f" `{name}` differs; give the alternative the same rules"
            )


def _missing(place: Reached, shown: Shown, fields: Iterable[Field]) -> Iterator[Finding]:
    for field in fields:
        if field.required and field.rule is not None and not field.way(shown.scopes).shown:
            yield field.rule.location.finding(
                f"`{field}` is required, but dropped at {pointer(*place.trail)} of"
                f" `{place.operation.id}` for a caller with {listed(shown.scopes)}; make it"
                " optional, or list a barer alternative in an `anyOf` there"
            )


# --- 6: no oracle ---------------------------------------------------------------------------------


def no_oracle(case: Case) -> Iterator[Finding]:
    """Whoever may use a parameter may see, in full, what it selects by."""
    for operation in case.model.document.operations.values():
        for parameter in operation.parameters:
            for name in parameter.filters_on:
                yield from _oracle(case, operation.id, operation.scopes, parameter, name)


def _oracle(
    case: Case, operation_id: str, scopes: Scopes, parameter: Parameter, name: str
) -> Iterator[Finding]:
    document = case.model.document
    at = Location(document.path, document.line_of(parameter.pointer + pointer("x-filters-on")))
    fields = {str(field): field for field in case.fields()}
    field = fields.get(name)
    if field is None:
        hint = did_you_mean(name, fields, "; write `Component.property`")
        yield at.finding(f"unknown property `{name}`{hint}")
    elif not field.way(scopes).identity:
        yield at.finding(
            f"`{parameter.name}` of `{operation_id}` selects by `{name}`, which a caller with"
            f" {listed(scopes)} is not shown in full: the number of rows would tell; require"
            " its scopes for the operation, or drop the parameter"
        )


# --- 7: examples ----------------------------------------------------------------------------------


def examples_hold(case: Case) -> Iterator[Finding]:
    """Each example comes out as it says."""
    policies = with_keys(case.model.policies, lambda _: EXAMPLE_KEY)
    model = Model.of(case.model.document, policies)
    for policy in policies.components.values():
        if policy.component in model.components:
            for example in policy.examples:
                yield from _example(model, policy, example)


def _example(model: Model, policy: ComponentPolicy, example: Example) -> Iterator[Finding]:
    fields = model.components[policy.component].fields
    for name in example.given:
        if name not in fields:
            hint = did_you_mean(name, fields, f"; `{policy.component}` has no such property")
            yield example.location.finding(f"example has unknown property `{name}`{hint}")
    try:
        gives = redact_object(Shown(model, example.scopes), policy.component, dict(example.given))
    except TypeError as error:
        yield example.location.finding(f"example cannot be redacted: {error}")
        return
    if gives != example.gives:
        yield example.location.finding(
            f"example gives {json.dumps(gives, ensure_ascii=False)} to a caller with"
            f" {listed(example.scopes)}, not {json.dumps(example.gives, ensure_ascii=False)}"
        )


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    total,
    agreement,
    in_class,
    monotone,
    known,
    alive,
    variants_fit,
    no_oracle,
    examples_hold,
)
