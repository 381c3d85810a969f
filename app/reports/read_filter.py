"""Read what somebody asked a report for; the agent of a person of an agent is not a matter of asking."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from app.agents.model import Agent
from app.billers.model import Biller
from app.errors import N_, Invalid
from app.markets import MARKETS
from app.reports.catalogue import Asker
from app.reports.filters import Filter
from app.reports.report import Report

FIRST_YEAR, LAST_YEAR = 2000, 2099


def read_filter(session: Session, report: Report, given: Mapping[str, str], *, asker: Asker) -> Filter:
    """
    :param given: ``from`` and ``to`` (``2026-10-01``, both days are shown) and what the report may be filtered by; empty is not given
    :raises Invalid: naming each field that is wrong; a stranger's agent is as unknown as one that does not exist
    """
    wanted = {name: text.strip() for name, text in given.items() if text.strip()}
    errors = {name: N_("This report cannot be filtered by that.") for name in wanted if name not in ("from", "to", *report.filters)}
    first_day, last_day = (read_day(wanted, name, errors) for name in ("from", "to"))
    if first_day and last_day and first_day > last_day:
        errors["to"] = N_("The last day is before the first day.")
    agent = read_agent(session, report, wanted, asker=asker, errors=errors)
    if (biller := wanted.get("biller")) and session.get(Biller, biller) is None:
        errors["biller"] = N_("There is no such biller.")
    if (state := wanted.get("state")) and "state" not in errors and state not in report.states:
        errors["state"] = N_("Nothing in this report is ever in that state.")
    if errors or not first_day or not last_day:
        raise Invalid(**errors)
    person, thing = wanted.get("person"), wanted.get("thing")
    zone = MARKETS[agent.market].zone if agent else asker.market.zone
    number = agent.number if agent else None
    return Filter(first_day=first_day, last_day=last_day, zone=zone, agent=number, biller=biller, state=state, person=person, thing=thing)


def read_day(wanted: Mapping[str, str], name: str, errors: dict[str, str]) -> date | None:
    try:
        day = date.fromisoformat(wanted.get(name, ""))
    except ValueError:
        day = None
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        errors[name] = N_("A day such as 2026-10-31 is needed.")
        return None
    return day


def read_agent(session: Session, report: Report, wanted: Mapping[str, str], *, asker: Asker, errors: dict[str, str]) -> Agent | None:
    number = wanted.get("agent") or asker.agent
    agent = session.get(Agent, number) if number and asker.agent in (None, number) else None
    if number and agent is None:
        errors["agent"] = N_("There is no such agent.")
    elif agent is None and report.needs_agent:
        errors["agent"] = N_("This report is about one agent: give its number.")
    return agent
