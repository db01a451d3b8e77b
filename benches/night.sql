-- The yardstick: each database step of the night as the bare set-based statement one would write by hand, on the same
-- tables, indexes, rows and durability. `cargo bench --bench night` runs it in the database's own shell (sqlite3 or psql)
-- and times every section by itself; sections whose name begins with `-` prepare and are not timed.
-- The shell knows :due (debits of the night), :sealed (a payer's ciphertext) and :hash (a blind index); {instant SECONDS}
-- is spelled as each database stores instants.

-- section: -site
INSERT INTO bank (code, bank_no, name, reserved_account, paused) VALUES ('BOC', 1, 'bank', 999999999001, FALSE);
INSERT INTO format_version (hash, name, body) VALUES ('f', 'f', 'f');
INSERT INTO file_in (file_id, bank, kind, file_name, sha256, bytes, received_at, business_date, state)
VALUES (1, 'BOC', 'answer', 'a', 'a', 1, '2026-11-21 01:00:00+00:00', '2026-11-21', 'applying');

-- section: accounts
INSERT INTO account (account, holder, address, phone_sealed, phone_index, phone_last4, open, cut_for_money, created_at)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :due * 2)
SELECT 51600000001 + i, 'holder', 'street', :sealed, :hash, '0001', TRUE, FALSE, '2026-11-20 14:00:00+00:00' FROM n;
INSERT INTO device (account, device, from_day) SELECT account, 'meter', '2015-06-01' FROM account;

-- section: balances
INSERT INTO balance (account, paid_fen, free_fen, read_at, since)
SELECT account, CASE WHEN account % 2 = 1 THEN account % 3000 ELSE 6000 + account % 9000 END, 0,
    '2026-11-20 12:00:00+00:00', '2026-11-20' FROM account;

-- section: agreements
INSERT INTO agreement (account, number, version, state, bank, payer_name, id_type, payer_sealed, card_index, card_last4,
    id_index, mobile_index, threshold_fen, amount_fen, signed_at, confirmed, in_row, held, import_hash, maker)
SELECT account, 1, 1, 'pending', 'BOC', holder, 'resident', phone_sealed, phone_index, '0001', phone_index, phone_index,
    3000, 10000, {instant 1767225600 + account * 7919 % 1000003 * 25}, TRUE, 0, FALSE, 'h', 'maker' FROM account;
INSERT INTO agreement_event (account, number, at, event_no, state, reason, actor, version, threshold_fen, amount_fen,
    bank, card_last4, confirmed)
SELECT account, number, signed_at, 1, 'pending', 'entered', maker, version, threshold_fen, amount_fen, bank,
    card_last4, confirmed FROM agreement;
INSERT INTO agreement_event (account, number, at, event_no, state, reason, actor, version, threshold_fen, amount_fen,
    bank, card_last4, confirmed)
SELECT account, number, signed_at, 2, 'active', 'released', 'checker', version, threshold_fen, amount_fen, bank,
    card_last4, confirmed FROM agreement;
UPDATE agreement SET state = 'active', released_at = signed_at, checker = 'checker'
WHERE import_hash = 'h' AND state = 'pending';

-- section: -analyze
ANALYZE;

-- section: select
-- Debits are planned in the file's order, which is not the order of accounts: people sign when they come.
INSERT INTO debit (account, debit_no, business_date, bank, number, version, amount_fen, payer_name, id_type, payer_sealed,
    card_index, card_last4, signed_at, threshold_fen, balance_fen, read_at, rule_version, state)
SELECT a.account, 98200000000000000 + a.account * 10, '2026-11-20', a.bank, a.number, a.version, a.amount_fen,
    a.payer_name, a.id_type, a.payer_sealed, a.card_index, a.card_last4, a.signed_at, a.threshold_fen, b.paid_fen,
    b.read_at, 1, 'planned'
FROM agreement a JOIN account t ON t.account = a.account JOIN balance b ON b.account = a.account
WHERE a.bank = 'BOC' AND a.state = 'active' AND t.open AND b.paid_fen < a.threshold_fen
AND NOT EXISTS (SELECT 1 FROM debit d WHERE d.account = a.account AND d.debit_no >= 98200000000000000)
ORDER BY a.signed_at, a.account;

-- section: file
INSERT INTO batch (batch_id, bank, business_date, file_date, direction, seq, state, file_name, format_hash, debits, sum_fen,
    largest_fen, new_per_mille, bytes, sha256, sealed_at, sent_at)
VALUES (1, 'BOC', '2026-11-20', '2026-11-20', 'debit', 1, 'sent', 'f', 'f', 1, 1, 1, 0, 1, 'f',
    '2026-11-20 14:00:00+00:00', '2026-11-20 14:00:00+00:00');
