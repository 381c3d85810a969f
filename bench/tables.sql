-- The least a payment can be: an account with a limit, a payment with a unique key and one live payment a bill, two-sided postings.
CREATE TABLE bench_account (id integer PRIMARY KEY, balance bigint NOT NULL) WITH (fillfactor = 50);
INSERT INTO bench_account SELECT number, 1000000000000 FROM generate_series(1, 1000) AS number;
CREATE TABLE bench_payment (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text NOT NULL UNIQUE, agent integer NOT NULL, biller integer NOT NULL,
    bill bigint NOT NULL, amount bigint NOT NULL, state text NOT NULL, at timestamptz NOT NULL
);
CREATE UNIQUE INDEX ON bench_payment (biller, bill) WHERE state IN ('pending', 'paid');
CREATE TABLE bench_posting (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payment bigint NOT NULL, source integer NOT NULL, target integer NOT NULL,
    amount bigint NOT NULL, at timestamptz NOT NULL
);
CREATE INDEX ON bench_posting (source, id);
CREATE INDEX ON bench_posting (target, id);
