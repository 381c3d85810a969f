"""
Payments while the sandbox loses its answers and processes are killed at random: afterwards the book, the payments and
what the billers really booked must agree. The tests run a short one, ``./gise bench crashes`` the long one.
"""

import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3

from tests.journeys.house import Till
from tests.journeys.running import Gise

BILLERS = {
    "millenicom": "05320001042",
    "azercell": "+994502003015",
    "masmovil": "+34600004021",
    "vodafone-hu": "+36200005033",
}
TILLS_A_BILLER = 2
AMOUNT = 100  # minor units: a small bill, so that balances last; 1 Ft in Hungary
CALMS_WITHIN = 300  # seconds after the last fault, for the last question to be answered


@dataclass
class Storm:
    """
    :ivar kills: how many processes to kill, one every ``pause`` seconds
    :ivar lost: share of the sandbox's answers that get lost
    """

    gise: Gise
    kills: int
    pause: float
    lost: float
    seed: int
    over: threading.Event = field(default_factory=threading.Event)
    killed: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)

    def blow(self) -> None:
        """Pay and kill until all kills are done, then wait until nothing is pending."""
        control = self.gise.control
        for biller in BILLERS:
            for operation in ("pay", "status", "reverse"):
                control.fault(biller, operation, "drop_after_apply", probability=self.lost)
        numbers = {biller: [control.plain_subscriber(biller) for _ in range(20)] for biller in BILLERS}
        tills = [(biller, self.gise.till(phone), slot) for biller, phone in BILLERS.items() for slot in range(TILLS_A_BILLER)]
        with ThreadPoolExecutor(len(tills) + 1) as pool:
            killing = pool.submit(self.kill_at_random)
            paying = [pool.submit(self.pay, biller, till, numbers[biller], slot) for biller, till, slot in tills]
            killing.result()
            for each in paying:
                each.result()
        control.clear_faults()
        self.wait_for_calm()

    def kill_at_random(self) -> None:
        dice = random.Random(self.seed)
        try:
            for _ in range(self.kills):
                time.sleep(self.pause * dice.uniform(0.5, 1.5))
                self.kill_one(dice)
        finally:
            self.over.set()

    def kill_one(self, dice: random.Random) -> None:
        """A worker process of the web server, its main process, the job worker, or PostgreSQL."""
        name = dice.choice(["web-worker", "web-worker", "web", "worker", *(["postgres"] if "postgres" in self.gise.names else [])])
        main = self.gise.pid("web" if name == "web-worker" else name)
        pids = children_of(main) if name == "web-worker" else [main]
        if pids:
            with contextlib.suppress(ProcessLookupError):  # the one that restarts just now
                os.kill(dice.choice(pids), signal.SIGKILL)
                self.killed[name] += 1

    def pay(self, biller: str, till: Till, subscribers: list[str], slot: int) -> None:
        """One bill after the other, each with its own key; an answer that did not come is asked for again with the same key."""
        turn = 0
        while not self.over.is_set():
            subscriber, key = subscribers[(turn * TILLS_A_BILLER + slot) % len(subscribers)], f"{self.seed}-{slot}-{turn}"
            turn += 1
            ref = self.gise.control.bill(biller, subscriber, AMOUNT)
            bill = self.look_up(till, biller, subscriber, ref)
            while bill is not None and not self.over.is_set():
                answer = self.try_to_pay(till, biller, subscriber, bill, key)
                self.answered[answer] += 1
                if not answer.startswith(("none", "5")):
                    break

    def look_up(self, till: Till, biller: str, subscriber: str, ref: str) -> dict[str, Any] | None:
        while not self.over.is_set():
            with contextlib.suppress(urllib3.exceptions.HTTPError, AssertionError):  # it is being killed just now
                return next(bill for bill in till.look_up(biller, subscriber) if bill["ref"] == ref)
            time.sleep(0.2)
        return None

    def try_to_pay(self, till: Till, biller: str, subscriber: str, bill: dict[str, Any], key: str) -> str:
        """:returns: the status, with the name of a problem; ``none`` for no answer"""
        try:
            answer = till.pay(biller, subscriber, bill, key=key)
        except urllib3.exceptions.HTTPError:
            time.sleep(0.2)
            return "none"
        if answer.status == 503:
            time.sleep(0.2)
        return str(answer.status) if answer.status < 300 else f"{answer.status} {answer.data['type'].rpartition('/')[2]}"

    def wait_for_calm(self) -> None:
        self.gise.wait_until_ready(seconds=60)
        deadline = time.monotonic() + CALMS_WITHIN
        while any(list(pending(self.gise))):
            assert time.monotonic() < deadline, list(pending(self.gise))
            time.sleep(1)


def children_of(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def pending(gise: Gise) -> Iterator[str]:
    for phone in BILLERS.values():
        yield from (payment["reference"] for payment in payments(gise, phone, state="pending"))


def payments(gise: Gise, phone: str, *, state: str) -> list[dict[str, Any]]:
    till, cursor = gise.till(phone), ""
    found: list[dict[str, Any]] = []
    while True:
        page = till.call("GET", f"/payments?state={state}{cursor}").data
        found += page["items"]
        if not page["next"]:
            return found
        cursor = f"&cursor={page['next']}"


def disagreements(gise: Gise) -> list[str]:
    """What must never be: an empty list is the proof."""
    wrong = []
    checked = gise.flask("book", "check")
    if checked.returncode:
        wrong.append(checked.stderr)
    sums: Counter[str] = Counter()
    for line in gise.till("05340000005").call("GET", "/trial-balance").data["items"]:
        sums[line["currency"]] += line["balance"]
        if line["account"].startswith("transit") and line["balance"]:
            wrong.append(f"{line['account']} still holds {line['balance']}")
    wrong += [f"the trial balance of {currency} is {sum_}" for currency, sum_ in sums.items() if sum_]
    for biller, phone in BILLERS.items():
        ours = {payment["reference"]: (payment["bill"], payment["amount"]) for payment in payments(gise, phone, state="paid")}
        effects = [effect for effect in gise.control.effects(biller) if effect["state"] == "accepted"]
        theirs = {effect["reference"]: (effect["bill"], effect["amount"]) for effect in effects}
        if phone == "05320001042":  # the second demo shop pays Millenicom's bills too
            ours |= {payment["reference"]: (payment["bill"], payment["amount"]) for payment in payments(gise, "05330002077", state="paid")}
        wrong += [f"{biller}: {reference} is paid here and not there" for reference in ours.keys() - theirs.keys()]
        wrong += [f"{biller}: {reference} is paid there and not here" for reference in theirs.keys() - ours.keys()]
        wrong += [f"{biller}: {name} differs" for name in ours.keys() & theirs.keys() if ours[name] != theirs[name]]
        twice = Counter(bill for bill, _ in theirs.values())
        wrong += [f"{biller}: bill {bill} is paid {times} times" for bill, times in twice.items() if times > 1]
    return wrong
