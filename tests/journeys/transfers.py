"""
Transfers reach the bank at a steady pace while the shops pay bills: whatever names an agent is on that agent's balance
within a minute of the bank's booking, and nothing else is. The tests run a short one, ``./gise bench transfers`` the long one.
"""

import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import cycle

from app.demo import SHOPS
from app.markets import MARKETS, Market
from tests.journeys.house import Till
from tests.journeys.running import DEMO_PASSWORD, Gise
from tests.journeys.storm import BILLERS
from tests.sandbox_process import Json

WITHIN = timedelta(seconds=60)  # from the bank's booking to the agent's balance
PATIENCE = 75  # seconds after the last booking; what is not credited then is missing
LOOKS_EVERY = 5
BILL = 100  # minor units
OPERATOR = "05340000003"
NOBODYS = {"TR": "5551112233", "AZ": "551112233", "ES": "611222333", "HU": "301112233"}  # well-formed, and nobody's
MORE_SHOPS = (
    ("1000009101", "TR", "5551000101"),
    ("2000009102", "AZ", "551000102"),
    ("3000009103", "ES", "611000103"),
    ("4000009104", "HU", "301000104"),
)


@dataclass(frozen=True)
class Receiver:
    """:ivar phone: its owner's, the national number; :ivar iban: our account in its market"""

    agent: str
    market: Market
    phone: str
    iban: str


@dataclass(frozen=True)
class Planned:
    """:ivar rule: what of product.md §5 it is; :ivar agent: who has to get it; ``None``: it waits for a person"""

    rule: str
    iban: str
    amount: int
    currency: str
    text: str
    agent: str | None


@dataclass(frozen=True)
class Outcome:
    """
    What became of the transfers.

    :ivar waits: seconds from booking to credit of all that were credited as they should be
    :ivar wrong: in words; whatever is not as it should be
    """

    expected: int
    waits: tuple[float, ...]
    wrong: tuple[str, ...]


def spaced(receiver: Receiver) -> str:
    lengths, rest, parts = receiver.market.groupings[2].split("-"), receiver.phone, []
    for length in map(int, lengths):
        parts.append(rest[:length])
        rest = rest[length:]
    return " ".join(parts)


def plain(receiver: Receiver) -> str:
    return receiver.market.trunk + receiver.phone


def in_brackets(receiver: Receiver) -> str:
    first, *rest = spaced(receiver).split()
    return f"+{receiver.market.calling_code}({first}){'-'.join(rest)}"


WAYS: tuple[tuple[str, Callable[[Receiver], str]], ...] = (
    ("E1", plain),
    ("E1", spaced),
    ("E1", in_brackets),
    ("E1", lambda to: f"00{to.market.calling_code} {to.phone}"),
    ("E2", lambda to: f"BAKIYE YUKLEME {plain(to)} AHMET"),
    ("E2", lambda to: f"AYSE YILMAZ*0062*{plain(to)}*1234567890*FAST"),
    ("E3", lambda to: f"{plain(to)} / tel {spaced(to)}"),
    ("E6", lambda to: f"VKN {NOBODYS[to.market.code]} {plain(to)}"),
)


def plan(receivers: Sequence[Receiver], count: int, *, seed: int) -> list[Planned]:
    """Each receiver in turn; of every twelve transfers one has a twin (E12) and two name nobody or two agents (E7, E5)."""
    dice, ways, turns = random.Random(seed), cycle(WAYS), cycle(receivers)
    planned: list[Planned] = []
    while len(planned) < count:
        for rule, write in (next(ways) for _ in range(8)):
            to = next(turns)
            planned.append(transfer(rule, to, write(to), to.agent, dice))
        twin = transfer("E12", to, f"{plain(to)} ikiz", to.agent, dice)
        other = next(each for each in receivers if each.market is to.market and each is not to)
        nobody = "kira odemesi" if dice.random() < 0.5 else f"{NOBODYS[to.market.code]} yukleme"
        planned += [twin, twin, transfer("E7", to, nobody, None, dice), transfer("E5", to, f"{plain(to)} ve {plain(other)}", None, dice)]
    return planned[:count]


def transfer(rule: str, to: Receiver, text: str, agent: str | None, dice: random.Random) -> Planned:
    return Planned(rule, to.iban, dice.randint(1_00, 900_00), to.market.currency, text, agent)


