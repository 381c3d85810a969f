"""A short storm (the long one: ``./gise bench crashes``)."""

from pathlib import Path

from tests.journeys.running import running_gise
from tests.journeys.storm import Storm, disagreements


def test_lost_answers_and_killed_processes_lose_and_double_nothing(tmp_path: Path) -> None:
    """P-01 … P-05, trust.md B: 30 % of the answers lost, twelve kills of web, worker and PostgreSQL at random"""
    with running_gise(tmp_path / "var") as gise:
        storm = Storm(gise, kills=12, pause=1.5, lost=0.3, seed=20261122)
        storm.blow()
        assert storm.answered["201"] > 0
        assert not [answer for answer in storm.answered if answer.startswith("500")], storm.answered
        assert disagreements(gise) == []
