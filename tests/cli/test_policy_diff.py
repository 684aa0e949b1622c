"""`gateway policy diff`: folders, git revisions, exit codes. What it finds: tests/policy."""

import json
import shutil
import subprocess

import pytest

from gateway.settings import Settings

# By what an application leaves.
OUTLETS = [
    "list_applications",
    "get_application",
    "application.created",
    "application.stage_changed",
    "application.status_changed",
]


def git(folder, *words):
    identity = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")
    subprocess.run(["git", "-C", folder, *identity, *words], check=True, capture_output=True)


def reveal(policies):
    """Show who applied to whoever follows applications, on purpose."""
    for name in ("application", "application_candidate"):
        path = policies / f"{name}.yaml"
        rules, _, _ = path.read_text().partition("examples:")
        path.write_text(rules.replace(": candidates:read", ": applications:read"))
    classes = policies / "classes.yaml"
    acknowledged = "  - component: ApplicationCandidate\n    category: PII\n"
    acknowledged += "    with: [applications:read]\n    because: recruiters call them by name\n"
    classes.write_text(classes.read_text() + acknowledged)


@pytest.fixture
def revealing(tmp_path):
    """Return a folder with policies that show more than the project's."""
    folder = tmp_path / "revealing"
    shutil.copytree(Settings().policies, folder)
    reveal(folder)
    return folder


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """Return a repository with the project's document and policies on its branch `main`."""
    folder = tmp_path / "repository"
    shutil.copytree(Settings().policies, folder / "policies")
    (folder / "openapi").mkdir()
    shutil.copy(Settings().openapi, folder / "openapi" / "hiring.yaml")
    git(tmp_path, "init", "-q", "-b", "main", "repository")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Begin")
    monkeypatch.setenv("GATEWAY_OPENAPI", str(folder / "openapi" / "hiring.yaml"))
    monkeypatch.setenv("GATEWAY_POLICIES", str(folder / "policies"))
    monkeypatch.chdir(tmp_path)
    return folder


def test_nothing_changed_exits_0(gateway, policies):
    printed = gateway.done("policy", "diff", str(policies), str(policies))
    assert printed.endswith(": nothing changes for any token")


def test_a_widening_exits_1_and_is_told(gateway, revealing):
    result = gateway("policy", "diff", str(Settings().policies), str(revealing))
    assert result.exit_code == 1
    assert result.stderr == ""
    head, change = result.stdout.rstrip("\n").split("\n\n")
    assert head.endswith(": 1 widening, 0 narrowings, 0 neutral changes")
    assert change == (
        "widening  ApplicationCandidate: first_name, last_name, email\n"
        "  hidden -> value\n"
        "  to a token with applications:read\n"
        f"  in {', '.join(OUTLETS)}"
    )


def test_the_way_back_is_a_narrowing_and_exits_0(gateway, revealing):
    printed = gateway.done("policy", "diff", str(revealing), str(Settings().policies))
    assert "0 widenings, 1 narrowing, 0 neutral changes" in printed
    assert "narrowing  ApplicationCandidate: first_name, last_name, email" in printed


def test_json_has_every_change(gateway, revealing):
    words = ("policy", "diff", str(Settings().policies), str(revealing))
    result = gateway(*words, "--json")
    assert result.exit_code == 1
    assert result.stdout == gateway(*words, "--format", "json").stdout
    document = json.loads(result.stdout)
    assert document["count"] == {"widening": 1, "narrowing": 0, "neutral": 0}
    assert document["after"]["name"] == str(revealing)
    assert document["fields"] == [
        {
            "kind": "widening",
            "component": "ApplicationCandidate",
            "fields": ["first_name", "last_name", "email"],
            "operations": OUTLETS,
            "before": "hidden",
            "after": "value",
            "scopes": [["applications:read"]],
        }
    ]


def test_markdown_sums_up_and_can_be_unfolded(gateway, revealing):
    words = (str(Settings().policies), str(revealing), "--format", "markdown")
    first, _, rest = gateway("policy", "diff", *words).stdout.partition("\n\n")
    assert first.startswith("**Policy diff: 1 widening, 0 narrowings, 0 neutral changes**")
    assert rest == (
        "<details open>\n<summary>Widening (1)</summary>\n\n"
        "| what | before | after | for a token with | in |\n|---|---|---|---|---|\n"
        "| `ApplicationCandidate.first_name`, `ApplicationCandidate.last_name`, "
        "`ApplicationCandidate.email` | hidden | value | applications:read |"
        f" {', '.join(f'`{one}`' for one in OUTLETS)} |\n\n</details>\n"
    )


