"""Endpoints: what is taken and refused, what is stored of a secret, what the audit trail says."""

import socket

import pytest
from delivering import KEY, KNOWN, LOOPBACK, START, World

from gateway.audit import SYSTEM, Filter, document, entries
from gateway.errors import CommandError, ConfigError
from gateway.settings import Settings
from gateway.webhooks import again, endpoints, service
from gateway.webhooks.addresses import AddressRules
from gateway.webhooks.deliveries import Tried
from gateway.webhooks.endpoints import MAX_ENDPOINTS, Because, Endpoints
from gateway.webhooks.sealing import Sealer, SealingError, new_key
from models import Account, WebhookDelivery, WebhookEndpoint

NAMED = "https://hooks.example.com/in?key=secret-in-the-address"


def strict(world: World, look_up) -> Endpoints:
    return Endpoints(KNOWN, world.sealer, AddressRules(), look_up)


def make(maker: Endpoints, account, url=NAMED, **values):
    given = {"events": [], "scopes": [], "by": SYSTEM, "now": START, **values}
    return maker.create(account=account, url=url, **given)


def trail(action=None):
    return [document(entry) for entry in entries(Filter(action=action))]


def test_an_endpoint_is_told_of_everything_and_shown_nothing_unless_somebody_says_so(world):
    endpoint = world.endpoint()
    assert endpoint.events.split() == sorted(KNOWN.events)
    assert endpoint.scopes == ""
    assert endpoint.state == "enabled"


def test_a_secret_is_stored_encrypted_and_each_endpoint_has_its_own(world):
    (one, secret), (other, second) = (make(world.endpoints(), world.account) for _ in range(2))
    assert secret != second
    rows = world.database.execute_sql("SELECT * FROM webhook_endpoint").fetchall()
    for each in (secret, second):
        assert each.removeprefix("whsec_") not in repr(rows)
    assert world.sealer.open(one.secret, one.public_id) == secret
    assert world.sealer.open(other.secret, other.public_id) == second


def test_without_a_key_there_are_no_endpoints(world):
    maker = Endpoints(KNOWN, Sealer([]), LOOPBACK, lambda _host, _port: ["127.0.0.1"])
    with pytest.raises(SealingError, match="GATEWAY_WEBHOOK_KEY"):
        make(maker, world.account)
    assert len(WebhookEndpoint.select()) == 0


def test_a_server_does_not_start_without_the_key_of_its_endpoints(world):
    service.require_key(Settings())  # there are none
    endpoint = world.endpoint()
    for keys in ((), (new_key(),)):
        with pytest.raises(ConfigError, match="GATEWAY_WEBHOOK_KEY"):
            service.require_key(Settings(webhook_keys=keys))
    service.require_key(Settings(webhook_keys=(new_key(), KEY)))
    world.endpoints().rotate(endpoint, by=SYSTEM, now=START)
    service.require_key(Settings(webhook_keys=(KEY,)))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"url": "http://hooks.example.com/"}, "the webhook's address must start with https://"),
        ({"url": "https://10.0.0.1/"}, "the webhook's address the host's address is not a public"),
        ({"url": "https://a:b@example.com/"}, "the webhook's address must not have a user"),
        ({"events": ["application.create"]}, "did you mean `application.created`?"),
        ({"scopes": ["application:read"]}, "did you mean `applications:read`?"),
        ({"description": "a\x00b"}, "the webhook's description must not have control characters"),
        ({"description": "a" * 256}, "the webhook's description must have 1 to 255 characters"),
    ],
)
def test_a_wrong_value_is_refused_and_nothing_is_made(world, values, said):
    maker = strict(world, lambda _host, _port: ["93.184.216.34"])
    with pytest.raises(CommandError) as refusal:
        make(maker, world.account, **values)
    assert said in str(refusal.value)
    assert len(WebhookEndpoint.select()) == len(trail()) == 0


def test_a_name_that_leads_into_a_network_is_refused_without_saying_where_to(world):
    with pytest.raises(CommandError) as refusal:
        make(strict(world, lambda _host, _port: ["10.3.2.1"]), world.account)
    assert "not a public one" in str(refusal.value)
    assert "10.3" not in str(refusal.value)
    assert "secret-in" not in str(refusal.value)


def test_a_name_that_cannot_be_looked_up_now_is_taken(world):
    def nobody(_host, _port):
        raise socket.gaierror

    endpoint, _ = make(strict(world, nobody), world.account)
    assert endpoint.url == NAMED


def test_an_account_has_a_bounded_number_of_endpoints(world):
    for _ in range(MAX_ENDPOINTS):
        world.endpoint()
    with pytest.raises(CommandError, match="at most 50"):
        world.endpoint()


def test_a_change_changes_what_it_names(world):
    endpoint = world.endpoint(description="HR", scopes=["applications:read"])
    maker = world.endpoints()
    changed = maker.update(endpoint, events=["candidate.created"], by=SYSTEM, now=START)
    assert (changed.events, changed.scopes) == ("candidate.created", "applications:read")
    changed = maker.update(endpoint, scopes=[], by=SYSTEM, now=START)
    assert (changed.scopes, changed.description) == ("", "HR")
    changed = maker.update(endpoint, url=NAMED, description="", by=SYSTEM, now=START)
    assert (changed.url, changed.description) == (NAMED, "")
    with pytest.raises(CommandError):
        maker.update(endpoint, url="https://localhost.:1/", by=SYSTEM, now=START)
    assert world.fresh(endpoint).url == NAMED


