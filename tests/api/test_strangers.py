"""
Whatever is sent to the API: never a 500, never a moved coin; every no is problem+json. The calls are made from the
published OpenAPI document, valid and broken ones, as every role (contract.md §5, trust.md C).
"""

from datetime import timedelta
from typing import Any

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok

from app import clock, db
from app.people import sessions
from app.people.permissions import AGENT_ROLES, ROLES
from tests.people import book_is_right, hire, journal, open_biller, open_shop

EXAMPLES = 12  # for each call, valid and broken


def test_nothing_a_stranger_sends_breaks_or_moves_anything(app: Flask) -> None:
    """C: bad input is a 4xx that names what is wrong"""
    shop = open_shop()
    shop.topped_up("100.00")
    open_biller()
    tokens = [token(role, shop) for role in ROLES]
    before = journal()
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    tried = 0
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        if operation.label == "DELETE /api/v1/tokens":
            continue  # it would sign our testers out
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            tried += try_out(operation.as_strategy(generation_mode=mode), tokens)
    assert tried > 200
    assert journal() == before
    assert book_is_right()


def try_out(cases: Any, tokens: list[str]) -> int:
    tried = 0

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def one(case: Case[Any]) -> None:
        nonlocal tried
        tried += 1
        answer = case.call(headers={"Authorization": f"Bearer {tokens[tried % len(tokens)]}"})
        assert answer.status_code < 500 or answer.headers.get("retry-after"), (case.as_curl_command(), answer.text)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == ["application/problem+json"], (case.as_curl_command(), answer.text)
            assert {"type", "title", "status", "reference"} <= answer.json().keys()

    one()
    return tried


def token(role: str, shop: Any) -> str:
    person = hire(role, shop=shop) if role in AGENT_ROLES else hire(role)
    with db.transaction() as session:
        return sessions.begin(session, person, kind="api", address="127.0.0.1", now=clock.now(), lasts=timedelta(hours=1))[0]
