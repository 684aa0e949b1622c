"""Background work: what is done beside requests, by `gateway jobs` or within `gateway serve`.

    running.py     runs services, each until it is told to stop
    alone.py       a service that runs another one in one process only, whoever else serves
    lease.py       the row in the database that says which process that is
    scheduler.py   a service that runs jobs when they are due

There are two kinds of work:

- A **service** is anything with `run()`, a coroutine that ends some time after `stop()` was called
  from the same event loop (`Service`). By itself it runs in every process: it must share its work
  by claims in the database, as webhook deliveries and the queue of mails do.
- A **job** is a plain function of the time that runs at an interval, in a thread with a connection
  open (`Job`). Jobs run in one process at a time, once for each time that they are due.

INVARIANT: what is done must survive the end of its process at any moment, and a second process that
does the same: a paused process may wake up after its lease has passed to another. So a job's
effects are guarded by unique rows, not by the lease alone.

What runs is put together in `gateway/background.py`; nothing here knows it.
"""

from gateway.jobs.alone import Alone
from gateway.jobs.lease import Leases
from gateway.jobs.running import Service, run_until_stopped, running
from gateway.jobs.scheduler import Job, Scheduler

__all__ = ["Alone", "Job", "Leases", "Scheduler", "Service", "run_until_stopped", "running"]
