-- Amounts are whole minor units. Times are RFC 3339 text; where they are compared they are UTC with six decimals.

CREATE TABLE made (
    at TEXT NOT NULL,
    seed INTEGER NOT NULL,
    subscribers INTEGER NOT NULL
) STRICT;

-- The carriers ----------------------------------------------------------------------------------------

-- history_began_on: before it there are no ordinary bills; known_from: those issued until then are written when asked for.
-- ran_on: the last day whose charges and payments are done; billed_on: whose bills are issued. They part while a billing run is paused.
CREATE TABLE billing_runs (
    biller TEXT PRIMARY KEY,
    history_began_on TEXT NOT NULL,
    known_from TEXT NOT NULL,
    ran_on TEXT NOT NULL,
    billed_on TEXT NOT NULL,
    paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Who they are follows from seed, number, kind and the days of their contract: sandbox/carriers/person.py.
CREATE TABLE subscribers (
    biller TEXT NOT NULL,
    number TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    first_day TEXT,
    last_day TEXT,
    state TEXT NOT NULL CHECK (state IN ('active', 'closed')),
    advance INTEGER NOT NULL CHECK (advance >= 0),
    e_bill TEXT NOT NULL,
    old_bills_written INTEGER NOT NULL DEFAULT 0 CHECK (old_bills_written IN (0, 1)),
    PRIMARY KEY (biller, number)
) STRICT, WITHOUT ROWID;

-- Newest bill = greatest id. An 'account' bill takes money when nothing is owed; a 'practice' bill was made at the control desk.
-- late_fee and current are what the bill still asks for of its own, without older ones printed on it.
-- way, acts_on and acts_with: who pays it away from the counter, on which day, how much (NULL: what is open then).
CREATE TABLE bills (
    id INTEGER PRIMARY KEY,
    biller TEXT NOT NULL,
    ref TEXT NOT NULL,
    subscriber TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('bill', 'practice', 'account')),
    month TEXT NOT NULL,
    due_on TEXT NOT NULL,
    charged_on TEXT,
    amount INTEGER NOT NULL,
    late_fee INTEGER NOT NULL CHECK (late_fee >= 0),
    current INTEGER NOT NULL CHECK (current >= 0),
    late_since TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'paid', 'credit')),
    disputed INTEGER NOT NULL DEFAULT 0 CHECK (disputed IN (0, 1)),
    way TEXT NOT NULL CHECK (way IN ('', 'web', 'debit', 'order')),
    acts_on TEXT,
    acts_with INTEGER CHECK (acts_with > 0),
    paid_by TEXT,
    paid_at TEXT,
    content TEXT NOT NULL,
    UNIQUE (biller, ref),
    CHECK ((state = 'paid') = (paid_by IS NOT NULL AND paid_at IS NOT NULL)),
    CHECK (state = 'open' OR late_fee + current = 0),
    CHECK ((state = 'credit') = (amount < 0))
) STRICT;
CREATE INDEX bills_of_subscriber ON bills (biller, subscriber, id);
CREATE INDEX bills_open ON bills (biller, subscriber, id) WHERE state = 'open';
CREATE INDEX bills_that_act ON bills (biller, acts_on) WHERE state = 'open' AND acts_on IS NOT NULL;

-- The truth about payments: one row for each that was booked. taken is what it took from which bill, [[id, late fee, current], …];
-- what was left became the subscriber's advance.
CREATE TABLE effects (
    id INTEGER PRIMARY KEY,
    biller TEXT NOT NULL,
    reference TEXT NOT NULL,
    bill TEXT NOT NULL,
    subscriber TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    taken TEXT NOT NULL,
    advance INTEGER NOT NULL CHECK (advance BETWEEN 0 AND amount),
    day TEXT NOT NULL,
    at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('accepted', 'reversed')),
    reversed_at TEXT,
    UNIQUE (biller, reference),
    CHECK ((state = 'reversed') = (reversed_at IS NOT NULL))
) STRICT;
CREATE INDEX effects_of_day ON effects (biller, day);

-- References answered with no, and those reversed before they ever came: the same answer for ever.
CREATE TABLE refusals (
    biller TEXT NOT NULL,
    reference TEXT NOT NULL,
    code TEXT NOT NULL,
    by_reference TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (biller, reference)
) STRICT, WITHOUT ROWID;

CREATE TABLE charges (
    id INTEGER PRIMARY KEY,
    biller TEXT NOT NULL,
    subscriber TEXT NOT NULL,
    reference TEXT NOT NULL,
    text TEXT NOT NULL,
    amount TEXT NOT NULL, -- major units, up to four decimals
    day TEXT NOT NULL, -- in the carrier's zone
    at TEXT NOT NULL,
    UNIQUE (biller, reference)
) STRICT;
CREATE INDEX charges_of_subscriber ON charges (biller, subscriber, day);

CREATE TABLE disputes (
    id INTEGER PRIMARY KEY,
    biller TEXT NOT NULL,
    subscriber TEXT NOT NULL,
    bill TEXT NOT NULL,
    reason TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;

CREATE TABLE faults (
    id INTEGER PRIMARY KEY,
    biller TEXT NOT NULL,
    operation TEXT NOT NULL,
    mode TEXT NOT NULL,
    remaining INTEGER CHECK (remaining >= 0),
    probability REAL CHECK (probability > 0 AND probability <= 1),
    seconds REAL NOT NULL,
    subscriber TEXT,
    fired INTEGER NOT NULL DEFAULT 0,
    CHECK ((remaining IS NULL) <> (probability IS NULL))
) STRICT;

-- The bank --------------------------------------------------------------------------------------------

CREATE TABLE bookings (
    id INTEGER PRIMARY KEY,
    iban TEXT NOT NULL,
    reference TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    side TEXT NOT NULL CHECK (side IN ('credit', 'debit')),
    reversal_of INTEGER UNIQUE REFERENCES bookings (id),
    entered_at TEXT NOT NULL,
    booked_at TEXT NOT NULL,
    day TEXT NOT NULL,
    value_date TEXT NOT NULL,
    sender_name TEXT NOT NULL,
    sender_iban TEXT NOT NULL,
    description TEXT NOT NULL
) STRICT;
CREATE INDEX bookings_entered ON bookings (iban, entered_at);
CREATE INDEX bookings_of_day ON bookings (iban, day);

-- SMS and mail ----------------------------------------------------------------------------------------

-- direction 'out' left the product, 'in' is on its way to it; raw is a mail as it travelled.
CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    channel TEXT NOT NULL CHECK (channel IN ('sms', 'mail')),
    direction TEXT NOT NULL CHECK (direction IN ('out', 'in')),
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    attachments TEXT NOT NULL,
    raw BLOB,
    at TEXT NOT NULL,
    key TEXT,
    UNIQUE (channel, key)
) STRICT;
CREATE INDEX messages_of_channel ON messages (channel, direction, id);

-- What the product's mail program has marked of the mail it received; expunged is out of its sight, its number used up.
CREATE TABLE mail_flags (
    message INTEGER PRIMARY KEY REFERENCES messages (id),
    flags TEXT NOT NULL DEFAULT '',
    expunged INTEGER NOT NULL DEFAULT 0 CHECK (expunged IN (0, 1))
) STRICT;
