"""A shop and the account that its money comes to."""

import pytest

from tests.bank.bank import open_account
from tests.conftest import Database
from tests.people import Shop, open_shop


@pytest.fixture
def shop(database: Database) -> Shop:
    open_account()
    return open_shop("1000001042")


@pytest.fixture
def other(shop: Shop) -> Shop:
    return open_shop("1000002077", name="Moda Kırtasiye")
