"""One process at a time has a lease, and another one has it when the first is gone."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest

from gateway.database import connect
from gateway.jobs import Leases
from models import Lease, database


@pytest.fixture
def leases(db) -> Leases:
    return Leases(db)


def run_out(name: str) -> None:
    Lease.update(expires_at=0).where(Lease.name == name).execute()


def test_one_holder_has_it_and_renews_it(leases):
    assert leases.take("jobs", "a", 60)
    assert not leases.take("jobs", "b", 60)
    assert leases.take("jobs", "a", 60)


def test_another_has_it_once_it_has_run_out(leases):
    assert leases.take("jobs", "a", 60)
    run_out("jobs")
    assert leases.take("jobs", "b", 60)
    assert not leases.take("jobs", "a", 60)


def test_a_holder_that_was_overtaken_takes_nothing_back(leases):
    leases.take("jobs", "a", 60)
    run_out("jobs")
    leases.take("jobs", "b", 60)
    leases.release("jobs", "a")
    assert Lease.get().holder == "b"
    assert not leases.take("jobs", "a", 60)


def test_a_lease_that_is_given_up_is_free_at_once(leases):
    leases.take("jobs", "a", 60)
    leases.release("jobs", "a")
    assert leases.take("jobs", "b", 60)


def test_leases_of_different_names_are_apart(leases):
    assert leases.take("jobs", "a", 60)
    assert leases.take("other", "b", 60)


@pytest.mark.parametrize("attempt", range(5))
def test_of_many_that_try_at_once_one_has_it(database_url, attempt):
    pool = connect(database_url)
    leases, barrier, taken = Leases(pool), Barrier(8), []

    def take(number: int) -> None:
        with database.connection_context():
            barrier.wait()
            if leases.take("jobs", f"holder {number}", 60):
                taken.append(number)

    threads = [Thread(target=take, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pool.close_all()
    assert len(taken) == 1