@dataclass
class Rush:
    """
    :ivar count: transfers, evenly over ``seconds``
    :ivar before: seconds of payments alone, for comparison
    :ivar pay_every: seconds between two payments at each of the four billers
    """

    gise: Gise
    count: int
    seconds: float
    before: float
    pay_every: float
    seed: int
    sent: dict[str, Planned] = field(default_factory=dict)
    waits: dict[str, list[float]] = field(default_factory=lambda: {"before": [], "while": []})
    refused: Counter[str] = field(default_factory=Counter)
    operator: Till = field(init=False)
    day: date = field(init=False)

    def run(self) -> Outcome:
        self.operator, self.day = self.gise.till(OPERATOR), datetime.now(MARKETS["TR"].zone).date()
        receivers = open_shops(self.gise)
        planned = plan(receivers, self.count, seed=self.seed)
        tills = {biller: self.gise.till(phone) for biller, phone in BILLERS.items()}
        with ThreadPoolExecutor(len(tills) + 1) as pool:
            self.pay_until(pool, tills, "before", pool.submit(time.sleep, self.before))
            self.pay_until(pool, tills, "while", pool.submit(self.send_and_wait, planned))
        return outcome(self.sent, self.deposits())

    def pay_until(self, pool: ThreadPoolExecutor, tills: Mapping[str, Till], phase: str, over: "Future[None]") -> None:
        for paying in [pool.submit(self.pay, biller, till, phase, over) for biller, till in tills.items()]:
            paying.result()
        over.result()

    def pay(self, biller: str, till: Till, phase: str, over: "Future[None]") -> None:
        """At a steady pace, whatever it takes: only the payment itself is measured, in milliseconds."""
        numbers = [self.gise.control.plain_subscriber(biller) for _ in range(20)]
        for turn, _ in enumerate(paced(self.pay_every)):
            if over.done():
                return
            number = numbers[turn % len(numbers)]
            ref = self.gise.control.bill(biller, number, BILL)
            bill = next(bill for bill in till.look_up(biller, number) if bill["ref"] == ref)
            began = time.perf_counter()
            answer = till.pay(biller, number, bill, key=f"{self.seed}-{phase}-{biller}-{turn}")
            self.waits[phase].append((time.perf_counter() - began) * 1000)
            if answer.status not in (201, 202):
                self.refused[f"{biller} {answer.status}"] += 1

    def send_and_wait(self, planned: Sequence[Planned]) -> None:
        """Until the last one is credited, or its time is up."""
        for each, _ in zip(planned, paced(self.seconds / len(planned)), strict=False):
            reference = self.gise.control.transfer(each.iban, each.amount, each.text, currency=each.currency, sender_iban="")
            self.sent[reference] = each
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and not self.sent.keys() <= self.deposits(judged=True).keys():
            time.sleep(LOOKS_EVERY)

    def deposits(self, *, judged: bool = False) -> dict[str, list[Json]]:
        """Those of the day on which it began, by the bank's reference; or only those that are seen no longer, but judged."""
        found: dict[str, list[Json]] = {}
        for deposit in pages(self.operator, f"from={self.day.isoformat()}"):
            if not judged or deposit["state"] != "seen":
                found.setdefault(deposit["bank_reference"], []).append(deposit)
        return found


def paced(every: float) -> Iterator[int]:
    """Now, and then each ``every`` seconds; who comes late is not made later."""
    began, number = time.monotonic(), 0
    while True:
        time.sleep(max(0.0, began + number * every - time.monotonic()))
        yield number
        number += 1


def open_shops(gise: Gise) -> list[Receiver]:
    """The demo's and one more in each market, so that a text can name two of them."""
    for number, market, phone in MORE_SHOPS:
        commands: tuple[tuple[str, ...], ...] = (
            ("agent", "add", number, f"Shop {number}", "--market", market),
            ("person", "add", f"+{MARKETS[market].calling_code}{phone}", "Owner", "--role", "owner", "--agent", number,
             "--password", DEMO_PASSWORD),
        )  # fmt: skip
        for command in commands:
            done = gise.flask(*command)
            assert done.returncode == 0, done.stderr
    ibans = {shop.market: shop.iban for shop in SHOPS}
    demo = [(shop.number, shop.market, shop.owner[0]) for shop in SHOPS]
    return [
        Receiver(number, MARKETS[market], national(phone, MARKETS[market]), ibans[market]) for number, market, phone in (*demo, *MORE_SHOPS)
    ]


def national(phone: str, market: Market) -> str:
    return phone.removeprefix(f"+{market.calling_code}").removeprefix(market.trunk)


def pages(till: Till, query: str) -> Iterator[Json]:
    cursor = ""
    while True:
        page = till.call("GET", f"/deposits?{query}{cursor}").data
        yield from page["items"]
        if not page["next"]:
            return
        cursor = f"&cursor={page['next']}"


def outcome(sent: Mapping[str, Planned], found: Mapping[str, Sequence[Json]]) -> Outcome:
    """Each transfer beside the deposits with its bank reference: one, in the right hands, in time."""
    waits, wrong = [], []
    for reference, each in sent.items():
        here = found.get(reference, [])
        if len(here) != 1:
            wrong.append(f"{reference} ({each.rule}, {each.text!r}) is {len(here)} deposits")
            continue
        (deposit,) = here
        facts = (deposit["account"], deposit["amount"], deposit["currency"], deposit["agent"])
        if facts != (each.iban, each.amount, each.currency, each.agent):
            wrong.append(f"{reference} ({each.rule}, {each.text!r}) is {facts} and should be {each}")
        elif each.agent is None and deposit["state"] != "suspense":
            wrong.append(f"{reference} ({each.rule}, {each.text!r}) names nobody and is {deposit['state']}")
        elif each.agent and deposit["state"] != "credited":
            wrong.append(f"{reference} ({each.rule}, {each.text!r}) is {deposit['state']}")
        elif each.agent:
            took = datetime.fromisoformat(deposit["credited_at"]) - datetime.fromisoformat(deposit["booked_at"])
            waits.append(took.total_seconds())
            if took > WITHIN:
                wrong.append(f"{reference} ({each.rule}) took {took.total_seconds():.1f} s")
    return Outcome(sum(each.agent is not None for each in sent.values()), tuple(waits), tuple(wrong))


def percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else float(values[0])
