"""
Who pays a bill away from the counter, and when. As the store begins, everybody is what the table in ``sandbox/README.md``
says, on whatever day that is; later they go on as people do.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from app.billing.bill import DISPUTED, NEAR_CHARGE_DATE, STANDING_ORDER
from app.billing.draft import Draft
from sandbox.carriers.carrier import Carrier
from sandbox.carriers.person import CAST, CLOSED, NOTHING_OWED, SEVERAL_OPEN, Person
from sandbox.cast.directory import roles_of
from sandbox.cast.role import Pays

OPEN_OF_SEVERAL = 3
FORGETS_ONE, PAYS_LATE = 0.2, 0.1  # shares
CHARGED_IN = {NEAR_CHARGE_DATE: timedelta(days=2), STANDING_ORDER: timedelta(days=10)}  # from the store's first day
LONGEST_WAIT = 20  # days until a bill is paid on the carrier's own site


@dataclass(frozen=True, slots=True)
class Intent:
    """
    :ivar draft: with the charge day that the way of paying gives it
    :ivar way: ``web``, ``debit`` or ``order``, on ``on`` with ``amount`` or all that is open; empty: it waits for somebody
    """

    draft: Draft
    way: str = ""
    on: date | None = None
    amount: int | None = None
    disputed: bool = False


def intent(carrier: Carrier, person: Person, draft: Draft) -> Intent:
    newer = newer_at_the_beginning(carrier, person, draft)
    if person.kind == CAST:
        return as_the_role_says(carrier, person, draft)
    if person.kind in (NOTHING_OWED, CLOSED):
        return Intent(draft, "web", draft.issued_on)
    if person.kind in CHARGED_IN:
        return to_be_charged(person, draft, is_newest=newer == 0)
    if person.kind == DISPUTED and newer == 0:
        return Intent(draft, disputed=True)
    if person.kind == SEVERAL_OPEN and newer is not None and newer < OPEN_OF_SEVERAL:
        return Intent(draft)
    return Intent(draft, "web", pays_on(carrier, person, draft, newer))


def newer_at_the_beginning(carrier: Carrier, person: Person, draft: Draft) -> int | None:
    """How many newer bills there were on the store's first day: 0 for the newest, ``None`` for one that came later."""
    if draft.issued_on > person.world_began:
        return None
    count, cycle = 0, carrier.cycles.after(draft.period)
    while count < OPEN_OF_SEVERAL and carrier.issue_day(cycle) <= person.world_began:
        count, cycle = count + 1, carrier.cycles.after(cycle)
    return count


def as_the_role_says(carrier: Carrier, person: Person, draft: Draft) -> Intent:
    pays: Pays | None = roles_of(carrier.code)[person.number].pays.get(f"{draft.period.last:%Y-%m}")
    return Intent(draft, pays.way, pays.on or draft.charged_on, pays.amount) if pays else Intent(draft)


def to_be_charged(person: Person, draft: Draft, *, is_newest: bool) -> Intent:
    """By direct debit or standing order, on the charge day or else the last day to pay; the newest soon after the store began."""
    charged_on = draft.charged_on or draft.due_on
    if is_newest:
        charged_on = person.world_began + CHARGED_IN[person.kind]
    moved = replace(draft, charged_on=charged_on, due_on=max(draft.due_on, charged_on))
    return Intent(moved, "order" if person.kind == STANDING_ORDER else "debit", charged_on)


def pays_on(carrier: Carrier, person: Person, draft: Draft, newer: int | None) -> date:
    """
    Old bills were paid some days after they came; the newest waits for somebody at a counter until the next one comes.

    Some forget one: not where debt is carried, so that a plain bill is a bill without a past; and never the carrier's example.
    """
    following = carrier.cycles.after(draft.period)
    next_issue, one_later = carrier.issue_day(following), carrier.issue_day(carrier.cycles.after(following))
    luck = person.luck("pays", draft.period.first)
    is_example = person.number == carrier.example
    if newer:
        if newer == 1 and not carrier.carries_debt and not is_example and luck.random() < FORGETS_ONE:
            return one_later
        return draft.issued_on + timedelta(days=luck.randint(1, min(LONGEST_WAIT, (next_issue - draft.issued_on).days - 1)))
    return one_later if luck.random() < PAYS_LATE and not is_example else next_issue
