"""The proof: sound policies pass, and whatever breaks one of the eight checks is found.

Every check has its mutants: a shipped file (or one of the small library) is changed in one place,
and the check has to say so, at the line and with the remedy.
"""

from __future__ import annotations

import pytest

PII = "`PII` takes `candidates:read`"
IN_FULL = "is shown in full to a caller with"
BARER = "            barer: {value: [{id: l1, reader: {id: r1}}]}\n"
REFERENCE_ID = "id: {type: string}\n        card"
RAISE = "take that scope in the rule, or acknowledge it with the data classes"


@pytest.mark.parametrize("name", ["hiring", "library"])
def test_sound_policies_pass(name: str, request: pytest.FixtureRequest) -> None:
    assert request.getfixturevalue(name).findings() == []


# --- 1: total -------------------------------------------------------------------------------------


def test_property_added_later_waits_for_a_decision(hiring) -> None:
    hiring.edit("document", "        phone:\n", "        fax: {type: string}\n        phone:\n")
    [finding] = hiring.findings()
    assert finding.startswith("hiring.yaml:")
    assert finding.endswith(
        ": nothing decides who is shown `Candidate.fax`; rule it under `show` in the policy of"
        " `Candidate`, or list it as public"
    )


@pytest.mark.parametrize(
    ("name", "old", "field"),
    [
        ("candidate.yaml", "  phone: candidates:read\n", "Candidate.phone"),
        ("application.yaml", "created_at, ", "Application.created_at"),
        ("document", "x-public: [id, name, ", "Stage.id"),
        ("document", "x-public: [type, ", "Problem.type"),
    ],
)
def test_rule_that_is_removed_leaves_its_property_undecided(
    hiring, name: str, old: str, field: str
) -> None:
    hiring.edit(name, old, "x-public: [" if "x-public" in old else "")
    assert any(f"nothing decides who is shown `{field}`" in one for one in hiring.findings())


def test_property_is_not_decided_twice(hiring) -> None:
    hiring.edit("candidate.yaml", "public: [id,", "public: [id, phone,")
    assert (
        "candidate.yaml:5: `Candidate.phone` is decided already in candidate.yaml:11; keep one"
        in hiring.findings()
    )


def test_property_is_not_public_in_both_files(hiring) -> None:
    hiring.edit(
        "document", "      description: A person who applied.\n", "      x-public: [status]\n"
    )
    twice = "`Candidate.status` is decided already in candidate.yaml:5; keep one"
    assert any(twice in finding for finding in hiring.findings())


# --- 2: classes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("scope", ["always", "applications:read"])
def test_rule_below_its_class_is_a_leak(hiring, scope: str) -> None:
    hiring.edit("application_candidate.yaml", "  email: candidates:read", f"  email: {scope}")
    assert (
        f"application_candidate.yaml:9: `ApplicationCandidate.email` {IN_FULL} `applications:read`,"
        f" but {PII}; at /data/0/candidate/email of `list_applications` and in 1 more:"
        f' {{"data": [{{"candidate": {{"email": "text"}}}}]}}; {RAISE}'
    ) in hiring.findings()


def test_rule_of_another_scope_than_its_class_is_a_leak(hiring) -> None:
    hiring.edit("application_candidate.yaml", "  email: candidates", "  email: job_postings")
    leak = f"`ApplicationCandidate.email` {IN_FULL} `applications:read`, `job_postings:read`, but"
    assert any(leak in finding for finding in hiring.findings())


def test_class_that_takes_more_makes_each_rule_of_it_a_leak(hiring) -> None:
    hiring.edit("classes.yaml", "[candidates:read]", "[candidates:read, job_postings:read]")
    leaks = [finding for finding in hiring.findings() if IN_FULL in finding]
    assert len(leaks) == 8  # five of Candidate, three of ApplicationCandidate


def test_data_shown_across_scopes_has_to_be_acknowledged(hiring) -> None:
    text = hiring.path("classes.yaml").read_text()
    hiring.write("classes.yaml", text.partition("acknowledge:")[0])
    found = hiring.findings()
    assert [finding.partition(":")[0] for finding in found] == [
        "candidate_application.yaml"
    ] * 3 + ["job_posting_counts.yaml"] * 3
    assert (
        f"job_posting_counts.yaml:6: `JobPostingCounts.total_applications` {IN_FULL}"
        " `job_postings:read`, but `Pipeline` takes `applications:read`; at"
        " /data/0/counts/total_applications of `list_job_postings` and in 1 more:"
        f' {{"data": [{{"counts": {{"total_applications": 1}}}}]}}; {RAISE}'
    ) in found


