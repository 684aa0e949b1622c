"""The keys of keyed hashes: named in the policies, taken from outside, never shown.

Put in when a policy is compiled; the proof does without, so that policies can be checked where the
keys are not known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

from gateway.errors import ConfigError, Finding
from gateway.policy.rules import FieldRule, PolicySet, Tier
from gateway.policy.ways import Hash

MIN_KEY_LENGTH = 16

KeyOf = Callable[[str], str | None]


def with_keys(policies: PolicySet, key_of: KeyOf) -> PolicySet:
    """Return *policies* with a key in each of their hashes.

    Args:
        key_of: the key for a variable's name; None: there is none. An environment's `get`.
    Raises:
        ConfigError: for each key that is not there, or too short to keep a secret.
    """
    tiers = [
        tier
        for policy in policies.components.values()
        for rule in policy.show
        for tier in rule.tiers
    ]
    findings = [finding for tier in tiers if (finding := _unfit_key(tier, key_of))]
    if findings:
        raise ConfigError(*findings)
    components = {
        name: replace(policy, show=tuple(_keyed_rule(rule, key_of) for rule in policy.show))
        for name, policy in policies.components.items()
    }
    return replace(policies, components=MappingProxyType(components))


def _unfit_key(tier: Tier, key_of: KeyOf) -> Finding | None:
    if not isinstance(tier.way, Hash):
        return None
    key = key_of(tier.way.variable) or ""
    if len(key) >= MIN_KEY_LENGTH:
        return None
    return tier.location.finding(
        f"environment variable `{tier.way.variable}`, the key of a `hash`,"
        f" {'is too short' if key else 'is not set'};"
        f" give it {MIN_KEY_LENGTH} characters or more"
    )


def _keyed_rule(rule: FieldRule, key_of: KeyOf) -> FieldRule:
    return replace(rule, tiers=tuple(_keyed_tier(tier, key_of) for tier in rule.tiers))


def _keyed_tier(tier: Tier, key_of: KeyOf) -> Tier:
    if not isinstance(tier.way, Hash):
        return tier
    return replace(tier, way=tier.way.with_key(key_of(tier.way.variable) or ""))
