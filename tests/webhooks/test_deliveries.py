"""Events become deliveries, once; deliveries are claimed by one, in order; their ends are kept."""

import threading
from dataclasses import replace

import pytest
from delivering import CREATED, MOVED, START, ids_of

from gateway.audit import SYSTEM
from gateway.webhooks import deliveries, endpoints
from gateway.webhooks.deliveries import Fate, Tried
from gateway.webhooks.endpoints import Because
from gateway.webhooks.schedule import DAY, Schedule
from models import Account, WebhookAttempt, WebhookDelivery


def delivered(claimed, **values):
    return Tried(claimed=claimed, at=START, status=200, fate=Fate.DELIVERED, body=b"{}", **values)


def failed(claimed, *, due_in=5, **values):
    due_at = START + due_in
    return Tried(claimed=claimed, at=values.pop("at", START), status=500, due_at=due_at, **values)


# --- events become deliveries ---------------------------------------------------------------------


def test_each_endpoint_gets_the_events_that_it_wants_since_it_was_made(world):
    world.happen("app_0")
    every, moves = world.endpoint(), world.endpoint(events=[MOVED])
    created, moved = world.happen("app_1"), world.happen("app_1", type_=MOVED)
    world.fan_out()
    assert list(world.states(every)) == created + moved
    assert list(world.states(moves)) == moved
    assert set(world.states().values()) == {"pending"}


def test_an_event_of_another_account_is_nobody_elses(world):
    other = Account.create(public_id="acct_2", name="Other", created_at=0)
    world.endpoint()
    world.happen("app_1", account=other)
    world.fan_out()
    assert world.states() == {}


def test_an_event_becomes_one_delivery_however_often_it_is_looked_at(world):
    endpoint = world.endpoint()
    world.happen("app_1", "app_2")
    world.fan_out()
    world.fan_out()
    endpoint.last_event = 0  # as if another process had not seen it yet
    endpoint.save()
    world.fan_out()
    assert len(WebhookDelivery.select()) == 2


def test_more_events_than_are_taken_at_once_all_become_deliveries(world, monkeypatch):
    monkeypatch.setattr(deliveries, "EVENTS_AT_ONCE", 3)
    world.endpoint()
    ids = world.happen(*(f"app_{number}" for number in range(10)))
    world.fan_out()
    assert list(world.states()) == ids


def test_a_disabled_endpoint_gets_no_deliveries(world):
    endpoint = world.endpoint()
    endpoints.disable(endpoint, Because.ASKED, by=SYSTEM, now=START)
    world.happen("app_1")
    world.fan_out()
    endpoints.enable(world.fresh(endpoint), by=SYSTEM, now=START)
    world.fan_out()
    assert world.states() == {}
    later = world.happen("app_2")
    world.fan_out()
    assert list(world.states()) == later


# --- who tries what -------------------------------------------------------------------------------


def test_what_one_has_claimed_no_other_gets_until_the_claim_ends(world):
    world.endpoint()
    ids = world.happen("app_1", "app_2")
    world.fan_out()
    assert ids_of(world.claim("a", lease_s=60)) == ids
    assert world.claim("b") == []
    world.clock.now += 59
    assert world.claim("b") == []
    world.clock.now += 1  # the first has been killed
    assert ids_of(world.claim("b")) == ids


def test_the_end_of_a_try_counts_only_while_the_claim_is_ones_own(world):
    world.endpoint()
    world.happen("app_1")
    world.fan_out()
    [late] = world.claim("a", lease_s=60)
    world.clock.now += 60
    [taken] = world.claim("b")
    world.finish(failed(late))
    assert len(WebhookAttempt.select()) == 0
    world.finish(delivered(taken))
    assert set(world.states().values()) == {"delivered"}


