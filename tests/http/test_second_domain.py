"""Another domain stands on the same engine: its document, handlers and policies are in
tests/second_domain, and nothing in gateway/ knows them."""

from __future__ import annotations

SCOPES = ("books:read", "desk:read")


def test_lists_are_paged_filtered_and_counted(library):
    body = library("/books?page=2", "books:read").json()
    assert [book["id"] for book in body["data"]] == [f"book_{n}" for n in (5, 4, 3, 2, 1)]
    assert body["pagination"]["total_count"] == 25
    poems = library("/books?kind=poetry", "books:read").json()
    assert [book["title"] for book in poems["data"]] == ["Duineser Elegien"]


def test_what_a_token_sees_follows_the_policy(library):
    masked = {"id": "book_1", "title": "Ficciones", "borrower": "A***"}
    assert library("/books/book_1", "books:read").json() == masked
    assert library("/books/book_1", *SCOPES).json() == {**masked, "borrower": "Anna"}
    assert library("/books/book_2", "books:read").json()["borrower"] is None


def test_a_plain_document_of_a_handler_is_held_to_the_policy_too(library):
    assert library("/holidays", "desk:read").json() == {"days": ["2026-12-25"]}
    assert library("/holidays", "books:read").status_code == 403


def test_messages_are_made_from_the_document(library):
    (error,) = library("/books?kind=Novel", "books:read").json()["errors"]
    assert error["allowed"] == ["novel", "poetry"]
    assert error["did_you_mean"] == "novel"


def test_the_document_is_published_and_narrowed(library):
    document = library("/openapi.json", "books:read").json()
    assert list(document["paths"]) == ["/books", "/books/{id}"]
