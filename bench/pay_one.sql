\set agent random(1, 1000)
\set number random(1, 1000000000000)
\set amount random(100, 10000)
WITH held AS (
    UPDATE bench_account SET balance = balance - :amount WHERE id = :agent AND balance >= :amount RETURNING id
), paid AS (
    INSERT INTO bench_payment (key, agent, biller, bill, amount, state, at)
    SELECT md5(:number::text), id, 1, :number, :amount, 'paid', now() FROM held RETURNING id
)
INSERT INTO bench_posting (payment, source, target, amount, at) SELECT id, :agent, -1, :amount, now() FROM paid;