def test_many_claimers_at_once_never_get_the_same(world, database_url):
    world.endpoint()
    world.endpoint()
    world.happen(*(f"app_{number % 50}" for number in range(100)))
    world.fan_out()
    taken, failures = [], []

    def work(name):
        try:
            with world.database.connection_context():
                while mine := world.claim(name, at_once=7):
                    taken.extend(mine)
                    world.finish(*map(delivered, mine))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(f"process {number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # One that found the rest claimed by others has ended early.
    work("the last")
    assert failures == []
    keys = [one.key for one in taken]
    assert len(keys) == len(set(keys)) == 200
    assert set(world.states().values()) == {"delivered"}


def test_about_one_subject_a_later_event_waits_for_an_earlier_one(world):
    world.endpoint()
    first, second, third = world.happen("app_1", "app_1", "app_2")
    world.fan_out()
    claimed = world.claim()
    assert ids_of(claimed) == [first, third]
    assert world.claim() == []
    world.finish(*map(delivered, claimed))
    assert ids_of(world.claim()) == [second]


def test_an_event_that_failed_does_not_hold_up_those_after_it(world):
    world.endpoint()
    first, second = world.happen("app_1", "app_1")
    world.fan_out()
    world.finish(*map(failed, world.claim()))
    [claimed] = world.claim()
    assert claimed.message_id == second
    world.finish(delivered(claimed))
    assert world.claim() == []
    world.clock.now += 5
    [again] = world.claim()
    assert (again.message_id, again.tries) == (first, 1)


def test_another_endpoint_is_not_waited_for(world):
    one, other = world.endpoint(), world.endpoint()
    world.happen("app_1")
    world.fan_out()
    claimed = world.claim()
    assert {each.endpoint for each in claimed} == {one.id, other.id}


def test_an_endpoint_has_a_number_of_tries_at_once_of_its_own(world):
    one, other = world.endpoint(), world.endpoint()
    world.happen(*(f"app_{number}" for number in range(9)))
    world.fan_out()
    now = int(world.clock())
    claimed = deliveries.claim("a", {one.id: 3}, now=now, lease_s=60, at_once=4)
    assert [each.endpoint for each in claimed] == [one.id] + [other.id] * 4


def test_claims_can_be_given_back(world):
    world.endpoint()
    world.happen("app_1")
    world.fan_out()
    [claimed] = world.claim("a")
    deliveries.release("b", [claimed.key])
    assert world.claim("b") == []
    deliveries.release("a", [claimed.key])
    assert world.claim("b")[0].tries == 0


# --- how it ended ---------------------------------------------------------------------------------


def test_each_try_is_kept_with_the_body_as_it_was_sent(world):
    world.endpoint()
    world.happen("app_1")
    world.fan_out()
    world.finish(failed(world.claim()[0], duration_ms=12, body='{"name":"José"}'.encode()))
    world.clock.now += 5
    world.finish(delivered(world.claim()[0], duration_ms=3))
    attempts = list(WebhookAttempt.select().order_by(WebhookAttempt.id))
    assert [(one.status, one.duration_ms, one.body) for one in attempts] == [
        (500, 12, '{"name":"José"}'),
        (200, 3, "{}"),
    ]
    [delivery] = world.stored().values()
    assert (delivery.state, delivery.tries, delivery.status) == ("delivered", 2, 200)
    assert (delivery.due_at, delivery.ended_at, delivery.claim) == (None, START, None)


def test_an_endpoint_says_how_its_last_try_went(world):
    endpoint = world.endpoint()
    world.happen("app_1", "app_2")
    world.fan_out()
    first, second = world.claim()
    later = replace(failed(second, at=START + 9), status=None, error="timeout", duration_ms=7)
    world.finish(later, delivered(first))
    after = world.fresh(endpoint)
    assert (after.last_tried_at, after.last_status, after.last_error) == (
        START + 9,
        None,
        "timeout",
    )


def test_a_success_forgets_the_failures_before_it(world):
    endpoint = world.endpoint()
    world.happen("app_1", "app_2")
    world.fan_out()
    one, two = world.claim()
    world.finish(failed(one))
    after = world.fresh(endpoint)
    assert (after.failures, after.failing_since) == (1, START)
    world.finish(delivered(two))
    after = world.fresh(endpoint)
    assert (after.failures, after.failing_since, after.rests_until) == (0, None, 0)


def test_an_endpoint_that_fails_again_and_again_is_asked_with_one_message_at_a_time(world):
    endpoint = world.endpoint()
    world.happen(*(f"app_{number}" for number in range(20)))
    world.fan_out()
    world.finish(*map(failed, world.claim(at_once=8)))
    resting = world.fresh(endpoint)
    assert (resting.failures, resting.rests_until) == (8, START + 8)
    assert world.claim(at_once=8) == []
    world.clock.now += 8
    [probe] = world.claim(at_once=8)
    world.finish(delivered(probe))
    assert len(world.claim(at_once=8)) == 8


def test_a_receiver_that_asks_to_be_left_alone_is(world):
    endpoint = world.endpoint()
    world.happen("app_1", "app_2")
    world.fan_out()
    [one] = world.claim(at_once=1)
    world.finish(failed(one, wait_s=120))
    assert world.fresh(endpoint).rests_until == START + 120
    world.clock.now += 119
    assert world.claim() == []
    world.clock.now += 1
    assert len(world.claim()) == 2


def test_an_endpoint_that_is_gone_is_disabled(world):
    endpoint = world.endpoint()
    world.happen("app_1", "app_2")
    world.fan_out()
    one, two = world.claim()
    gone = Tried(claimed=one, at=START, status=410, fate=Fate.FAILED, gone=True)
    [disabled] = world.finish(gone, delivered(two))
    assert (disabled.endpoint_id, disabled.because) == (endpoint.public_id, Because.GONE)
    after = world.fresh(endpoint)
    assert (after.state, after.disabled_because) == ("disabled", "gone")


@pytest.mark.parametrize(("seconds", "disabled"), [(3 * DAY - 1, False), (3 * DAY, True)])
def test_an_endpoint_that_fails_for_three_days_is_disabled_once(world, seconds, disabled):
    endpoint = world.endpoint()
    world.happen("app_1")
    world.fan_out()
    world.finish(failed(world.claim()[0]))
    world.clock.now += seconds
    told = world.finish(failed(world.claim()[0], due_in=seconds + 5))
    assert [one.because for one in told] == [Because.FAILING] * disabled
    assert world.fresh(endpoint).state == ("disabled" if disabled else "enabled")
    world.clock.now += DAY
    assert (world.claim() == []) is disabled


def test_what_never_reached_the_receiver_says_nothing_about_it(world):
    endpoint = world.endpoint()
    world.happen("app_1")
    world.fan_out()
    unsent = failed(world.claim()[0], asked=False)
    world.finish(unsent, schedule=Schedule(disable_after_s=0))
    assert world.fresh(endpoint).failures == 0


def test_a_deleted_endpoint_takes_its_deliveries_along(world):
    endpoint = world.endpoint()
    world.happen("app_1", "app_2")
    world.fan_out()
    one, two = world.claim()
    world.finish(delivered(one))
    endpoints.delete(endpoint, by=SYSTEM, now=START)
    assert world.finish(delivered(two)) == []  # its try was under way
    assert len(WebhookDelivery.select()) == len(WebhookAttempt.select()) == 0


def test_what_waits_for_a_disabled_endpoint_is_sent_when_it_is_enabled(world):
    endpoint = world.endpoint()
    [event] = world.happen("app_1")
    world.fan_out()
    world.finish(failed(world.claim()[0], due_in=DAY))
    endpoints.disable(world.fresh(endpoint), Because.ASKED, by=SYSTEM, now=START)
    assert world.claim() == []
    endpoints.enable(world.fresh(endpoint), by=SYSTEM, now=START)
    assert ids_of(world.claim()) == [event]
    assert world.stored()[event].type == CREATED
