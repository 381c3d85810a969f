"""
The table routes × roles. A route that is missing here fails the build; so does a role that may more or less than it says.

Each line: method, address, and who may (``all`` is everybody who is signed in, ``public`` needs no sign-in).
Whoever may not gets 403, nobody gets 401 (the API) or is led to the sign-in page.
"""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import clock, db
from app.people import sessions
from app.people.permissions import (
    AGENT_ROLES,
    DECIDE_CANCELLATIONS,
    DECIDE_CHANGES,
    DECIDE_DEPOSITS,
    DECIDE_PAYMENTS,
    RELEASE_STATEMENTS,
    ROLES,
)
from tests.people import hire, open_biller, open_shop

TABLE = """
GET    /session                               public
POST   /session                               public
POST   /session/end                           all
GET    /session/code                          public
POST   /session/code                          public
GET    /session/confirmation                  all
POST   /session/confirmation                  all
GET    /password-codes                        public
POST   /password-codes                        public
GET    /password                              public
POST   /password                              public
GET    /second-factor                         all
POST   /second-factor                         all
POST   /second-factor/confirmation            all
GET    /sessions                              all
POST   /sessions/<number>/end                 all
POST   /sessions/others/end                   all
POST   /sessions/notice                       all
GET    /persons/<number>/sessions             owner support approver
POST   /persons/<number>/sessions/end         owner support approver
GET    /persons/<number>/reset                support approver
POST   /persons/<number>/reset                support approver
GET    /staff                                 support approver
GET    /resets                                support approver
POST   /resets/<number>/agreement             approver
POST   /resets/<number>/end                   support approver
POST   /resets/<number>/second-factor         support approver
GET    /resets/stop/<token>                   public
POST   /resets/stop/<token>                   public
POST   /language                              public
GET    /                                      all
GET    /help                                  all
GET    /healthz                               public
GET    /readyz                                public
GET    /metrics                               public
GET    /bills                                 cashier owner support operator approver auditor
GET    /bills/<biller>/<subscriber>/<ref>     cashier owner support operator approver auditor
GET    /bills/<biller>/<subscriber>/<ref>/paper cashier owner support
POST   /bills/<biller>/<subscriber>/<ref>/mail cashier owner support
POST   /bills/<biller>/<subscriber>/<ref>/dispute cashier owner support
POST   /bills/<biller>/<subscriber>/e-bill    cashier owner
POST   /bills/<biller>/<subscriber>/e-bill/end cashier owner
POST   /bills/<biller>/<subscriber>/delivery  cashier owner
GET    /payments/new                          cashier owner
POST   /payments                              cashier owner
GET    /payments                              all
GET    /payments/<reference>                  all
GET    /payments/<reference>/receipt          all
POST   /payments/<reference>/receipt          cashier owner
POST   /payments/<reference>/cash             cashier owner
GET    /payments/<reference>/receipt.pdf      all
GET    /payments/<reference>/dekont           all
GET    /payments/<reference>/cancellation     cashier owner operator approver
POST   /payments/<reference>/cancellation     cashier owner operator approver
GET    /payments/<reference>/cancellation/form cashier owner operator approver
GET    /forms                                 all
GET    /forms/<kind>                          all
GET    /cancellations                         all
GET    /cancellations/board                   support operator approver accountant auditor
GET    /cut-offs                              support operator approver accountant auditor
POST   /cut-offs/hours                        approver
POST   /cut-offs/days                         approver
POST   /cut-offs/proposals/<number>/decision  approver
GET    /reasons                               support operator approver accountant auditor
POST   /reasons                               approver
POST   /reasons/<number>/end                  approver
GET    /cancellations/<number>                all
POST   /cancellations/<number>/withdrawal     cashier owner operator approver
POST   /cancellations/<number>/decision       approver
POST   /cancellations/<number>/scans/<which>  all
GET    /cancellations/cases                   operator approver auditor
GET    /cancellations/cases/<number>          operator approver auditor
POST   /cancellations/cases/<number>/proposal operator
POST   /cancellations/cases/<number>/decision approver
GET    /changes                               owner support operator approver accountant auditor
GET    /changes/new/<kind>                    owner operator approver
POST   /changes/new/<kind>                    owner operator approver
GET    /changes/<reference>                   owner support operator approver accountant auditor
GET    /changes/<reference>/final-statement   owner support operator approver accountant auditor
POST   /changes/<reference>/decision          approver
POST   /changes/<reference>/revocation        approver
POST   /changes/<reference>/withdrawal        owner operator approver
POST   /changes/<reference>/papers            owner operator approver
POST   /changes/<reference>/scans/<which>     owner support operator approver accountant auditor
GET    /changes/<reference>/form              owner support operator approver accountant auditor
GET    /intake                                operator approver auditor
GET    /intake/<number>                       operator approver auditor
POST   /intake/<number>/confirmation          operator
POST   /intake/<number>/papers/<place>        operator
POST   /intake/<number>/papers/<place>/view   operator
POST   /intake/<number>/draft                 operator
POST   /intake/<number>/answer                operator
POST   /intake/<number>/end                   operator
GET    /papers                                cashier owner operator approver
POST   /papers                                cashier owner operator approver
GET    /papers/<number>                       cashier owner operator approver
POST   /papers/<number>                       cashier owner operator approver
GET    /payments/<reference>/cancellation/papers cashier owner operator approver
POST   /payments/<reference>/cancellation/papers cashier owner operator approver
GET    /r/<code>                              public
GET    /balance                               cashier owner
GET    /persons                               owner
POST   /payments/<reference>/case             operator
GET    /exceptions                            operator approver auditor
GET    /cases                                 operator approver auditor
GET    /cases/payments/<reference>            operator approver auditor
GET    /cases/<number>                        operator approver auditor
POST   /cases/<number>/proposal               operator
POST   /cases/<number>/decision               approver
GET    /agents                                support operator approver accountant auditor
GET    /agents/<number>                       support operator approver accountant auditor
GET    /bank-accounts                         cashier owner
GET    /top-ups                               owner
GET    /top-ups/<reference>                   owner
POST   /top-ups/notices                       owner
GET    /deposits                              operator approver accountant auditor
GET    /deposits/<reference>                  operator approver accountant auditor
POST   /deposits/<reference>/assignment       operator
POST   /deposits/<reference>/reassignment     operator
POST   /deposits/<reference>/return           operator
POST   /deposits/<reference>/dismissal        operator
POST   /deposits/<reference>/keeping          operator
POST   /deposits/proposals/<number>/decision  approver
POST   /deposits/proposals/<number>/withdrawal operator
GET    /returns                               operator approver accountant auditor
POST   /returns                               operator
GET    /returns/<number>                      operator approver accountant auditor
POST   /returns/<number>/decision             approver
POST   /returns/<number>/file                 operator
POST   /returns/<number>/debit                operator
POST   /returns/<number>/payouts/<reference>/debit operator
POST   /returns/<number>/debits/<debit>/decision approver
POST   /returns/<number>/void                 approver
POST   /bank/events                           public
GET    /statements                            operator approver accountant auditor
POST   /statements                            operator accountant
GET    /statements/<number>                   operator approver accountant auditor
POST   /statements/<number>/release           approver
GET    /reversals                             operator approver accountant auditor
GET    /reversals/<number>                    operator approver accountant auditor
POST   /reversals/<number>/deposit            operator
POST   /reversals/<number>/aside              operator
POST   /api/v1/tokens                         public
DELETE /api/v1/tokens                         all
GET    /api/v1/me                             all
GET    /api/v1/billers                        all
POST   /api/v1/inquiries                      cashier owner
POST   /api/v1/payments                       cashier owner
POST   /api/v1/bills/<biller>/<subscriber>/<ref>/dispute cashier owner support
GET    /api/v1/payments                       all
GET    /api/v1/payments/<reference>           all
GET    /api/v1/payments/<reference>/receipt   all
GET    /api/v1/payments/<reference>/dekont    all
POST   /api/v1/payments/<reference>/cancellation cashier owner operator approver
GET    /api/v1/cancellations                  all
GET    /api/v1/cancellations/<number>         all
POST   /api/v1/cancellations/<number>/decision approver
DELETE /api/v1/cancellations/<number>         cashier owner operator approver
GET    /api/v1/changes                        owner support operator approver accountant auditor
POST   /api/v1/changes                        owner operator approver
GET    /api/v1/changes/<reference>            owner support operator approver accountant auditor
POST   /api/v1/changes/<reference>/decision   approver
POST   /api/v1/changes/<reference>/revocation approver
POST   /api/v1/changes/<reference>/papers     owner operator approver
DELETE /api/v1/changes/<reference>            owner operator approver
GET    /api/v1/balance                        cashier owner
GET    /api/v1/statement                      owner
GET    /api/v1/bank-accounts                  cashier owner
GET    /api/v1/deposits                       owner operator approver accountant auditor
GET    /api/v1/deposits/<reference>           owner operator approver accountant auditor
POST   /api/v1/deposits/<reference>/assignment operator
POST   /api/v1/deposits/<reference>/reassignment operator
POST   /api/v1/deposits/<reference>/return    operator
POST   /api/v1/deposits/<reference>/dismissal operator
POST   /api/v1/deposits/<reference>/decision  approver
POST   /api/v1/bank/statements                operator accountant
GET    /api/v1/trial-balance                  accountant auditor
GET    /api/v1/journal                        accountant auditor
GET    /reports                               owner accountant auditor
GET    /reports/<name>                        owner accountant auditor
POST   /exports                               owner accountant auditor
GET    /exports/<id>                          owner accountant auditor
GET    /exports/<id>/file                     owner accountant auditor
POST   /exports/<id>/cancellation             owner accountant auditor
GET    /privacy                               operator approver
POST   /privacy                               operator
GET    /privacy/<number>                      operator approver
POST   /privacy/<number>/decision             approver
POST   /privacy/<number>/copy                 operator
GET    /certificates/<number>                 approver auditor
GET    /audit                                 approver auditor
GET    /messages                              operator approver auditor
GET    /messages/<number>                     operator approver auditor
POST   /messages/<number>/seen                operator
POST   /messages/<number>/sending             operator
GET    /announcements                         all
GET    /announcements/<number>                all
POST   /announcements/<number>/reading        all
GET    /announcements/<number>/files/<file>   all
GET    /announcements/new                     approver
POST   /announcements                         approver
POST   /announcements/<number>/end            approver
GET    /announcements/<number>/readers        approver
POST   /api/v1/exports                        owner accountant auditor
GET    /api/v1/exports/<id>                   owner accountant auditor
GET    /api/v1/exports/<id>/file              owner accountant auditor
GET    /api/v1/exceptions                     operator approver auditor
GET    /api/v1/openapi.json                   public
GET    /api/docs                              public
"""
ROWS = [(method, address, set(who)) for method, address, *who in (line.split() for line in TABLE.strip().splitlines())]


