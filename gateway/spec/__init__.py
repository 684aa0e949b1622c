"""The OpenAPI document: read, checked and bundled once at start.

    document.py   what the rest of the engine reads: `Document`, `Operation`, `Webhook`, …
    lint.py       what makes a document unfit to serve; a wrong one stops the start
    payloads.py   what a webhook sends: the form of its body
    publish.py    the document as callers see it, without the server-side keys
    openapi31.py  the same in OpenAPI 3.1

Stands before every request: nothing here runs during one. It must not know who may see what
(`gateway.policy` narrows), nor anything of HTTP or of Connexion.
"""

from gateway.spec.document import Document, Operation, Parameter, Webhook
from gateway.spec.lint import checked, load
from gateway.spec.openapi31 import as_openapi_31
from gateway.spec.publish import published, whole

__all__ = [
    "Document",
    "Operation",
    "Parameter",
    "Webhook",
    "as_openapi_31",
    "checked",
    "load",
    "published",
    "whole",
]
