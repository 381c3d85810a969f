"""A short rush of transfers (the long one: ``./gise bench transfers``)."""

from pathlib import Path

from tests.journeys.running import running_gise
from tests.journeys.transfers import WAYS, Rush


def test_while_the_shops_pay_every_transfer_finds_its_agent_within_a_minute(tmp_path: Path) -> None:
    """E1, E2, E3, E5, E6, E7, E12, in all four markets at once"""
    with running_gise(tmp_path / "var") as gise:
        rush = Rush(gise, count=96, seconds=10, before=2, pay_every=1, seed=20261126)
        outcome = rush.run()
        assert outcome.wrong == ()
        assert len(outcome.waits) == outcome.expected == 80
        assert {each.rule for each in rush.sent.values()} == {rule for rule, _ in WAYS} | {"E5", "E7", "E12"}
        assert {each.currency for each in rush.sent.values() if each.agent} == {"TRY", "AZN", "EUR", "HUF"}
        assert len(rush.waits["while"]) >= 20 and not rush.refused, rush.refused
        assert gise.flask("book", "check").returncode == 0
