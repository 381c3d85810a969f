"""
Which elements of a camt file are read, as a map: from each element where we stand, one step for the name of the next one.

What nobody asks for is walked over without being kept. An entry is one wherever it stands: none is skipped silently.
"""

import re
from collections.abc import Iterable

from app.bank.statement.camt_fields import CURRENCY

MESSAGES = {"BkToCstmrAcctRpt": "camt052", "BkToCstmrStmt": "camt053", "BkToCstmrDbtCdtNtfctn": "camt054"}
STATEMENTS = {"Rpt", "Stmt", "Ntfctn"}
MOST_NAMES = 200  # that one step remembers with their namespaces; honest files have one namespace

DAY = ("BookgDt", "ValDt")
PARTIES = ("Dbtr", "Cdtr", "UltmtDbtr", "UltmtCdtr")
PIECES = "RmtInf/Ustrd"
TRANSFER = (
    "Amt", "AmtDtls/TxAmt/Amt", "CdtDbtInd", "AddtlTxInf", "RtrInf/OrgnlBkTxCd/Prtry/Cd", PIECES,
    *(f"Refs/{name}" for name in ("AcctSvcrRef", "TxId", "EndToEndId", "InstrId", "UETR")),
    *(f"RltdPties/{party}/{name}" for party in PARTIES for name in ("Nm", "Pty/Nm")),
    *(f"RltdPties/{party}Acct/Id/{name}" for party in PARTIES[:2] for name in ("IBAN", "Othr/Id")),
)  # fmt: skip
STRUCTURED = ("CdtrRefInf/Ref", "AddtlRmtInf")
ENTRY = (
    *TRANSFER, "RvslInd", "Sts", "Sts/Cd", "AcctSvcrRef", "NtryRef", "AddtlNtryInf",
    *(path for day in DAY for path in (day, f"{day}/Dt", f"{day}/DtTm")),
)  # fmt: skip
BALANCE = ("Tp/CdOrPrtry/Cd", "Tp/Cd", "Amt", "CdtDbtInd", "Dt/Dt", "Dt/DtTm")
TOTAL = ("NbOfNtries", "Sum")
ACCOUNTS = ("Acct/Id/IBAN", "Acct/Id/Othr/Id", "Acct/Id/PrtryAcct/Id", "Acct/Id/BBAN", "Acct/Id/UPIC")
STATEMENT = (
    *ACCOUNTS, "Acct/Ccy", "ElctrncSeqNb", "LglSeqNb", "StmtPgntn/PgNb", "RptPgntn/PgNb", "NtfctnPgntn/PgNb", "FrToDt/FrDtTm",
    "FrToDt/ToDtTm", "CreDtTm",
)  # fmt: skip


class Step(dict[str, "Step"]):
    """
    A name with its namespace → the step behind it, as far as such names have been met.

    :ivar path: of the text to be kept, within the nearest element of its own; :ivar currency: where that of an amount is kept
    :ivar part: begins an :class:`~app.bank.statement.camt_fields.Element`
    :ivar kind: the message, or ``entry`` or ``statement``
    :ivar known: steps by their bare names
    """

    __slots__ = ("currency", "kind", "known", "part", "path")

    def __init__(self, path: str = "", *, part: bool = False, kind: str = "") -> None:
        super().__init__()
        self.path, self.part, self.kind = path, part, kind
        self.currency = path + CURRENCY
        self.known: dict[str, Step] = {}

    def with_texts(self, paths: Iterable[str]) -> "Step":
        for path in paths:
            self.at(path)
        return self

    def with_parts(self, path: str, texts: Iterable[str]) -> "Step":
        step = self.at(path)
        step.part = True
        step.with_own(texts)
        return self

    def with_own(self, texts: Iterable[str]) -> None:
        """Below an element of its own, paths begin anew."""
        for path in texts:
            self.at(path, below="")

    def at(self, path: str, *, below: str | None = None) -> "Step":
        step, so_far = self, self.path if below is None else below
        for name in path.split("/"):
            so_far = f"{so_far}/{name}" if so_far else name
            step = step.known.setdefault(name, Step(so_far))
        return step

    def to(self, name: str) -> "Step":
        """The step behind a name that this one has not met yet."""
        bare = name.rpartition("}")[2]
        if bare in self.known:
            if len(self) > MOST_NAMES:
                self.clear()
            return self.setdefault(name, self.known[bare])
        if bare in ANYWHERE:
            return ANYWHERE[bare]
        message = MESSAGES.get(re.sub(r"V[0-9]{2}$", "", bare), "")
        return MESSAGE_STEPS[message] if message else NOWHERE


NOWHERE = Step()


def entry_step() -> Step:
    step = Step(part=True, kind="entry").with_texts(ENTRY)
    for place in ("NtryDtls/TxDtls", "TxDtls"):
        step.with_parts(place, TRANSFER)
        transfer = step.at(place)
        transfer.at("RmtInf/Strd", below="").part = True
        transfer.at("RmtInf/Strd", below="").with_own(STRUCTURED)
    return step.with_parts("RmtInf/Strd", STRUCTURED)


def statement_step(entry: Step) -> Step:
    step = Step(part=True, kind="statement").with_texts(STATEMENT).with_parts("Bal", BALANCE)
    for total in ("TxsSummry/TtlCdtNtries", "TxsSummry/TtlDbtNtries"):
        step.with_parts(total, TOTAL)
    step.known["Ntry"] = entry
    return step


ENTRY_STEP = entry_step()
STATEMENT_STEP = statement_step(ENTRY_STEP)
ANYWHERE = {"Ntry": ENTRY_STEP, **dict.fromkeys(STATEMENTS, STATEMENT_STEP)}
MESSAGE_STEPS = {message: Step(kind=message) for message in MESSAGES.values()}
for _step in MESSAGE_STEPS.values():
    _step.known.update(dict.fromkeys(STATEMENTS, STATEMENT_STEP))
