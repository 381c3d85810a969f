"""What a customer has to be asked before a bill is paid, in words (P-26, P-29)."""

from datetime import date

from app import languages
from app.billing.bill import DISPUTED, DOES_NOT_ADD_UP, NEAR_CHARGE_DATE, STANDING_ORDER
from app.errors import N_
from app.remarks import Word

SAY = {
    STANDING_ORDER: N_("A standing order pays this bill from a bank account."),
    NEAR_CHARGE_DATE: N_("The biller charges this bill itself within days."),
    DISPUTED: N_("The customer disputes this bill."),
    DOES_NOT_ADD_UP: N_("The lines of this bill do not add up to its amount."),
}
CHARGED_ON = N_("The biller charges this bill itself on {day}.")


def warning(flag: str, *, charged_on: date | None, language: str) -> str:
    if flag == NEAR_CHARGE_DATE and charged_on is not None:
        return languages.say(CHARGED_ON, language, day=languages.day(charged_on, language))
    return languages.translate(SAY[flag], language)


def word(flag: str) -> Word:
    """For a refusal: its code for machines, its sentence for people."""
    return Word(flag, SAY[flag])
