"""What Connexion alone refuses in a document stops the start in one line, like any finding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway import stack, strictyaml
from gateway.errors import ConfigError
from gateway.spec import lint

SHIPPED = Path(__file__).parents[2] / "openapi" / "hiring.yaml"


def test_connexions_refusal_is_one_finding() -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    # The lint looks at the defaults of answers and parameters, Connexion at those of headers, too.
    right = "      required: true\n      schema:\n        type: string\n      example: 5f0c"
    wrong = right.replace("string\n", "string\n        default: 1\n")
    assert right in text
    source = strictyaml.parse(text.replace(right, wrong, 1), SHIPPED)
    document = lint.checked(source)
    unused: Any = None
    with pytest.raises(ConfigError, match=r"hiring\.yaml: Connexion refuses it: "):
        stack.build(document, unused, unused)
