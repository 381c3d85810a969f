"""``/metrics`` for Prometheus: read from the database at each scrape, so that all processes tell the same."""

from collections.abc import Iterator
from datetime import datetime

from flask import Blueprint, Response, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import clock, db
from app.errors import NotFound
from app.web.guards import public

blueprint = Blueprint("metrics", __name__)

LOOPBACK = ("127.0.0.1", "::1")

# name -> (what it is, labels, question); the last column is the value
QUESTIONS = {
    "gise_payments_pending": (
        "Payments whose outcome is unknown",
        ["biller"],
        "SELECT biller, count(*) FROM open_question GROUP BY biller",
    ),
    "gise_payments_pending_oldest_seconds": (
        "Age of the oldest unknown payment",
        ["biller"],
        "SELECT biller, extract(epoch FROM :now - min(asked_since)) FROM open_question GROUP BY biller",
    ),
    "gise_payments_last_hour": (
        "Payments asked for in the last hour",
        ["biller", "state"],
        "SELECT biller, state, count(*) FROM payment WHERE asked_at > :now - interval '1 hour' GROUP BY biller, state",
    ),
    "gise_deposits_unmatched": (
        "Deposits that wait for a person",
        ["currency"],
        "SELECT currency, count(*) FROM deposit WHERE state = 'suspense' GROUP BY currency",
    ),
    "gise_bank_silence_seconds": (
        "Seconds since the bank last said anything about an account",
        ["iban"],
        "SELECT iban, extract(epoch FROM :now - coalesce(news_at, added_at)) FROM bank_account JOIN bank_feed USING (iban)"
        " WHERE closed_at IS NULL",
    ),
    "gise_messages_waiting": (
        "SMS and mails on their way",
        ["channel"],
        "SELECT channel, count(*) FROM message WHERE next_try_at IS NOT NULL GROUP BY channel",
    ),
    "gise_job_success_age_seconds": (
        "Seconds since a job last succeeded",
        ["job"],
        "SELECT name, extract(epoch FROM :now - coalesce(finished_at, started_at)) FROM job_run",
    ),
    "gise_job_failing": ("1 while a job's last run failed", ["job"], "SELECT name, CASE WHEN error = '' THEN 0 ELSE 1 END FROM job_run"),
}


class FromTheDatabase:
    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now

    def collect(self) -> Iterator[Metric]:
        for name, (words, labels, question) in QUESTIONS.items():
            family = GaugeMetricFamily(name, words, labels=labels)
            for *values, number in self.session.execute(text(question), {"now": self.now} if ":now" in question else {}):
                family.add_metric(values, number)
            yield family


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    """For the machine's own monitor; to everybody else the page does not exist."""
    if request.remote_addr not in LOOPBACK:
        raise NotFound
    registry = CollectorRegistry()
    with db.snapshot() as session:
        registry.register(FromTheDatabase(session, clock.now()))
        return Response(generate_latest(registry), mimetype="text/plain")