# --- git ------------------------------------------------------------------------------------------


def test_a_revision_is_compared_with_the_working_tree(gateway, repository):
    assert gateway.done("policy", "diff", "main").startswith("`main` (")
    reveal(repository / "policies")
    result = gateway("policy", "diff", "main")
    assert result.exit_code == 1
    assert "-> working tree (" in result.stdout
    git(repository, "commit", "-q", "-a", "-m", "Reveal")
    assert gateway.done("policy", "diff", "main")
    assert gateway("policy", "diff", "main~1", "main").exit_code == 1
    assert "1 narrowing" in gateway.done("policy", "diff", "main", "main~1")


def test_the_document_of_a_revision_counts_too(gateway, repository):
    path = repository / "openapi" / "hiring.yaml"
    operation = "operationId: list_job_postings\n"
    operation += "      x-openapi-router-controller: handlers.job_postings\n"
    required = "      x-required-scopes: [job_postings:read"
    text = path.read_text()
    assert operation + required in text
    path.write_text(text.replace(operation + required, f"{operation}{required}, candidates:read"))
    printed = gateway.done("policy", "diff", "main")
    requires = "requires job_postings:read -> candidates:read, job_postings:read"
    assert f"narrowing  list_job_postings\n  {requires}" in printed
    git(repository, "commit", "-q", "-a", "-m", "Require more")
    assert gateway("policy", "diff", "main", "main~1").exit_code == 1


def test_an_unknown_revision_is_refused_with_the_closest(gateway, repository):
    assert gateway.refusal("policy", "diff", "mian") == (
        "`mian` is neither a folder nor a revision of git; did you mean `main`?"
    )
    assert gateway.refusal("policy", "diff", "v9") == (
        "`v9` is neither a folder nor a revision of git; give a branch, a tag or a commit"
    )


def test_an_option_is_never_taken_for_a_revision(gateway, repository):
    result = gateway("policy", "diff", "--", "--all")
    assert result.exit_code == 1
    assert result.stderr.startswith("`--all` is neither a folder nor a revision of git;")


def test_without_a_repository_folders_are_asked_for(gateway, tmp_path, monkeypatch):
    shutil.copy(Settings().openapi, tmp_path / "hiring.yaml")
    monkeypatch.setenv("GATEWAY_OPENAPI", str(tmp_path / "hiring.yaml"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert gateway.refusal("policy", "diff", "main") == (
        f"`main` is no folder, and {tmp_path} is in no git repository; give a folder"
    )


def test_without_git_folders_are_asked_for(gateway, repository, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert gateway.refusal("policy", "diff", "main") == "git is not installed; give folders"


def test_a_revision_without_the_document_is_told(gateway, repository):
    git(repository, "mv", "openapi/hiring.yaml", "openapi/old.yaml")
    git(repository, "commit", "-q", "-m", "Move")
    shutil.copy(Settings().openapi, repository / "openapi" / "hiring.yaml")
    assert gateway.refusal("policy", "diff", "main") == (
        "main:openapi/hiring.yaml: is not there; choose a revision that has it"
    )


def test_a_revision_that_does_not_hold_is_told_as_git_names_its_files(gateway, repository):
    path = repository / "policies" / "candidate.yaml"
    good = path.read_text()
    path.write_text(good.replace("first_name: candidates:read", "first_name: candidate:read", 1))
    git(repository, "commit", "-q", "-a", "-m", "Break")
    path.write_text(good)
    refusal = gateway.refusal("policy", "diff", "main")
    assert refusal.startswith("main:policies/candidate.yaml:8: unknown scope `candidate:read`")


def test_a_revision_that_is_not_utf_8_is_told(gateway, repository):
    path = repository / "policies" / "candidate.yaml"
    good = path.read_bytes()
    path.write_bytes(good + b"# \xff\n")
    git(repository, "commit", "-q", "-a", "-m", "Break")
    path.write_bytes(good)
    assert gateway.refusal("policy", "diff", "main") == (
        "main:policies/candidate.yaml: is not UTF-8; save it as UTF-8"
    )


def test_policies_outside_of_the_repository_are_told(gateway, repository, revealing, monkeypatch):
    monkeypatch.setenv("GATEWAY_POLICIES", str(revealing))
    assert gateway.refusal("policy", "diff", "main") == (
        f"`{revealing}` is not in the repository {repository}"
    )
