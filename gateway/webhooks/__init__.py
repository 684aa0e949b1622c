"""Webhooks: who listens is told what happened, at once, and no more than the API would tell.

    endpoints.py    who is told: addresses with types of events and scopes, made and changed
    payload.py      an event as the body that an endpoint is sent: the answer of an operation, as a
                    token with the endpoint's scopes would get it
    deliveries.py   events become deliveries; they are claimed, and how they ended is written down
    dispatcher.py   the loop that claims, renders, signs and sends
    sender.py       one try, to the very address that addresses.py has looked at
    signatures.py   the headers of Standard Webhooks, with secrets that sealing.py keeps encrypted
    schedule.py     when a message is tried again, and when an endpoint is given up
    again.py        sending on request: a delivery, all since a time, a test
    history.py      what was sent, for people to look at, and how long it is kept
    service.py      puts the parts together

Beside a request's way. It must not know what an event is about: the types of events, and the
operation that answers for each, are declared in the document.
"""

from gateway.webhooks.payload import Happened, Payloads, Withheld

__all__ = ["Happened", "Payloads", "Withheld"]
