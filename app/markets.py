"""The four markets: what an agent's country decides (product.md §1)."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Market:
    """
    :ivar languages: its own first; ``calling_code`` and ``mobile`` (a regular expression over the
        national number) say what a mobile phone looks like there
    :ivar trunk: what stands before a national number; :ivar groupings: how people there space one, ``3-3-4``
    """

    code: str
    currency: str
    zone: ZoneInfo
    languages: tuple[str, ...]
    calling_code: str
    mobile: str
    trunk: str
    groupings: tuple[str, ...]


MARKETS = {
    market.code: market
    for market in (
        Market("TR", "TRY", ZoneInfo("Europe/Istanbul"), ("tr",), "90", r"5[0-9]{9}", "0", ("10", "3-7", "3-3-4", "3-3-2-2")),
        Market(
            "AZ",
            "AZN",
            ZoneInfo("Asia/Baku"),
            ("az",),
            "994",
            r"(?:10|50|51|55|60|70|77|99)[0-9]{7}",
            "0",
            ("9", "2-7", "2-3-4", "2-3-2-2"),
        ),
        Market("ES", "EUR", ZoneInfo("Europe/Madrid"), ("es", "eu"), "34", r"[67][0-9]{8}", "", ("9", "3-6", "3-3-3", "3-2-2-2")),
        Market(
            "HU", "HUF", ZoneInfo("Europe/Budapest"), ("hu",), "36", r"(?:20|30|31|50|70)[0-9]{7}", "06", ("9", "2-7", "2-3-4", "2-3-2-2")
        ),
    )
}
INSTITUTION = MARKETS["TR"]  # where the institution's own people work
