"""Webhooks: who listens is told what happened, at once, and no more than the API would tell.

    payload.py   an event as the body that an endpoint is sent: the answer of an operation, as a
                 token with the endpoint's scopes would get it

Beside a request's way. It must not know what an event is about: the types of events, and the
operation that answers for each, are declared in the document.
"""

from gateway.webhooks.payload import Happened, Payloads, Withheld

__all__ = ["Happened", "Payloads", "Withheld"]
