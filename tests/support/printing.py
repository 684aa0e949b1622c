"""What is printed by any thread while a test runs.

pytest's own capture is a text file of the kind that two threads must not use at once: a server
that writes a log line while the test reads has ended the whole process.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

WITHIN_S = 30


class Printed(io.StringIO):
    """Stands in the place of stdout and stderr; its operations are atomic."""

    def once_it_has(self, text: str) -> str:
        """Return all that was printed, once *text* is in it."""
        deadline = time.monotonic() + WITHIN_S
        while text not in (printed := self.getvalue()):
            assert time.monotonic() < deadline, printed
            time.sleep(0.01)
        return printed


@contextmanager
def printing() -> Iterator[Printed]:
    """Give what is printed in the context, log lines too."""
    printed = Printed()
    with redirect_stdout(printed), redirect_stderr(printed):
        yield printed
