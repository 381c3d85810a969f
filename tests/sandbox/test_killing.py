"""Killed at any moment: what was answered is there after a restart, and nothing is there twice."""

import random
import threading
import time
from collections import Counter
from pathlib import Path

from tests.sandbox.doors import NOBODY_ANSWERED, BankDoor, DirectDoor, Door
from tests.sandbox_process import Sandbox, running_sandbox

ROUNDS, WORKERS = 4, 4
MOST_ROUNDS, ENOUGH = 20, 15  # on a busy machine less is answered in a round


def test_what_was_answered_is_there_after_a_kill(tmp_path: Path) -> None:
    luck = random.Random(11)
    told: dict[str, dict[str, str]] = {"millenicom": {}, "masmovil": {}}
    with running_sandbox(tmp_path, subscribers=60) as sandbox:
        plain = {biller: plain_numbers(sandbox, biller) for biller in told}
        for turn in range(MOST_ROUNDS):
            if turn >= ROUNDS and all(len(answers) > ENOUGH for answers in told.values()):
                break
            doors: list[Door] = [DirectDoor(sandbox), BankDoor(sandbox)]
            payers = [
                threading.Thread(target=keep_paying, args=(door, plain[door.biller][worker::WORKERS], told[door.biller]))
                for worker in range(WORKERS)
                for door in doors
            ]
            for payer in payers:
                payer.start()
            time.sleep(luck.uniform(0.15, 0.35))
            sandbox.kill()
            for payer in payers:
                payer.join()
            sandbox.start()
        for door in (DirectDoor(sandbox), BankDoor(sandbox)):
            booked = check_the_book(door, plain[door.biller], told[door.biller])
            assert booked["accepted"] > 10 and booked["reversed"] > 2 and len(told[door.biller]) > ENOUGH


def keep_paying(door: Door, numbers: list[str], told: dict[str, str]) -> None:
    """Bill, pay, sometimes take back, until nobody answers any more; ``told`` is what was answered."""
    try:
        for turn in range(10_000):
            number = numbers[turn % len(numbers)]
            ref = door.sandbox.control.bill(door.biller, number, 1000 + turn)
            reference = door.new_reference()
            assert door.pay(reference, number, door.bill(number, ref)).word == "accepted"
            told[reference] = "accepted"
            if turn % 5 == 0:
                told.pop(reference)
                assert door.reverse(reference).word == "reversed"
                told[reference] = "reversed"
    except NOBODY_ANSWERED:
        return


def check_the_book(door: Door, numbers: list[str], told: dict[str, str]) -> Counter[str]:
    """Effects and bills tell the same, and both what was answered. Returns how many effects are in which state."""
    effects = door.sandbox.control.effects(door.biller)
    booked = {effect["reference"]: effect["state"] for effect in effects}
    assert len(booked) == len(effects)
    assert {reference: booked.get(reference) for reference in told} == told
    standing = [effect["bill"] for effect in effects if effect["state"] == "accepted"]
    assert len(standing) == len(set(standing)), "no bill is paid twice"
    unpaid = {bill.ref for number in numbers for bill in door.account(number).bills if bill.open}
    assert not unpaid & set(standing), "no effect without its closed bill"
    assert {effect["bill"] for effect in effects if effect["state"] == "reversed"} <= unpaid, "no reversal without its open bill"
    return Counter(booked.values())


def plain_numbers(sandbox: Sandbox, biller: str) -> list[str]:
    return [one["number"] for one in sandbox.control.subscribers(biller) if one["state"] == "active" and not one["flags"]]
