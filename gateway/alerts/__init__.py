"""What administrators of an account are told of without asking: by mail, in the log, on pages.

    inactivity.py   tokens that nobody uses: once for each spell, in one digest a day
    endpoints.py    webhook endpoints that had to be disabled

What is told of is written down with the mails that tell it, in one transaction, so it is told once
however often it is looked at. Without a mail server nothing is queued.
"""

from gateway.alerts.endpoints import DisabledEndpoints
from gateway.alerts.inactivity import Inactivity, told_at

__all__ = ["DisabledEndpoints", "Inactivity", "told_at"]