def test_every_route_stands_in_the_table(app: Flask) -> None:
    served = {(method, rule.rule) for rule in app.url_map.iter_rules() for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    served = {(method, re.sub(r"<\w+:", "<", address)) for method, address in served if not address.startswith("/static")}
    assert served == {(method, address) for method, address, _ in ROWS}


def test_every_route_carries_one_guard(app: Flask) -> None:
    unguarded = [name for name, view in app.view_functions.items() if name != "static" and not hasattr(view, "guard")]
    assert unguarded == []


MOVES_MONEY = {DECIDE_CANCELLATIONS, DECIDE_CHANGES, DECIDE_DEPOSITS, DECIDE_PAYMENTS, RELEASE_STATEMENTS}


def test_every_door_through_which_money_moves_asks_for_the_second_factor(app: Flask) -> None:
    """On pages and in the API; what only proposes, or shows, is no such door"""
    deciding = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and vars(app.view_functions[rule.endpoint]).get("guard") in MOVES_MONEY
    }
    assert len(deciding) > 10
    assert [name for name in sorted(deciding) if not vars(app.view_functions[name]).get("is_confirmed")] == []


@pytest.mark.parametrize("role", [*ROLES, "nobody"])
def test_each_role_may_what_the_table_says(app: Flask, role: str) -> None:
    """C2"""
    app.config["WTF_CSRF_ENABLED"] = False  # here only rights are looked at; C3 and the pages have tests of their own
    app.test_client_class = FlaskClient
    open_biller()
    wrong = []
    for method, address, who in ROWS:
        client = app.test_client()
        headers = {}
        if role != "nobody":
            token = token_of(role, kind="api" if address.startswith("/api") else "browser")
            headers = {"Authorization": f"Bearer {token}"} if address.startswith("/api") else {}
            client.set_cookie("gise", token)
        body: dict[str, Any] = {"json": {}} if address.startswith("/api") and method == "POST" else {}
        path = re.sub(r"<\w+>", "P251122-000000000000", address.replace("<number>", "7").replace("<place>", "0").replace("<debit>", "7"))
        answer = client.open(path, method=method, headers=headers, **body)
        allowed = "public" in who or (role != "nobody" and ("all" in who or role in who))
        refused = answer.status_code == 403 or is_asked_to_sign_in(
            answer.status_code, answer.headers.get("Location", ""), answer.data.decode(errors="replace")
        )
        if allowed == refused:
            wrong.append(f"{method} {address} as {role}: {answer.status_code}")
        assert answer.status_code < 500, f"{method} {address} as {role}: {answer.data[:300]!r}"
    assert not wrong, "\n".join(wrong)


def is_asked_to_sign_in(status: int, location: str, text: str) -> bool:
    return (status == 303 and location == "/session") or (status == 401 and "not-signed-in" in text)


def token_of(role: str, *, kind: str) -> str:
    person = open_shop().owner if role == "owner" else hire(role, shop=open_shop() if role in AGENT_ROLES else None)
    with db.transaction() as session:
        return sessions.begin(session, person, kind=kind, address="127.0.0.1", now=clock.now(), lasts=timedelta(hours=1))[0]
