"""
What each role may do (product.md §1). ``tests/test_house_rules.py`` holds that every permission named here is used.
"""

DISPUTE_BILLS = "dispute-bills"
HAND_OUT_BILLS = "hand-out-bills"  # printed and mailed to the customer who stands there, or calls
LOOK_UP_BILLS = "look-up-bills"  # support for a caller; who sees exceptions, the wrong ones
PAY = "pay-bills"
SEE_OWN_PAYMENTS = "see-own-payments"
ASK_CANCELLATION = "ask-cancellation"
SEE_OWN_BALANCE = "see-own-balance"  # what is left to pay with; moves and transfers are the owner's
SEE_OWN_STATEMENT = "see-own-statement"
FIND_PAYMENTS = "find-payments"
SEE_AGENTS = "see-agents"
SEE_DEPOSITS = "see-deposits"
ASSIGN_DEPOSITS = "assign-deposits"
DECIDE_DEPOSITS = "decide-deposits"  # never who proposes: large sums take two persons
IMPORT_STATEMENTS = "import-statements"
RELEASE_STATEMENTS = "release-statements"  # never who brings them: what does not add up is let in by another
SEE_CANCELLATIONS = "see-cancellations"  # a shop's persons the own shop's; scans are for who uploaded them and who decides (C-08)
DECIDE_CANCELLATIONS = "decide-cancellations"
ASK_CHANGES = "ask-changes"  # of a shop or its people; which kinds, each kind says
SEE_CHANGES = "see-changes"  # an owner the own shop's; scans are for who uploaded them and who decides (C-08)
DECIDE_CHANGES = "decide-changes"  # never who asked, nor anybody on the asking side
SET_HOURS = "set-hours"  # until when one may cancel; for today a second one agrees
SET_REASONS = "set-reasons"  # which ready reasons are offered where one is asked
SEE_INTAKE = "see-intake"  # mails and papers that came in; their scans only who sorts them
SORT_INTAKE = "sort-intake"
RESOLVE_PAYMENTS = "resolve-payments"
DECIDE_PAYMENTS = "decide-payments"
SEE_EXCEPTIONS = "see-exceptions"
PUBLISH_ANNOUNCEMENTS = "publish-announcements"
SEE_REPORTS = "see-reports"
SEE_BOOK = "see-book"
SEE_AUDIT = "see-audit"
END_SESSIONS = "end-sessions"  # an owner the own shop's persons', support and approvers anybody's
RESET_LOGINS = "reset-logins"
AGREE_RESETS = "agree-resets"  # never who asks, and never about the own login
SEE_PRIVACY = "see-privacy"  # requests of people about their own data
RECORD_PRIVACY = "record-privacy"
DECIDE_PRIVACY = "decide-privacy"  # never who wrote the request down

CASHIER = frozenset(
    {LOOK_UP_BILLS, HAND_OUT_BILLS, DISPUTE_BILLS, PAY, SEE_OWN_PAYMENTS, SEE_OWN_BALANCE, ASK_CANCELLATION, SEE_CANCELLATIONS}
)

ROLES: dict[str, frozenset[str]] = {
    "cashier": CASHIER,
    "owner": CASHIER | {SEE_OWN_STATEMENT, SEE_REPORTS, END_SESSIONS, ASK_CHANGES, SEE_CHANGES},
    "support": frozenset(
        {
            LOOK_UP_BILLS,
            HAND_OUT_BILLS,
            DISPUTE_BILLS,
            FIND_PAYMENTS,
            SEE_AGENTS,
            SEE_CANCELLATIONS,
            SEE_CHANGES,
            END_SESSIONS,
            RESET_LOGINS,
        }
    ),
    "operator": frozenset(
        {
            LOOK_UP_BILLS,
            FIND_PAYMENTS,
            SEE_AGENTS,
            SEE_DEPOSITS,
            ASSIGN_DEPOSITS,
            IMPORT_STATEMENTS,
            ASK_CANCELLATION,
            SEE_CANCELLATIONS,
            ASK_CHANGES,
            SEE_CHANGES,
            SEE_INTAKE,
            SORT_INTAKE,
            RESOLVE_PAYMENTS,
            SEE_EXCEPTIONS,
            SEE_PRIVACY,
            RECORD_PRIVACY,
        }
    ),
    "approver": frozenset(
        {
            LOOK_UP_BILLS,
            FIND_PAYMENTS,
            SEE_AGENTS,
            SEE_DEPOSITS,
            DECIDE_DEPOSITS,
            RELEASE_STATEMENTS,
            ASK_CANCELLATION,
            SEE_CANCELLATIONS,
            DECIDE_CANCELLATIONS,
            ASK_CHANGES,
            SEE_CHANGES,
            DECIDE_CHANGES,
            SET_HOURS,
            SET_REASONS,
            PUBLISH_ANNOUNCEMENTS,
            SEE_INTAKE,
            DECIDE_PAYMENTS,
            SEE_EXCEPTIONS,
            SEE_AUDIT,
            END_SESSIONS,
            RESET_LOGINS,
            AGREE_RESETS,
            SEE_PRIVACY,
            DECIDE_PRIVACY,
        }
    ),
    "accountant": frozenset(
        {FIND_PAYMENTS, SEE_AGENTS, SEE_DEPOSITS, IMPORT_STATEMENTS, SEE_CANCELLATIONS, SEE_CHANGES, SEE_REPORTS, SEE_BOOK}
    ),
    "auditor": frozenset(
        {
            LOOK_UP_BILLS,
            FIND_PAYMENTS,
            SEE_AGENTS,
            SEE_DEPOSITS,
            SEE_CANCELLATIONS,
            SEE_CHANGES,
            SEE_INTAKE,
            SEE_EXCEPTIONS,
            SEE_REPORTS,
            SEE_BOOK,
            SEE_AUDIT,
        }
    ),
}
AGENT_ROLES = ("cashier", "owner")
# What is left to the people of a shop that closes, until it is closed.
READING = frozenset({SEE_OWN_PAYMENTS, SEE_OWN_BALANCE, SEE_OWN_STATEMENT, SEE_CANCELLATIONS, SEE_CHANGES, SEE_REPORTS})
