"""The published document: the whole one without the server-side keys."""

from __future__ import annotations

import copy
from collections.abc import Callable

from gateway import spec
from gateway.spec import Document
from gateway.spec.raw import SERVER_SIDE_KEYS, mappings_in

Load = Callable[..., Document]


def test_no_server_side_key_is_published(library: Load) -> None:
    document = library()
    before = {key for _, mapping in mappings_in(document.raw) for key in mapping}
    assert before >= SERVER_SIDE_KEYS
    published = spec.published(document.raw, "https://a.example/api/v1")
    assert not {key for _, mapping in mappings_in(published) for key in mapping} & SERVER_SIDE_KEYS


def test_references_and_order_are_kept(library: Load) -> None:
    document = library()
    published = spec.published(document.raw, "/api/v1")
    assert list(published) == list(document.raw)
    response = published["paths"]["/books"]["get"]["responses"]["200"]
    assert response == {"$ref": "#/components/responses/Books"}
    assert list(published["components"]["schemas"]["Book"]["properties"]) == [
        "id",
        "kind",
        "borrower",
    ]


def test_server_is_where_it_is_served(library: Load) -> None:
    published = spec.published(library().raw, "https://a.example/api/v1")
    assert published["servers"] == [{"url": "https://a.example/api/v1"}]


def test_the_document_itself_is_untouched(library: Load) -> None:
    document = library()
    before = copy.deepcopy(document.raw)
    published = spec.published(document.raw, "/")
    published["components"]["schemas"]["Book"]["properties"].clear()
    assert document.raw == before
