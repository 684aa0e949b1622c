"""What people see of deliveries, and for how long."""

import pytest
from delivering import CREATED, MOVED, START

from gateway.errors import CommandError
from gateway.webhooks import history
from gateway.webhooks.deliveries import Fate, Tried
from gateway.webhooks.history import KEPT_S, Filter
from models import Event, WebhookAttempt, WebhookDelivery


def messages(world, endpoint, number=1, size=100, **which):
    found = history.page(endpoint, Filter(**which), number, size)
    return [one.message_id for one in found.deliveries]


def test_deliveries_are_shown_newest_first_page_by_page(world):
    endpoint, _other = world.endpoint(), world.endpoint()
    ids = world.happen(*(f"app_{number}" for number in range(5)))
    world.fan_out()
    first = history.page(endpoint, Filter(), 1, 3)
    assert [one.message_id for one in first.deliveries] == ids[:1:-1]
    assert first.has_next
    last = history.page(endpoint, Filter(), 2, 3)
    assert [one.message_id for one in last.deliveries] == ids[1::-1]
    assert not last.has_next


def test_deliveries_are_filtered(world):
    endpoint = world.endpoint()
    [one] = world.happen("app_1")
    world.clock.now += 10
    [two] = world.happen("app_1", type_=MOVED)
    [three] = world.happen("app_2")
    world.clock.now = START
    world.fan_out()
    claimed = world.claim()
    world.finish(*(Tried(claimed=each, at=START, fate=Fate.DELIVERED) for each in claimed[:1]))
    assert messages(world, endpoint, state=Fate.DELIVERED) == [one]
    assert messages(world, endpoint, state=Fate.PENDING) == [three, two]
    assert messages(world, endpoint, type=CREATED) == [three, one]
    assert messages(world, endpoint, subject_id="app_1") == [two, one]
    assert messages(world, endpoint, since=START + 1) == []
    assert messages(world, endpoint, subject_id="app_1", type=MOVED, since=START) == [two]


def test_an_unknown_state_is_refused_with_a_hint():
    assert history.checked_state(None) is None
    assert history.checked_state("failed") is Fate.FAILED
    with pytest.raises(CommandError, match="did you mean `failed`"):
        history.checked_state("faild")


def test_what_is_older_than_thirty_days_is_removed_and_nothing_else(world, monkeypatch):
    monkeypatch.setattr(history, "REMOVED_AT_ONCE", 2)
    world.endpoint()
    world.happen("app_1", "app_2", "app_3")
    world.fan_out()
    [claimed, *_] = world.claim()
    world.finish(Tried(claimed=claimed, at=START, fate=Fate.DELIVERED, status=200))
    world.clock.now += 1
    world.happen("app_4")
    world.fan_out()
    assert history.remove_old(now=START + KEPT_S) == 0
    assert history.remove_old(now=START + KEPT_S + 1) == 6
    assert [one.subject_id for one in WebhookDelivery.select()] == ["app_4"]
    assert [one.subject_id for one in Event.select()] == ["app_4"]
    assert len(WebhookAttempt.select()) == 0
