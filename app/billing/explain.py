"""
Does a bill add up, and why is every amount what it is? Each line is computed again from its rule and inputs, each section from
its lines, the whole from its sections, and what lines say about each other is compared.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.billing import line_words
from app.billing.bill import Bill, Line, Section
from app.billing.contradictions import Contradiction, bases, numbers
from app.billing.rules import NotComputable, amount_of
from app.billing.sentence import Printed, Sentence
from app.errors import N_
from app.money import Money, total


class Verdict(StrEnum):
    RIGHT = "right"
    OFF = "off"
    NOT_COMPUTABLE = "not-computable"  # which is not wrong: its amount is taken as printed


@dataclass(frozen=True)
class ExplainedLine:
    """
    :ivar section: in which it stands
    :ivar computed: what its rule makes of its inputs; as printed where nobody can compute it
    :ivar missing: the rule or input that is not known here
    """

    line: Line
    section: Section
    verdict: Verdict
    computed: Money
    missing: str = ""

    @property
    def off(self) -> Money:
        """Printed minus computed."""
        return self.line.amount - self.computed

    @property
    def how(self) -> Sentence:
        """The rule in words with its numbers, or why it cannot be computed. Said when asked: a look-up only judges."""
        if self.verdict is Verdict.NOT_COMPUTABLE:
            return line_words.why_not(self.line, self.missing)
        try:
            return line_words.how(self.line)
        except (ArithmeticError, ValueError) as error:
            return line_words.why_not(self.line, missing_of(self.line, error))

    @property
    def remarks(self) -> list[Sentence]:
        """What a customer asks next."""
        try:
            return line_words.remarks(self.line, self.section) if self.verdict is not Verdict.NOT_COMPUTABLE else []
        except (ArithmeticError, ValueError):
            return []


@dataclass(frozen=True)
class ExplainedSection:
    """:ivar off: printed minus the sum of its printed lines; zero if it has none"""

    section: Section
    lines: tuple[ExplainedLine, ...]
    off: Money

    @property
    def computed(self) -> Money:
        return total((one.computed for one in self.lines), self.off.currency) if self.lines else self.section.amount


@dataclass(frozen=True)
class Finding:
    """
    One thing that is wrong.

    :ivar place: ``line``, ``section``, ``total`` or ``numbers`` (what two places say about the same thing)
    :ivar off: printed minus right
    """

    place: str
    say: Sentence
    off: Money


@dataclass(frozen=True)
class Explanation:
    """:ivar off: the printed total minus the sum of its printed sections"""

    bill: Bill
    sections: tuple[ExplainedSection, ...]
    off: Money
    findings: tuple[Finding, ...]

    @property
    def adds_up(self) -> bool:
        return not self.findings

    @property
    def difference(self) -> Money:
        """
        What the bill asks for beyond what its lines make; where that is nothing (a wrong line in a right total), the largest
        single difference, a line's rather than its section's.
        """
        too_much = self.bill.amount - total((one.computed for one in self.sections), self.bill.currency)
        if too_much or not self.findings:
            return too_much
        return max(self.findings, key=lambda finding: (abs(finding.off.minor), finding.place == "line")).off

    @property
    def not_computable(self) -> int:
        return sum(one.verdict is Verdict.NOT_COMPUTABLE for section in self.sections for one in section.lines)


def explain(bill: Bill) -> Explanation:
    """Nothing a biller sends breaks this: what cannot be computed is said to be so, its sums are still checked."""
    sections = tuple(explain_section(section, bill.currency) for section in bill.sections)
    off = bill.amount - total((section.amount for section in bill.sections), bill.currency)
    return Explanation(bill, sections, off, tuple(findings(bill, sections, off)))


def explain_section(section: Section, currency: str) -> ExplainedSection:
    off = section.amount - total((line.amount for line in section.lines), currency) if section.lines else Money(0, currency)
    return ExplainedSection(section, tuple(explain_line(line, section) for line in section.lines), off)


def explain_line(line: Line, section: Section) -> ExplainedLine:
    try:
        computed = amount_of(line.rule, line.inputs, line.amount.currency)
    except (ArithmeticError, ValueError) as error:
        return ExplainedLine(line, section, Verdict.NOT_COMPUTABLE, line.amount, missing_of(line, error))
    return ExplainedLine(line, section, Verdict.RIGHT if computed == line.amount else Verdict.OFF, computed)


def missing_of(line: Line, error: Exception) -> str:
    """The rule or input that cannot be computed with; of numbers too large for any arithmetic, the rule."""
    return (str(error) if isinstance(error, NotComputable) else line.rule)[: line_words.LONGEST]


def findings(bill: Bill, sections: Sequence[ExplainedSection], off: Money) -> Iterator[Finding]:
    """From the total down to the numbers of a line."""
    if off:
        yield Finding("total", wrong(TOTAL, None, bill.amount, off), off)
    for section in sections:
        if section.off:
            yield Finding("section", wrong(SECTION, section.section.title, section.section.amount, section.off), section.off)
        for one in section.lines:
            if one.off:
                yield Finding("line", wrong(LINE, one.line.text, one.line.amount, one.off), one.off)
            if one.verdict is not Verdict.NOT_COMPUTABLE:
                yield from map(disagreement, numbers(one.line))
    computable = [[one.verdict is not Verdict.NOT_COMPUTABLE for one in section.lines] for section in sections]
    yield from map(disagreement, bases(bill, [[one.computed for one in section.lines] for section in sections], computable))


TOTAL = N_("The bill asks for {printed}, and its sections make {computed}: off by {off}.")
SECTION = N_("The section “{what}” says {printed}, and its lines make {computed}: off by {off}.")
LINE = N_("“{what}” says {printed}, and its rule makes {computed}: off by {off}.")


def wrong(say: str, what: str | None, printed: Money, off: Money) -> Sentence:
    facts: dict[str, Money] = {"printed": printed, "computed": printed - off, "off": off}
    return Sentence.of(say, what=Printed(what), **facts) if what is not None else Sentence.of(say, **facts)


def disagreement(found: Contradiction) -> Finding:
    return Finding("numbers", found.say, found.off)
