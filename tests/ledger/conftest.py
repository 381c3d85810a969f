"""The book alone: what other slices prove about their own records is proven there."""

import pytest

from app.ledger import self_check


@pytest.fixture(autouse=True)
def only_the_book_s_own_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(self_check, "CHECKS", list(self_check.OWN))
