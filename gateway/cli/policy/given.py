"""What the commands look at: document and policies of the settings, and the names in them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from gateway.cli import environment
from gateway.errors import CommandError, echo
from gateway.hints import did_you_mean

if TYPE_CHECKING:
    from gateway.policy import PolicySet
    from gateway.policy.model import Model
    from gateway.spec import Document


def files() -> tuple[Document, PolicySet]:
    """Return document and policies as the settings name them. Raises ConfigError."""
    from gateway import policy, spec

    settings = environment.settings()
    return spec.load(settings.openapi), policy.read(settings.policies)


def model() -> Model:
    """Return the model of document and policies. Raises ConfigError, if they do not hold too."""
    return model_of(*files())


def model_of(document: Document, policies: PolicySet) -> Model:
    """Return the model of *policies*. Raises ConfigError if they do not hold on *document*."""
    from gateway import policy
    from gateway.policy.model import Model

    return Model.of(document, policy.proved(document, policies))


def require_known(kind: str, name: str, known: Collection[str], otherwise: str) -> None:
    """Say no to a *name* that is not *known*.

    Args:
        kind: what it is a name of: `operation`.
        otherwise: what to try where no known name is close.
    Raises:
        CommandError: with the closest known name.
    """
    if name not in known:
        hint = did_you_mean(name, known, f"; {otherwise}")
        raise CommandError(f"unknown {kind} `{echo(name)}`{hint}")


def require_operation(model: Model, name: str) -> None:
    """Say no to an operation or webhook that the document does not have. Raises CommandError."""
    otherwise = "name an `operationId`, or a type of events, of the document"
    require_known("operation", name, model.document.outlets, otherwise)
