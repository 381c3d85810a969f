"""Which rows a report shows. One object feeds the screen, the file, the API and the command line: they cannot differ."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, kw_only=True)
class Filter:
    """
    :ivar first_day: by the calendar of ``zone``; :ivar last_day: is shown too, to its midnight
    :ivar zone: of the market: days begin there, and times are shown as they were there
    :ivar agent: whose rows; ``None`` for all
    :ivar person: who did it, as somebody typed it; :ivar thing: the number of what it is about
    """

    first_day: date
    last_day: date
    zone: ZoneInfo
    agent: str | None = None
    biller: str | None = None
    state: str | None = None
    person: str | None = None
    thing: str | None = None

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first_day, time.min, self.zone)

    @property
    def until(self) -> datetime:
        """Not included."""
        return datetime.combine(self.last_day + timedelta(days=1), time.min, self.zone)

    def facts(self) -> dict[str, str]:
        """As text, for the record, the parameter sheet and the seal; :meth:`from_facts` reads it back."""
        days = {"from": self.first_day.isoformat(), "to": self.last_day.isoformat(), "zone": self.zone.key}
        return days | {name: value for name in CHOICES if (value := getattr(self, name)) is not None}

    @classmethod
    def from_facts(cls, facts: dict[str, str]) -> "Filter":
        return cls(
            first_day=date.fromisoformat(facts["from"]),
            last_day=date.fromisoformat(facts["to"]),
            zone=ZoneInfo(facts["zone"]),
            **{name: facts[name] for name in CHOICES if name in facts},
        )


CHOICES = ("agent", "biller", "state", "person", "thing")
