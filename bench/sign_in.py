"""
``./gise bench sign_in [rounds]``: does the time of an answer tell whether a number is registered (C6)? Known and unknown
numbers take turns; medians are compared, and the ranks of all times by Mann and Whitney.
"""

import math
import statistics
import time
from collections.abc import Callable, Sequence

from app import clock, create_app, db
from app.config import Config
from app.people.ask_password_code import ask_password_code
from app.people.codes import Keys
from app.people.devices import Visit
from app.people.sign_in import WrongPassword, sign_in
from bench.machine import keep, server
from tests.people import open_shop

ROUNDS = 200


def main(arguments: list[str]) -> None:
    rounds = int(arguments[0]) if arguments else ROUNDS
    with server() as cluster:
        config = Config.from_environment({"GISE_ENV": "development", "GISE_DATABASE_URL": cluster.url("gise")})
        create_app(config)
        known = [open_shop().owner.phone for _ in range(rounds)]
        keys = Keys.of(config)
        acts: dict[str, Callable[[str, int], None]] = {
            "sign in with a wrong password": lambda phone, number: wrong(phone, number, keys),
            "ask for a code": lambda phone, number: ask(phone, number),
        }
        lines = [
            f"# Known and unknown numbers, {rounds} each, in turns",
            "",
            "| act | known | unknown | p (Mann-Whitney) |",
            "|---|---|---|---|",
        ]
        for name, act in acts.items():
            lines.append(compared(name, *timed(act, known)))
        db.disconnect()
    keep("sign_in", "\n".join(lines))


def timed(act: Callable[[str, int], None], known: Sequence[str]) -> tuple[list[int], list[int]]:
    """Nanoseconds of known and of unknown numbers."""
    times: tuple[list[int], list[int]] = ([], [])
    for number, phone in enumerate(known):
        pair = [(0, phone), (1, f"+90539{number:07d}")]
        for side, who in pair if number % 2 else reversed(pair):
            started = time.perf_counter_ns()
            act(who, 2 * number + side)
            times[side].append(time.perf_counter_ns() - started)
    return times


def wrong(phone: str, number: int, keys: Keys) -> None:
    try:
        sign_in(phone, "wrong-password", kind="browser", visit=Visit(address(number)), keys=keys, now=clock.now())
    except WrongPassword:
        return


def ask(phone: str, number: int) -> None:
    ask_password_code(phone, address=address(number), now=clock.now())


def address(number: int) -> str:
    """Each its own: the limits are not what is measured."""
    return f"10.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}"


def compared(name: str, known: list[int], unknown: list[int]) -> str:
    middle = [statistics.median(times) / 1_000_000 for times in (known, unknown)]
    return f"| {name} | {middle[0]:.2f} ms | {middle[1]:.2f} ms | {p_of_ranks(known, unknown):.3f} |"


def p_of_ranks(one: Sequence[int], other: Sequence[int]) -> float:
    """Two-sided, by the normal approximation."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    ranks = sum(rank for rank, (_value, side) in enumerate(ranked, start=1) if side == 0)
    n, m = len(one), len(other)
    mean, spread = n * (n + m + 1) / 2, math.sqrt(n * m * (n + m + 1) / 12)
    return math.erfc(abs(ranks - mean) / spread / math.sqrt(2))
