"""What a published document says of the bodies of webhooks, by validators of its own version."""

from __future__ import annotations

from typing import Any

from openapi_schema_validator import (
    OAS30ReadValidator,
    OAS31Validator,
    oas30_format_checker,
    oas31_format_checker,
)


def errors_of(document: dict[str, Any], event_type: str, body: Any) -> list[str]:
    """Return what is wrong with *body* by a published document, in either version."""
    is_newer = "webhooks" in document
    webhooks = document["webhooks" if is_newer else "x-webhooks"]
    content = webhooks[event_type]["post"]["requestBody"]["content"]
    schema = content["application/json"]["schema"]
    whole = {"allOf": [schema], "components": document.get("components", {})}
    if is_newer:
        validator = OAS31Validator(whole, format_checker=oas31_format_checker)
    else:
        validator = OAS30ReadValidator(whole, format_checker=oas30_format_checker)
    return [error.message for error in validator.iter_errors(body)]