def test_class_of_a_whole_object_holds_too(hiring) -> None:
    hiring.edit("application.yaml", "candidate]", "candidate, stage_history]")
    hiring.edit("application.yaml", "  stage_history: applications:read\n", "")
    assert any(
        "`Application.stage_history` is classified as `Pipeline` and cannot be public" in finding
        for finding in hiring.findings()
    )


def test_classified_property_cannot_be_public(hiring) -> None:
    hiring.edit("candidate.yaml", "public: [id,", "public: [id, phone,")
    hiring.edit("candidate.yaml", "  phone: candidates:read\n", "")
    assert (
        "candidate.yaml:5: `Candidate.phone` is classified as `PII` and cannot be public;"
        " rule it under `show`"
    ) in hiring.findings()


def test_annotation_that_is_removed_is_missed(hiring) -> None:
    annotation = (
        "x-data-classification: {category: PII, sensitivity: restricted, masking: {strategy: full}}"
    )
    hiring.edit("document", annotation, "description: a name")
    assert hiring.findings() == [
        "candidate.yaml:8: `Candidate.first_name` has a rule but no `x-data-classification`;"
        " classify it in the document, or write `always`"
    ]


def test_unclassified_property_may_be_ruled_always(hiring) -> None:
    hiring.edit("candidate.yaml", "public: [id, ", "public: [")
    hiring.edit("candidate.yaml", "show:\n", "show:\n  id: always\n")
    assert hiring.findings() == []


# --- 3: monotone ----------------------------------------------------------------------------------


def test_more_scopes_show_less_is_found(library) -> None:
    value = "    - with: readers:read\n      as: value\n"
    library.edit("loan.yaml", value, "")
    library.edit("loan.yaml", "examples:", value + "examples:")
    assert (
        "loan.yaml:6: `Loan.note` is shown as truncate(keep 3, suffix `.`) to a caller"
        " with `loans:read`, `readers:read`, but as value to one with `readers:read`;"
        " more scopes may not show less"
    ) in library.findings()


def test_tier_that_denies_is_found(library) -> None:
    tier = "{with: always, as: {mask: {last: 4}}}"
    library.edit("reader.yaml", tier, f"{{with: desk:read, as: drop}}\n    - {tier}")
    assert (
        "reader.yaml:8: `Reader.card` is shown as drop to a caller with `desk:read`,"
        " but as mask(first 0, last 4) to one with no scope; more scopes may not show less"
    ) in library.findings()


def test_ways_that_do_not_compare_are_found(library) -> None:
    tier = "{with: always, as: {mask: {last: 4}}}"
    truncated = "{with: desk:read, as: {truncate: {keep: 2}}}"
    library.edit("reader.yaml", tier, f"{truncated}\n    - {tier}")
    assert any("more scopes may not show less" in finding for finding in library.findings())


def test_tier_that_ends_in_drop_is_sound(library) -> None:
    tier = "    - {with: [desk:read, loans:read], as: {hash: {key: LIBRARY_KEY}}}\n"
    for name in ("reader.yaml", "reference.yaml"):
        library.edit(name, tier, tier + "    - {with: always, as: drop}\n")
    assert library.findings() == []


# --- 4: known and alive ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "old", "new", "finding"),
    [
        (
            "candidate.yaml",
            "component: Candidate",
            "component: Candidat",
            "candidate.yaml:2: unknown component `Candidat`; did you mean `Candidate`?",
        ),
        (
            "candidate.yaml",
            "  phone: c",
            "  fone: c",
            "candidate.yaml:11: unknown property `fone`; did you mean `phone`?",
        ),
        (
            "candidate.yaml",
            "public: [id,",
            "public: [id, nothing,",
            "candidate.yaml:5: unknown property `nothing`; `Candidate` has no such property",
        ),
        (
            "candidate.yaml",
            "  phone: candidates",
            "  phone: candidate",
            "candidate.yaml:11: unknown scope `candidate:read`; did you mean `candidates:read`?",
        ),
        (
            "candidate.yaml",
            "scopes: [candidates:read]",
            "scopes: [x:y]",
            "candidate.yaml:15: unknown scope `x:y`; no operation requires it",
        ),
        (
            "classes.yaml",
            "needs: [candidates:read]",
            "needs: [candidate:read]",
            "classes.yaml:7: unknown scope `candidate:read`; did you mean `candidates:read`?",
        ),
        (
            "classes.yaml",
            "component: JobPostingCounts",
            "component: Counts",
            "classes.yaml:19: unknown component `Counts`; name an object of `components/schemas`",
        ),
        (
            "classes.yaml",
            "category: Pipeline",
            "category: Pipelin",
            "classes.yaml:15: unknown category `Pipelin`; did you mean `Pipeline`?",
        ),
        (
            "classes.yaml",
            "with: [candidates:read]",
            "with: [candidate:read]",
            "classes.yaml:15: unknown scope `candidate:read`; did you mean `candidates:read`?",
        ),
    ],
)
def test_unknown_name_is_found_alone(hiring, name: str, old: str, new: str, finding: str) -> None:
    hiring.edit(name, old, new)
    assert hiring.findings() == [finding]


