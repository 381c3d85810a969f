"""Bills do not travel by post or fax any more: why, and what there is instead (product.md §11)."""

from app.billers.model import Biller
from app.errors import N_, Refusal
from app.remarks import Remark

KINDS = ("post", "fax")


class PaperEnded(Refusal):
    say = N_("{biller} ended the delivery of bills by post and fax on {day}. {instead}.")


class NoPaper(Refusal):
    say = N_("Bills of {biller} are not delivered by post or fax. {instead}.")


def refuse_paper(biller: Biller) -> Refusal:
    """The refusal to raise, or to say in a mail."""
    if biller.paper_ended_on:
        return PaperEnded(biller=biller.name, day=f"{biller.paper_ended_on:%d.%m.%Y}", instead=instead(biller))
    return NoPaper(biller=biller.name, instead=instead(biller))


def instead(biller: Biller) -> Remark:
    """A sentence without its point."""
    if not biller.sms_code:
        return Remark.of(N_("Free instead: printed at the counter of any service point, or by e-mail as e-bill"))
    return Remark.of(
        N_("Free instead: printed at the counter of any service point, or by e-mail as e-bill; the sums by SMS to {code}"),
        code=biller.sms_code,
    )
