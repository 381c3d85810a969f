"""Papers in a shop's file that expire: the owner and the operators hear of it 30 and 7 days before, and on the last day."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import db, languages
from app.agents.keep_agent_paper import WORDS, days_left, papers_that_end
from app.agents.model import Agent, AgentPaper
from app.errors import N_
from app.markets import INSTITUTION, MARKETS
from app.notifications.write_message import write_mail, write_sms
from app.people.model import Person

BEFORE = (0, 7, 30)  # days, the most urgent first
SUBJECT = N_("{paper} of agent {agent} expires on {day}")
BODY = N_("{paper} of agent {agent} {name} expires on {day}. Please ask for its renewal on the page of changes, with the new paper.")


def remind_papers(now: datetime) -> int:
    """
    A job. Each reminder is written once, however often it runs; a day on which it did not run is made up for.

    :returns: how many papers are near their end
    """
    latest = max(now.astimezone(market.zone).date() for market in MARKETS.values()) + timedelta(days=max(BEFORE))
    with db.transaction() as session:
        near = papers_that_end(session, until=latest)
        operators = session.scalars(select(Person).filter_by(role="operator", removed_at=None).where(Person.email != "")).all()
        for agent, paper in near:
            left = days_left(paper, now.astimezone(MARKETS[agent.market].zone).date())
            if left is not None and (due := next((days for days in BEFORE if left <= days), None)) is not None:
                remind(session, agent, paper, due, [operator.email for operator in operators], now=now)
    return len(near)


def remind(session: Session, agent: Agent, paper: AgentPaper, due: int, operators: list[str], *, now: datetime) -> None:
    key = f"agent-paper.expires:{paper.id}:{due}"
    shops, ours = (languages.supported(market.languages[0]) for market in (MARKETS[agent.market], INSTITUTION))
    owners = session.scalars(select(Person).filter_by(agent=agent.number, role="owner", removed_at=None).order_by(Person.id)).all()
    for mail, language in [*((owner.email, shops) for owner in owners), (agent.email, shops), *((mail, ours) for mail in operators)]:
        if mail:
            subject, body = (in_words(say, agent, paper, language) for say in (SUBJECT, BODY))
            write_mail(session, key=f"{key}:{mail}", to=mail, subject=subject, body=body, now=now)
    if not agent.email:
        for owner in owners:
            if not owner.email:
                write_sms(session, key=f"{key}:{owner.id}", to=owner.phone, body=in_words(BODY, agent, paper, shops), now=now)


def in_words(say: str, agent: Agent, paper: AgentPaper, language: str) -> str:
    day = languages.day(paper.expires_on, language) if paper.expires_on else ""
    return languages.say(
        say, language, paper=languages.translate(WORDS[paper.which], language), agent=agent.number, name=agent.name, day=day
    )