def test_unknown_name_in_the_document_is_found(hiring) -> None:
    hiring.edit("document", "category: PII", "category: PI")
    hiring.edit("document", "x-public: [id, name, stage", "x-public: [id, nam, stage")
    found = [finding.partition(": ")[2] for finding in hiring.findings()]
    assert found == [
        "unknown property `nam`; did you mean `name`?",
        "unknown category `PI`; did you mean `PII`?",
    ]


def test_policy_of_what_no_operation_answers_with_is_dead(hiring) -> None:
    hiring.write("extra.yaml", "component: Problem\nbecause: b\npublic: [type]\n")
    assert (
        "extra.yaml:1: no operation answers with `Problem`; remove the policy" in hiring.findings()
    )


def test_tier_that_no_caller_gets_to_is_dead(library) -> None:
    tier = "    - {with: [desk:read, readers:read], as: value}\n"
    library.edit("loan.yaml", "    - with: loans:read\n", f"{tier}    - with: loans:read\n")
    assert library.findings() == [
        "loan.yaml:8: no caller gets to tier 2 of `Loan.note`: a tier before it serves all whom it"
        " would; remove it, or put it first"
    ]


def test_tier_is_dead_when_whoever_reaches_the_component_has_more(hiring) -> None:
    phone = "[{with: candidates:read, as: value}, {with: always, as: {mask: {last: 2}}}]"
    hiring.edit("candidate.yaml", "  phone: candidates:read", f"  phone: {phone}")
    assert any(
        "candidate.yaml:11: no caller gets to tier 2 of `Candidate.phone`" in finding
        for finding in hiring.findings()
    )


def test_class_and_acknowledgement_that_nothing_needs_are_dead(hiring) -> None:
    hiring.edit(
        "classes.yaml",
        "acknowledge:\n",
        "  Health: {needs: [candidates:read], because: b}\n"
        "acknowledge:\n"
        "  - {component: Candidate, category: PII, with: [job_postings:read], because: b}\n",
    )
    assert hiring.findings() == [
        "classes.yaml:14: no property is classified as `Health`; remove the class",
        "classes.yaml:16: nothing of `Candidate` needs this acknowledgement; remove it",
    ]


# --- 5: variants ----------------------------------------------------------------------------------


def test_required_property_that_is_dropped_without_an_alternative_is_found(hiring) -> None:
    hiring.edit("stage_progress.yaml", "  status: applications", "  status: candidates")
    assert (
        "stage_progress.yaml:10: `StageProgress.status` is required, but dropped for a caller with"
        " `applications:read`; at /data/0/stage_history/0 of `list_applications` and in 1 more;"
        " make it optional, or list a barer alternative in an `anyOf` there"
    ) in hiring.findings()


def test_required_property_needs_an_alternative_at_every_place(library) -> None:
    library.edit("document", "            - $ref: '#/components/schemas/ReaderReference'\n", "")
    library.edit("document", BARER, "")
    library.path("reference.yaml").unlink()
    assert library.findings() == [
        "reader.yaml:5: `Reader.name` is required, but dropped for a caller with `loans:read`;"
        " at /0/reader of `list_loans`; make it optional, or list a barer alternative in an"
        " `anyOf` there",
        "reader.yaml:5: `Reader.name` is required, but dropped for a caller with `desk:read`;"
        " at /loan/reader of `get_desk`; make it optional, or list a barer alternative in an"
        " `anyOf` there",
    ]


