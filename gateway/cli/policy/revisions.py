"""Document and policies as they were at a revision of the project's git repository.

Read from git's store: the working tree is not touched. In messages a file is named as git names
it: `main:policies/candidate.yaml`.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gateway import strictyaml
from gateway.errors import CommandError, ConfigError, Finding, echo
from gateway.hints import did_you_mean

if TYPE_CHECKING:
    from gateway.policy import PolicySet
    from gateway.spec import Document
    from gateway.strictyaml import YamlFile


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit of a repository.

    Attributes:
        name: as it was asked for.
        commit: its full hash.
        root: the repository's folder.
    """

    name: str
    commit: str
    root: Path

    def document(self, path: Path) -> Document:
        """Return the document that stood at *path*. Raises CommandError, ConfigError."""
        from gateway import spec

        return spec.checked(self._read(self._inside(path)))

    def policies(self, folder: Path) -> PolicySet:
        """Return the policies that stood in *folder*. Raises CommandError, ConfigError."""
        from gateway import policy

        inside = self._inside(folder)
        listed = _git(self.root, "ls-tree", "-z", "--name-only", self.commit, f"{inside}/")
        paths = [Path(name) for name in (listed or "").split("\0") if name]
        named = {self._named(path): path for path in paths}
        return policy.read_files(self._named(inside), named, lambda path: self._read(named[path]))

    def _inside(self, path: Path) -> Path:
        """Return *path* from the repository's root on."""
        resolved = path.resolve()
        if not resolved.is_relative_to(self.root):
            raise CommandError(f"`{path}` is not in the repository {self.root}")
        return resolved.relative_to(self.root)

    def _named(self, path: Path) -> Path:
        return Path(f"{self.name}:{path}")

    def _read(self, path: Path) -> YamlFile:
        named = self._named(path)
        try:
            text = _git(self.root, "show", f"{self.commit}:{path}")
        except UnicodeDecodeError as error:
            raise ConfigError(Finding("is not UTF-8; save it as UTF-8", named)) from error
        if text is None:
            raise ConfigError(Finding("is not there; choose a revision that has it", named))
        return strictyaml.parse(text, named)


def find(name: str, near: Path) -> Revision:
    """Return the revision *name* of the repository that holds the file *near*.

    Raises:
        CommandError: there is no repository, or no such revision in it.
    """
    folder = near.resolve().parent
    top = _git(folder, "rev-parse", "--show-toplevel")
    if top is None:
        raise CommandError(
            f"`{echo(name)}` is no folder, and {folder} is in no git repository; give a folder"
        )
    root = Path(top.rstrip("\n"))
    commit = _git(
        root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
    )
    if commit is None:
        names = (_git(root, "for-each-ref", "--format=%(refname:short)") or "").split()
        hint = did_you_mean(name, names, "; give a branch, a tag or a commit")
        raise CommandError(f"`{echo(name)}` is neither a folder nor a revision of git{hint}")
    return Revision(name, commit.strip(), root)


def _git(folder: Path, *words: str) -> str | None:
    """Return what git prints; None: it says no.

    Raises:
        CommandError: there is no git.
        UnicodeDecodeError: it prints what is not UTF-8.
    """
    try:
        done = subprocess.run(  # noqa: S603  # no shell, and `name` cannot be taken for an option
            ["git", "-C", str(folder), *words],  # noqa: S607  # git is where the user has it
            capture_output=True,
            check=False,
            encoding="utf-8",
        )
    except FileNotFoundError as error:
        raise CommandError("git is not installed; give folders") from error
    return done.stdout if done.returncode == 0 else None
