"""One bill as its page shows it: every text in two languages, every amount with its reason, the bill before beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from app import languages
from app.billers.bill_words import in_words, language_of, price, quantity, section_title
from app.billers.model import Biller
from app.billing import terms
from app.billing.bill import Bill, Section
from app.billing.cycle_change import CycleChange, cycle_change
from app.billing.explain import ExplainedLine, ExplainedSection, Explanation, Verdict
from app.billing.help_texts import help_texts
from app.billing.sentence import Price
from app.billing.why_different import Difference, why_different
from app.markets import MARKETS
from app.money import Money

CARRIER, MINE = "carrier", "mine"


@dataclass(frozen=True)
class Text:
    """A printed text. :ivar beside: in the other language, small below; empty where both are one"""

    shown: str
    language: str
    beside: str
    beside_language: str


@dataclass(frozen=True)
class Languages:
    """
    :ivar reader: of our own sentences
    :ivar carrier: in which the bill is printed; :ivar shown: in which its texts stand first
    """

    reader: str
    carrier: str
    shown: str

    @property
    def beside(self) -> str:
        return self.carrier if self.shown != self.carrier else self.reader

    def text(self, printed: str) -> Text:
        return self.both(lambda language: terms.in_language(printed, of=self.carrier, to=language))

    def title(self, section: Section) -> Text:
        return self.both(lambda language: section_title(section, language, of=self.carrier))

    def both(self, say: Callable[[str], str]) -> Text:
        shown, beside = say(self.shown), say(self.beside)
        return Text(shown, self.shown, beside if beside != shown else "", self.beside)


@dataclass(frozen=True)
class SheetLine:
    """:ivar verdict: ``right``, ``off`` or ``not-computable``; :ivar how: and :ivar remarks: in the reader's language"""

    text: Text
    first_day: date | None
    last_day: date | None
    quantity: str
    unit_price: str
    amount: Money
    verdict: str
    off: Money
    how: str
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class SheetSection:
    """:ivar help: sentences of ours, in the reader's language; :ivar off: printed minus the sum of its lines"""

    kind: str
    title: Text
    amount: Money
    off: Money
    help: tuple[str, ...]
    lines: tuple[SheetLine, ...]


@dataclass(frozen=True)
class SheetDifference:
    kind: str
    what: Text
    amount: Money
    why: str


@dataclass(frozen=True)
class Sheet:
    """
    :ivar choices: ``?in=`` word and the language it shows, the present one first
    :ivar findings: what is wrong and by how much
    :ivar covered: what payments or an advance have covered already
    :ivar before: the bill it is compared with, if one is at hand
    :ivar change: if this is the month in which the carrier's cycle changed
    """

    languages: Languages
    choices: tuple[tuple[str, str], ...]
    explained: Explanation
    sections: tuple[SheetSection, ...]
    findings: tuple[tuple[str, Money], ...]
    notes: tuple[Text, ...]
    covered: Money | None
    before: Bill | None
    differences: tuple[SheetDifference, ...]
    change: CycleChange | None


def sheet_of(biller: Biller, explained: Explanation, others: Sequence[Bill], *, reader: str, chosen: str) -> Sheet:
    """
    :param others: bills of the same subscriber
    :param reader: the reader's language; :param chosen: ``mine``, ``carrier`` or another language of the market
    """
    bill, own = explained.bill, language_of(biller)
    choices = {MINE: reader, CARRIER: own} | {language: language for language in MARKETS[biller.market].languages if language != own}
    spoken = Languages(reader, own, choices.get(chosen, reader))
    before = bill_before(bill, others)
    return Sheet(
        languages=spoken,
        choices=tuple((word, language) for word, language in choices.items() if word == MINE or language != reader),
        explained=explained,
        sections=tuple(section_of(biller, section, spoken) for section in explained.sections),
        findings=tuple((in_words(finding.say, reader, of=own), finding.off) for finding in explained.findings),
        notes=tuple(spoken.text(note) for note in bill.notes),
        covered=bill.amount - bill.open if bill.state == "open" and bill.open < bill.amount else None,
        before=before,
        differences=tuple(difference_of(one, spoken) for one in why_different(bill, before)) if before else (),
        change=cycle_change(biller.code, bill, [other for other in others if other.ref != bill.ref]),
    )


def bill_before(bill: Bill, others: Sequence[Bill]) -> Bill | None:
    """The newest that ended before this one did and has lines."""
    earlier = [other for other in others if other.last_day < bill.last_day and other.sections]
    return max(earlier, key=lambda other: other.last_day, default=None)


def section_of(biller: Biller, explained: ExplainedSection, spoken: Languages) -> SheetSection:
    section = explained.section
    lines = tuple(line_of(one, spoken) for one in explained.lines)
    help = tuple(languages.translate(sentence, spoken.reader) for sentence in help_texts(biller.code, section.kind))
    return SheetSection(section.kind, spoken.title(section), section.amount, explained.off, help, lines)


def line_of(explained: ExplainedLine, spoken: Languages) -> SheetLine:
    line, reader = explained.line, spoken.reader
    return SheetLine(
        text=spoken.text(line.text),
        first_day=line.first_day,
        last_day=line.last_day,
        quantity=quantity(line.quantity, line.unit, reader) if line.quantity is not None else "",
        unit_price=price(Price(line.unit_price, line.amount.currency), reader) if line.unit_price is not None else "",
        amount=line.amount,
        verdict=explained.verdict.value,
        off=explained.off if explained.verdict is Verdict.OFF else Money(0, line.amount.currency),
        how=in_words(explained.how, reader, of=spoken.carrier),
        remarks=tuple(in_words(remark, reader, of=spoken.carrier) for remark in explained.remarks),
    )


def difference_of(one: Difference, spoken: Languages) -> SheetDifference:
    return SheetDifference(one.kind, spoken.text(one.what.text), one.amount, in_words(one.why, spoken.reader, of=spoken.carrier))