def test_while_secrets_are_rotated_both_sign_and_then_the_new_one_alone(world):
    endpoint, first = make(world.endpoints(), world.account)
    second = world.endpoints().rotate(endpoint, by=SYSTEM, now=START, keep_s=60)

    def secrets_now():
        world.happen(f"app_{world.clock.now}")
        world.fan_out()
        [claimed] = world.claim()
        WebhookDelivery.delete().execute()
        return [world.sealer.open(one, endpoint.public_id) for one in claimed.secrets]

    assert secrets_now() == [second, first]
    world.clock.now += 59
    assert secrets_now() == [second, first]
    world.clock.now += 1
    assert secrets_now() == [second]
    third = world.endpoints().rotate(endpoint, by=SYSTEM, now=int(world.clock()), keep_s=0)
    assert secrets_now() == [third]


def test_an_endpoint_of_another_account_is_not_found(world):
    other = Account.create(public_id="acct_2", name="Other", created_at=0)
    endpoint = world.endpoint()
    assert endpoints.find(endpoint.public_id, world.account).id == endpoint.id
    with pytest.raises(CommandError, match="no webhook endpoint"):
        endpoints.find(endpoint.public_id, other)
    assert endpoints.of_account(other) == []


def test_each_change_is_in_the_audit_trail_without_secrets_and_addresses(world):
    maker = world.endpoints()
    endpoint, secret = make(maker, world.account, scopes=["applications:read"])
    maker.update(endpoint, scopes=[], by=SYSTEM, now=START)
    maker.update(endpoint, description="", by=SYSTEM, now=START)  # changes nothing
    second = maker.rotate(endpoint, by=SYSTEM, now=START)
    endpoints.disable(endpoint, Because.ASKED, by=SYSTEM, now=START)
    endpoints.disable(endpoint, Because.ASKED, by=SYSTEM, now=START)
    endpoints.enable(world.fresh(endpoint), by=SYSTEM, now=START)
    again.send_test(world.fresh(endpoint), by=SYSTEM, now=START)
    again.send_all_again(world.fresh(endpoint), START, by=SYSTEM, now=START)
    endpoints.delete(endpoint, by=SYSTEM, now=START)
    found = trail()
    assert [entry["action"] for entry in found] == [
        "webhook.created",
        "webhook.updated",
        "webhook.rotated",
        "webhook.disabled",
        "webhook.enabled",
        "webhook.tested",
        "webhook.sent_again",
        "webhook.deleted",
    ]
    assert (found[1]["before"], found[1]["after"]) == (
        {"scopes": ["applications:read"]},
        {"scopes": []},
    )
    assert {entry["account"]["id"] for entry in found} == {world.account.public_id}
    assert {entry["subject"]["name"] for entry in found} == {"hooks.example.com"}
    for hidden in (secret, second, "secret-in-the-address"):
        assert hidden not in repr(found)


# --- sending on request ---------------------------------------------------------------------------


def end(world, fate):
    claimed = world.claim()
    world.finish(*(Tried(claimed=one, at=START, fate=fate) for one in claimed))


def test_what_has_not_arrived_since_a_time_is_sent_again_and_what_was_missed(world):
    endpoint = world.endpoint()
    [early] = world.happen("app_1")
    world.fan_out()
    end(world, "failed")
    world.clock.now += 100
    [failed] = world.happen("app_2")
    world.fan_out()
    end(world, "failed")
    [arrived] = world.happen("app_3")
    world.fan_out()
    end(world, "delivered")
    endpoints.disable(endpoint, Because.ASKED, by=SYSTEM, now=START)
    [missed] = world.happen("app_4")
    endpoints.enable(world.fresh(endpoint), by=SYSTEM, now=START)
    world.fan_out()

    now = int(world.clock())
    fresh = world.fresh(endpoint)
    assert again.send_all_again(fresh, START + 100, by=SYSTEM, now=now) == 2
    assert world.states() == {
        early: "failed",
        failed: "pending",
        arrived: "delivered",
        missed: "pending",
    }
    assert world.stored()[failed].tries == 0
    assert again.send_all_again(fresh, START + 100, delivered_too=True, by=SYSTEM, now=now) == 1
    assert world.states()[arrived] == "pending"


def test_one_delivery_is_sent_again_with_its_message_id(world):
    endpoint = world.endpoint()
    [event] = world.happen("app_1")
    world.fan_out()
    end(world, "delivered")
    delivery = world.stored()[event]
    again.send_again(delivery, endpoint, by=SYSTEM, now=START)
    [claimed] = world.claim()
    assert (claimed.message_id, claimed.tries) == (event, 0)
    # One that is under way is left alone.
    again.send_again(delivery, endpoint, by=SYSTEM, now=START)
    assert world.claim() == []


def test_nothing_is_sent_again_to_an_endpoint_that_is_disabled(world):
    endpoint = world.endpoint()
    endpoints.disable(endpoint, Because.ASKED, by=SYSTEM, now=START)
    fresh = world.fresh(endpoint)
    with pytest.raises(CommandError, match="gateway webhook enable"):
        again.send_all_again(fresh, 0, by=SYSTEM, now=START)
    with pytest.raises(CommandError, match="is disabled"):
        again.send_test(fresh, by=SYSTEM, now=START)


def test_a_delivery_to_another_endpoint_is_not_found(world):
    one, other = world.endpoint(), world.endpoint()
    world.happen("app_1")
    world.fan_out()
    delivery = WebhookDelivery.get(WebhookDelivery.endpoint == one)
    assert again.find_delivery(delivery.public_id, one).id == delivery.id
    with pytest.raises(CommandError, match="no delivery"):
        again.find_delivery(delivery.public_id, other)
