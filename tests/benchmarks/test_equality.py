"""Every server of the benchmarks answers as the gateway does, byte for byte, or its figures lie."""

from contextlib import ExitStack

import pytest

from benchmarks import data, machine
from benchmarks.equality import Answer, Question, difference, questions_of, require_equal
from benchmarks.load import Unusable
from benchmarks.servers import SERVERS, SQLITE, running

GATEWAYS = [one for one in SERVERS.values() if one.command[0].endswith("gateway")]
PEERS = [one for one in SERVERS.values() if one.answers and one not in GATEWAYS]
CASES = [(one, database) for one in [*GATEWAYS[1:], *PEERS] for database in one.databases]

# Starting twenty servers takes its time on a busy machine.
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Give the data on a database, made once each."""
    folder = tmp_path_factory.mktemp("bench")
    made = {}

    def of(name, url_of):
        if name not in made:
            made[name] = data.prepared(url_of, large=300, small=60, folder=folder)
        return made[name]

    return of


@pytest.fixture(scope="module")
def references():
    """Keep the gateways that the others are compared with."""
    with ExitStack() as stack:
        yield stack, {}


@pytest.mark.parametrize(
    ("server", "database"), CASES, ids=[f"{one.name}-{database}" for one, database in CASES]
)
def test_a_server_answers_as_the_gateway(
    server, database, prepared, references, tmp_path_factory, request
):
    if server.missing:
        pytest.skip(server.missing)
    folder = tmp_path_factory.mktemp(server.name)
    if database == SQLITE:
        tables = prepared(database, lambda name: f"sqlite:///{folder}/{name}.db")
    else:
        postgres = request.getfixturevalue("postgres")
        tables = prepared(database, lambda _: postgres.url(postgres.create()))
    processor, _ = machine.processors()
    stack, running_gateways = references
    if database not in running_gateways:
        gateway = running(SERVERS["gateway"], tables.url, processor, folder)
        running_gateways[database] = stack.enter_context(gateway)
    with data.connected(tables.url):
        questions = questions_of(tables)
    with running(server, tables.url, processor, folder) as one:
        require_equal(running_gateways[database], [one], questions)


class Told:
    """A server that gives one answer."""

    def __init__(self, server, answer):
        self.server = server
        self.answer = answer

    def ask(self, _path, _token=None):
        return self.answer


QUESTION = [Question("/api/v1/applications", None)]
FOUND = (200, "application/json", b'{"data":[1]}')
REFUSED = (404, "application/problem+json", b'{"status":404}')


@pytest.mark.parametrize(
    "other",
    [
        (200, "application/json", b'{"data":[2]}'),
        (200, "application/json", b'{"data":[1]}\n'),
        (200, "text/html", b'{"data":[1]}'),
        (404, "application/json", b'{"data":[1]}'),
    ],
)
def test_any_difference_ends_a_run(other):
    gateway, peer = SERVERS["gateway"], SERVERS["connexion"]
    require_equal(Told(gateway, FOUND), [Told(peer, FOUND)], QUESTION)
    with pytest.raises(Unusable, match="connexion does not answer /api/v1/applications"):
        require_equal(Told(gateway, FOUND), [Told(peer, other)], QUESTION)


def test_who_refuses_in_words_of_its_own_is_held_to_the_status():
    gateway, documented, by_hand = (SERVERS[n] for n in ("gateway", "fastapi", "starlette-sql"))
    other = (404, "application/json", b'{"detail":"none"}')
    require_equal(Told(gateway, REFUSED), [Told(documented, other)], QUESTION)
    with pytest.raises(Unusable):
        require_equal(Told(gateway, REFUSED), [Told(by_hand, other)], QUESTION)
    with pytest.raises(Unusable):
        require_equal(Told(gateway, REFUSED), [Told(documented, FOUND)], QUESTION)


def test_a_difference_is_told_with_its_place():
    told = difference(Answer(200, "a", b"x" * 100 + b"y"), Answer(200, "a", b"x" * 100 + b"z"))
    assert "byte 100" in told
    assert "z" in told
