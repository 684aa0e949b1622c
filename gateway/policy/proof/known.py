"""Check 4, first half: every name exists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.errors import Finding
from gateway.hints import did_you_mean
from gateway.policy.model import Field, rules_of
from gateway.policy.proof.case import Case
from gateway.policy.rules import FieldRule, Location, Scopes


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
    for field in case.fields.values():
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