UPDATE debit SET batch_id = 1, line_no = v.line FROM (
    SELECT account, debit_no, ROW_NUMBER() OVER (ORDER BY signed_at, account) AS line FROM debit
    WHERE business_date = '2026-11-20' AND bank = 'BOC' AND state = 'planned') v
WHERE debit.account = v.account AND debit.debit_no = v.debit_no AND debit.state = 'planned';

-- section: returns
INSERT INTO return_line (account, file_id, line_no, debit_no, taken_fen, category, code, message, bank_date, bank_serial)
SELECT account, 1, line_no, debit_no, CASE WHEN line_no % 10 <> 0 THEN amount_fen END,
    CASE WHEN line_no % 10 <> 0 THEN 'paid' ELSE 'funds' END, CASE WHEN line_no % 10 <> 0 THEN '00' ELSE '64' END,
    'message', '2026-11-20', 'serial' FROM debit WHERE batch_id = 1 ORDER BY line_no;

-- section: apply
UPDATE debit SET state = CASE WHEN r.category = 'paid' THEN 'paid' ELSE 'refused' END, category = r.category, code = r.code,
    taken_fen = r.taken_fen, bank_date = r.bank_date, answered_at = '2026-11-21 01:00:00+00:00'
FROM return_line r WHERE r.file_id = 1 AND r.verdict IS NULL AND debit.account = r.account AND debit.debit_no = r.debit_no
AND debit.state = 'planned';
INSERT INTO entry (account, event, ref, bank, debit, credit, amount_fen, posted_on, cause)
SELECT account, 'paid', debit_no, 'BOC', 'clearing', 'prepaid', taken_fen, '2026-11-21', 'answer: file 1 line ' || line_no
FROM return_line WHERE file_id = 1 AND verdict IS NULL AND category = 'paid';
INSERT INTO outbox (account, kind, ref, template, bank, business_date, amount_fen, state, changed_at)
SELECT account, CASE WHEN category = 'paid' THEN 'credit' ELSE 'sms' END, debit_no,
    CASE WHEN category = 'paid' THEN '' ELSE 'funds' END, 'BOC', '2026-11-20', 10000, 'queued',
    '2026-11-21 01:00:00+00:00' FROM return_line WHERE file_id = 1 AND verdict IS NULL;
UPDATE agreement SET in_row_category = 'funds', in_row = 1 FROM return_line r
WHERE r.file_id = 1 AND r.verdict IS NULL AND r.category = 'funds' AND agreement.account = r.account AND agreement.number = 1;
UPDATE return_line SET verdict = CASE WHEN category = 'paid' THEN 'pay' ELSE 'refuse' END
WHERE file_id = 1 AND verdict IS NULL;

-- section: credit
UPDATE debit SET state = 'credited' FROM outbox o WHERE o.kind = 'credit' AND o.state = 'queued'
AND debit.account = o.account AND debit.debit_no = o.ref AND debit.state = 'paid';
INSERT INTO balance_past (account, since, until, paid_fen, free_fen, free_until, read_at, last_credit_at)
SELECT b.account, b.since, '2026-11-21', b.paid_fen, b.free_fen, b.free_until, b.read_at, b.last_credit_at
FROM balance b JOIN outbox o ON o.account = b.account WHERE o.kind = 'credit' AND o.state = 'queued';
UPDATE balance SET paid_fen = paid_fen + o.amount_fen, since = '2026-11-21', last_credit_at = '2026-11-21 01:00:00+00:00'
FROM outbox o WHERE o.kind = 'credit' AND o.state = 'queued' AND balance.account = o.account;
INSERT INTO outbox (account, kind, ref, template, bank, business_date, amount_fen, state, changed_at)
SELECT account, 'sms', ref, 'credited', bank, business_date, amount_fen, 'queued', changed_at FROM outbox
WHERE kind = 'credit' AND state = 'queued';
UPDATE outbox SET state = 'accepted' WHERE kind = 'credit' AND state = 'queued';

-- section: statement
INSERT INTO entry (account, event, ref, bank, debit, credit, amount_fen, posted_on, cause)
SELECT account, 'settled', debit_no, bank, 'bank', 'clearing', taken_fen, '2026-11-21', 'statement: file 2 line 2'
FROM debit WHERE batch_id = 1 AND taken_fen IS NOT NULL AND settled_by IS NULL;
UPDATE debit SET settled_by = 1 WHERE batch_id = 1 AND taken_fen IS NOT NULL AND settled_by IS NULL;
