"""The disclosure log: which token or webhook was given which fields of which records, and when.

    inventory.py   from an answer's bytes to the ids and field names in it
    record.py      on a request's way, between the egress guard and the first byte that leaves
    log.py         the file: whole lines, from several processes, rotated by size
    history.py     the question that the log is there for

It holds ids and names of fields, never a value: what `gateway.disclosure` writes must be fit to be
kept longer than the data that it tells of. It knows components, not candidates.
"""

from gateway.disclosure.history import Disclosure, History
from gateway.disclosure.inventory import Inventory
from gateway.disclosure.log import DisclosureLog
from gateway.disclosure.record import Disclosures, Recipient, Unrecorded

__all__ = [
    "Disclosure",
    "DisclosureLog",
    "Disclosures",
    "History",
    "Inventory",
    "Recipient",
    "Unrecorded",
]
