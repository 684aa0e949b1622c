"""Reading: from what a handler declares to the documents that a caller may see.

A handler declares *shapes* (which column fills which field of a component) and *listings* (order,
filters, totals), and asks a `Reader`. The reader is already limited to the caller's account, and
its SELECT lists hold only the columns that the caller's scopes show. So neither the account limit
nor the redaction depends on a handler's memory.

Knows tables and documents, but neither HTTP nor what a candidate is.
"""

from gateway.reading.declare import Contains, Equals, Listing, Many, Ranges, Shape, Total, bind
from gateway.reading.reader import Plans, Reader, Rendered

__all__ = [
    "Contains",
    "Equals",
    "Listing",
    "Many",
    "Plans",
    "Ranges",
    "Reader",
    "Rendered",
    "Shape",
    "Total",
    "bind",
]
