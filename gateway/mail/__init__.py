"""Mail to the administrators of an account: queued with what it tells of, sent later, tried again.

    outbox.py    rows that wait: written in the transaction of what they tell of
    postman.py   takes one after the other and hands it to the server; a job
    smtp.py      the server

A mail is sent at least once, and not twice but where a process dies, or the connection breaks,
between the server's yes and the writing down of it; both then have the same `Message-ID`. Logs name
a mail by what it is about (`OutgoingMail.key`), never by an address.
"""

from gateway.mail.outbox import queue, remove_old
from gateway.mail.postman import RESULTS, Postman
from gateway.mail.smtp import Mail, Send, Unsent, mail_of

__all__ = ["RESULTS", "Mail", "Postman", "Send", "Unsent", "mail_of", "queue", "remove_old"]
