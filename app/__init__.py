"""Gişe: bill collection for a payment institution and its shops."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Config


def create_app(config: Config | None = None) -> Flask:
    """
    The web application: the only place that sees every room.

    Imports stand inside, so that ``app.billing`` and ``app.money`` can be used alone.

    :raises app.config.BadSetting: if the environment cannot be read
    """
    import os

    from flask import Flask
    from werkzeug.middleware.proxy_fix import ProxyFix

    from app import clock, db, logs
    from app.announcements import views as announcements
    from app.api import install as api
    from app.bank import account_views, deposit_views, event_views, return_views, reversal_views, statement_views, top_up_views
    from app.bank import self_check as bank_checks
    from app.billers.gateways import Gateways
    from app.cancellations import case_views as cancellation_cases
    from app.cancellations import cut_off_views, hold_closing, payment_views, queue_views
    from app.cancellations import paper_views as cancellation_papers
    from app.cancellations import self_check as cancellation_checks
    from app.cancellations import views as cancellations
    from app.changes import ask_views, close_shop, record_views
    from app.changes import views as changes
    from app.cli import install as cli
    from app.collections import bill_paper_views, bill_views, case_views, dispute_views, paper_views
    from app.collections import views as collections
    from app.config import Config
    from app.home import (
        audit_views,
        balance_views,
        exception_views,
        exceptions,
        form_views,
        menu,
        message_views,
        metrics_views,
        privacy_views,
        reason_views,
    )
    from app.home import views as home
    from app.inquiries import e_bill_views
    from app.intake import attention as intake_attention
    from app.intake import paper_views as intake_papers
    from app.intake import payment_views as intake_payments
    from app.intake import views as intake
    from app.ledger import self_check
    from app.people import agent_views, password_views, reset_views, second_factor_views, session_views
    from app.people import views as people
    from app.reports import attention as export_attention
    from app.reports import export_views, notice_views
    from app.reports import views as reports
    from app.web import actor, display, headers, inputs, language, parts, refusals, slots
    from app.web import forms as web_forms

    config = config or Config.from_environment(os.environ)
    logs.configure(production=config.is_production)
    clock.start(config.clock)
    db.connect(config)

    app = Flask(__name__, static_url_path="/static")
    app.config.update(
        SECRET_KEY=config.secret_key,
        MAX_CONTENT_LENGTH=25 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=512 * 1024,
        MAX_FORM_PARTS=200,
        SESSION_COOKIE_NAME="__Host-gise_form" if config.is_production else "gise_form",
        SESSION_COOKIE_SECURE=config.is_production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    parts.install(app, config, Gateways(config))

    if config.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.trusted_proxies, x_proto=config.trusted_proxies)  # type: ignore[method-assign]
    headers.install(app, production=config.is_production)
    inputs.install(app)
    actor.install(app, people.load_actor)
    language.install(app)
    display.install(app)
    slots.install(app)
    web_forms.install(app)
    refusals.install(app)
    menu.install(app)
    self_check.register(bank_checks.CHECKS)
    self_check.register(cancellation_checks.CHECKS)
    exceptions.register(export_attention.attention)
    exceptions.register(intake_attention.attention)
    close_shop.register(hold_closing.no_open_cancellations)
    for room in (people, agent_views, bill_views, bill_paper_views, dispute_views, collections, case_views, paper_views):
        app.register_blueprint(room.blueprint)
    for room in (password_views, second_factor_views, session_views, reset_views):
        app.register_blueprint(room.blueprint)
    for room in (home, balance_views, exception_views, form_views, metrics_views, privacy_views, message_views, reason_views):
        app.register_blueprint(room.blueprint)
    for room in (account_views, top_up_views, deposit_views, return_views, statement_views, reversal_views, event_views):
        app.register_blueprint(room.blueprint)
    for room in (cancellations, queue_views, cancellation_papers, cancellation_cases, cut_off_views):
        app.register_blueprint(room.blueprint)
    for room in (changes, ask_views, intake, intake_papers, intake_payments):
        app.register_blueprint(room.blueprint)
    for room in (reports, export_views, audit_views, e_bill_views, announcements):
        app.register_blueprint(room.blueprint)
    for room in (account_views, top_up_views, deposit_views, event_views, payment_views, notice_views):
        room.install()
    for room in (bill_paper_views, dispute_views, e_bill_views, record_views, intake_payments, cut_off_views, announcements, home):
        room.install()
    api.install(app)
    cli.install(app)
    return app
