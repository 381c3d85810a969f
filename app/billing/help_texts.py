"""What stands beside each section of a bill: what it is, and what is special about it at one carrier."""

from app.errors import N_

HELP = {
    "monthly": N_(
        "The fees of plans and options. A fee that did not run the whole period is charged by calendar days, both ends included."
    ),
    "included": N_("What the fees already pay for. It costs nothing here."),
    "usage": N_("What was used. The allowance is used first; only what goes beyond it costs money. Premium numbers never draw on it."),
    "other": N_("What happens once: services, devices and their instalments, individual agreements."),
    "discount": N_("Taken off: a percentage of fees, or of usage beyond the allowance."),
    "tax": N_("Taxes on the net sum of the sections above, at the rates of the day the bill was issued."),
    "past-due": N_("What is still open of older bills. Paying this bill closes them too; nothing is taken twice."),
    "rounding": N_("The total is rounded to a whole amount; this is the difference."),
}

SPECIAL = {
    ("masmovil", "monthly"): N_(
        "Lines include IVA. In the minicycle of 1–21 May 2025 a fee is charged for 21 of May's 31 days; from 22 May on a cycle runs from "
        "the 22nd to the 21st."
    ),
    ("masmovil", "included"): N_("Gigabytes, minutes and SMS renew with each cycle and expire with it; the minicycle has them whole."),
    ("masmovil", "usage"): N_("What was really used in this cycle, by its own call and data records. Prices include IVA."),
    ("masmovil", "other"): N_(
        "Instalments of a device are whole, and never two in one calendar month of charge. A bonus expires with the cycle it was bought in."
    ),
    ("vodafone-hu", "monthly"): N_(
        "Fees are billed in advance. A first bill has the broken period from the day of activation and the next whole month. What was paid "
        "and is not used is credited from the day after deletion. Amounts are net."
    ),
    ("vodafone-hu", "included"): N_("Allowances of a broken period are as many days' worth as its fee."),
    ("vodafone-hu", "usage"): N_(
        "Only the closed period; after a plan change by the new plan. An amount stands only beyond or outside the allowance. Roaming may "
        "arrive on a later bill with its true date."
    ),
    ("vodafone-hu", "other"): N_("Services of one time, individual discounts with a minus sign, devices. Amounts are net."),
    ("vodafone-hu", "rounding"): N_("The total is in whole forints. Cash is rounded to 5 Ft at the counter, on a line of its own."),
    ("azercell", "monthly"): N_("Lines include 18 % ƏDV; the note below shows base and tax."),
    ("azercell", "usage"): N_(
        "Lines include 18 % ƏDV. Inquiries by SMS to 650 cost 0.0236 ₼ each and are charged to the line; together they are rounded once."
    ),
    ("millenicom", "tax"): N_("KDV and ÖİV, each on the net sum of the sections above."),
    ("millenicom", "other"): N_(
        "The late fee for an older bill: percent a month of what is open, by days since its due date; no tax on it."
    ),
}


def help_texts(biller: str, kind: str) -> list[str]:
    """One or two sentences, marked for translation."""
    special = SPECIAL.get((biller, kind))
    return [HELP[kind], *([special] if special else [])]