def test_what_is_left_has_to_be_the_alternative(library) -> None:
    library.edit("reference.yaml", "{mask: {last: 4}}", "{mask: {last: 2}}")
    assert (
        "loans.yaml:89: what is left of `Reader` for a caller with `loans:read` is no"
        " `ReaderReference`: `card` differs; at /0/reader of `list_loans`; give both the same rule"
        " and schema"
    ) in library.findings()


def test_what_is_left_has_to_be_of_the_alternative_s_schema(library) -> None:
    library.edit("document", REFERENCE_ID, REFERENCE_ID.replace("string", "string, maxLength: 9"))
    assert (
        "loans.yaml:89: what is left of `Reader` for a caller with `desk:read` is no"
        " `ReaderReference`: `id` differs; at /loan/reader of `get_desk`; give both the same rule"
        " and schema"
    ) in library.findings()


def test_what_is_left_has_to_have_what_the_alternative_requires(library) -> None:
    library.edit(
        "document", "[id]\n      x-public: [id]", "[id, shelf]\n      x-public: [id, shelf]"
    )
    library.edit("document", REFERENCE_ID, "shelf: {type: string}\n        " + REFERENCE_ID)
    library.edit("document", BARER, "")
    assert any(
        "is no `ReaderReference`: `shelf` differs" in finding for finding in library.findings()
    )


def test_way_has_to_fit_its_property(library) -> None:
    for name in ("reader.yaml", "reference.yaml"):
        library.edit(name, "{mask: {last: 4}}", "{truncate: {keep: 40, suffix: ' and so on'}}")
    assert (
        "reader.yaml:8: `Reader.card`: what `truncate` makes can be longer than the property's"
        " `maxLength`; show it another way"
    ) in library.findings()


def test_way_for_strings_does_not_fit_an_object(hiring) -> None:
    rule = "[{with: applications:read, as: {mask: {}}}]"
    hiring.edit("application.yaml", "history: applications:read", f"history: {rule}")
    assert (
        "application.yaml:11: `Application.stage_history`: `mask` is for strings, the property is"
        " of another type; show it another way"
    ) in hiring.findings()


# --- 6: no oracle ---------------------------------------------------------------------------------


def test_parameter_that_selects_by_what_its_caller_may_not_see_is_an_oracle(hiring) -> None:
    hiring.edit("document", "[Application.status]", "[Application.status, Candidate.email]")
    [finding] = hiring.findings()
    assert finding.endswith(
        ": `status` of `list_applications` selects by `Candidate.email`, which a caller with"
        " `applications:read` may not see in full, but could tell by what is found; require more"
        " scopes for the operation, or remove the parameter"
    )


def test_oracle_is_found_where_only_the_class_tells(hiring) -> None:
    hiring.edit("document", "[Application.status]", "[Candidate.email]")
    hiring.edit("candidate.yaml", "  email: candidates:read", "  email: always")
    assert any("selects by `Candidate.email`" in finding for finding in hiring.findings())


def test_parameter_on_what_is_shown_only_in_part_is_an_oracle(library) -> None:
    library.edit("document", "[Loan.id]", "[Loan.note]")
    [finding] = library.findings()
    assert "`card` of `list_loans` selects by `Loan.note`, which a caller with" in finding


def test_parameter_on_an_unknown_property_is_found(hiring) -> None:
    hiring.edit("document", "[Application.status]", "[Application.state]")
    [finding] = hiring.findings()
    assert finding.endswith(
        ": `status` selects by unknown property `Application.state`;"
        " did you mean `Application.status`?"
    )


# --- 7: examples ----------------------------------------------------------------------------------


def test_example_that_does_not_come_out_so_is_found(hiring) -> None:
    hiring.edit("candidate.yaml", "gives: {id: cand_ghi789, status: active}", "gives: {}")
    assert hiring.findings() == [
        'candidate.yaml:18: example gives {"id": "cand_ghi789", "status": "active"} to a caller'
        " with `applications:read`, `job_postings:read`, not {}"
    ]


def test_example_of_an_unknown_property_is_found(hiring) -> None:
    hiring.edit("candidate.yaml", "given: {id: cand_ghi789,", "given: {id: cand_ghi789, fone: x,")
    assert hiring.findings() == [
        "candidate.yaml:15: example has unknown property `fone`; did you mean `phone`?"
    ]


def test_example_that_cannot_be_redacted_is_found(library) -> None:
    library.edit("loan.yaml", "note: a note,", "note: 1,")
    assert library.findings() == [
        "loan.yaml:11: example cannot be redacted: `truncate` is for strings, not for int"
    ]
