"""
A crowd: many who act at the same moment on the same thing, each over a connection of its own, round after round.

The rounds are shared out among processes of their own, for one process hardly keeps one core busy. In each of them a round
begins when the last of its crowd is there, and nobody begins the next one before.
"""

import multiprocessing
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import TypeVar

from app import db
from tests.conftest import Database, settings_for

T = TypeVar("T")

AT_ONCE, SIDE_BY_SIDE = 20, 2

Act = Callable[[int, T], str]


def rounds(database: Database, act: "Act[T]", matters: Sequence[T]) -> list[list[str]]:
    """
    One round for each matter.

    :param act: does what the one with this number (from 0) does about a matter and says in a word how it ended; of a module, so that
        another process finds it
    :returns: the words of each round, in the order of the numbers
    """
    parts = [matters[place::SIDE_BY_SIDE] for place in range(SIDE_BY_SIDE)]
    with ProcessPoolExecutor(SIDE_BY_SIDE, mp_context=multiprocessing.get_context("spawn")) as processes:
        told = list(processes.map(partial(part_of_the_rounds, database.url, act), parts))
    return [told[place % SIDE_BY_SIDE][place // SIDE_BY_SIDE] for place in range(len(matters))]


def part_of_the_rounds(url: str, act: "Act[T]", matters: Sequence[T]) -> list[list[str]]:
    """In a process of its own, in which a connection stays for each: from the usual pool some would connect anew in every round."""
    db.make_engine = partial(db.make_engine, size=AT_ONCE)
    db.connect(settings_for(url))
    barrier = Barrier(AT_ONCE)
    orders = [random.sample(range(AT_ONCE), AT_ONCE) for _ in matters]

    def stand(place: int) -> list[tuple[int, str]]:
        words = []
        for order, matter in zip(orders, matters, strict=True):
            barrier.wait()
            words.append((order[place], say(order[place], matter)))
        return words

    def say(number: int, matter: T) -> str:
        try:
            return act(number, matter)
        except Exception as error:  # else the others would wait for this one for ever
            return repr(error)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = list(zip(*pool.map(stand, range(AT_ONCE)), strict=True))
    db.disconnect()
    return [[word for _, word in sorted(one)] for one in told]
