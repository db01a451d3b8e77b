//! Files in and out, orders and texts: what a file says is what the tables say.

use super::Check;

const LINES: &str = "SELECT 'batch ' || b.file_name || ': ' || CAST(COUNT(d.debit_no) AS TEXT) || ' debits on '
    || CAST(COUNT(DISTINCT d.line_no) AS TEXT) || ' lines from ' || COALESCE(CAST(MIN(d.line_no) AS TEXT), 'none')
    || ' to '
    || COALESCE(CAST(MAX(d.line_no) AS TEXT), 'none') AS found
    FROM batch b LEFT JOIN debit d ON d.batch_id = b.batch_id AND d.state <> 'void'
    WHERE b.business_date >= $1 AND b.business_date <= $2 AND b.state <> 'void' GROUP BY b.batch_id, b.file_name
    HAVING COUNT(DISTINCT d.line_no) <> COUNT(d.debit_no) OR COALESCE(MIN(d.line_no), 0) <> 1
      OR COALESCE(MAX(d.line_no), 0) <> COUNT(d.debit_no) LIMIT 20";

const AT_HOME: &str =
    "SELECT 'debit ' || CAST(d.debit_no AS TEXT) || ' of ' || d.bank || ' is ' || d.state || ' in batch '
    || COALESCE(CAST(d.batch_id AS TEXT), 'none') || COALESCE(' of ' || b.bank, ', which is not there') AS found
    FROM debit d LEFT JOIN batch b ON b.batch_id = d.batch_id WHERE d.business_date >= $1 AND d.business_date <= $2
    AND (b.bank <> d.bank OR b.business_date <> d.business_date
      OR (b.batch_id IS NULL AND d.state NOT IN ('planned', 'void'))) LIMIT 20";

const TOTALS: &str = "SELECT 'batch ' || b.file_name || ' says ' || CAST(b.debits AS TEXT) || ' debits of '
    || CAST(b.sum_fen AS TEXT) || ', its debits are ' || CAST(COUNT(d.debit_no) AS TEXT) || ' of '
    || CAST(COALESCE(SUM(d.amount_fen), 0) AS TEXT) AS found
    FROM batch b LEFT JOIN debit d ON d.batch_id = b.batch_id AND d.state <> 'void'
    WHERE b.business_date >= $1 AND b.business_date <= $2 AND b.state <> 'void'
    GROUP BY b.batch_id, b.file_name, b.debits, b.sum_fen
    HAVING COUNT(d.debit_no) <> b.debits OR COALESCE(SUM(d.amount_fen), 0) <> b.sum_fen LIMIT 20";

const SEALED: &str = "SELECT 'batch ' || file_name || ' is ' || state || ' with sha256 ' || sha256 AS found FROM batch
    WHERE business_date >= $1 AND business_date <= $2 AND LENGTH(sha256) <> 64 LIMIT 20";

const GAPLESS: &str =
    "SELECT 'batches of ' || bank || ' on ' || CAST(file_date AS TEXT) || ': ' || CAST(COUNT(*) AS TEXT)
    || ' numbers from ' || CAST(MIN(seq) AS TEXT) || ' to ' || CAST(MAX(seq) AS TEXT) AS found FROM batch
    GROUP BY bank, file_date, direction HAVING MIN(seq) <> 1 OR MAX(seq) <> COUNT(*)
    UNION ALL SELECT 'files to ' || door || ' on ' || CAST(file_date AS TEXT) || ': ' || CAST(COUNT(*) AS TEXT)
    || ' numbers from ' || CAST(MIN(seq) AS TEXT) || ' to ' || CAST(MAX(seq) AS TEXT) FROM file_out
    GROUP BY door, file_date HAVING MIN(seq) <> 1 OR MAX(seq) <> COUNT(*) LIMIT 20";

const APPLIED_ONCE: &str = "SELECT 'file ' || f.file_name || ' answers debit ' || CAST(l.debit_no AS TEXT) || ' on '
    || CAST(COUNT(*) AS TEXT) || ' lines' AS found FROM return_line l JOIN file_in f ON f.file_id = l.file_id
    WHERE f.state IN ('applying', 'applied') AND f.business_date >= $1 AND f.business_date <= $2
    GROUP BY l.account, l.debit_no, f.file_id, f.file_name HAVING COUNT(*) > 1 LIMIT 20";

const ANSWERS_OF_SENT: &str = "SELECT 'file ' || f.file_name || ' line ' || CAST(l.line_no AS TEXT) || ': debit '
    || CAST(l.debit_no AS TEXT) || CASE WHEN d.debit_no IS NULL THEN ' is not ours' WHEN b.sent_at IS NULL THEN
    ' was never sent' ELSE ' asked ' || CAST(d.amount_fen AS TEXT) || ', the bank took ' || CAST(l.taken_fen AS
    TEXT) END
    AS found FROM return_line l JOIN file_in f ON f.file_id = l.file_id
    LEFT JOIN debit d ON d.account = l.account AND d.debit_no = l.debit_no LEFT JOIN batch b ON b.batch_id = d.batch_id
    WHERE f.state IN ('applying', 'applied') AND f.business_date >= $1 AND f.business_date <= $2
    AND (d.debit_no IS NULL OR b.sent_at IS NULL OR l.taken_fen > d.amount_fen) LIMIT 20";

const ALL_LINES: &str = "SELECT 'file ' || f.file_name || ' has ' || CAST(f.line_count AS TEXT) || ' lines, '
    || CAST((SELECT COUNT(*) FROM return_line l WHERE l.file_id = f.file_id)
      + (SELECT COUNT(*) FROM money_line m WHERE m.file_id = f.file_id) AS TEXT) || ' are kept' AS found FROM file_in f
    WHERE f.state = 'applied' AND f.business_date >= $1 AND f.business_date <= $2
    AND f.line_count <> (SELECT COUNT(*) FROM return_line l WHERE l.file_id = f.file_id)
      + (SELECT COUNT(*) FROM money_line m WHERE m.file_id = f.file_id) LIMIT 20";

const QUARANTINED: &str = "SELECT 'file ' || f.file_name || ' is quarantined, its line ' || CAST(l.line_no AS TEXT)
    || ' was applied as ' || l.verdict AS found FROM return_line l JOIN file_in f ON f.file_id = l.file_id
    WHERE f.state = 'quarantined' AND l.verdict IS NOT NULL AND f.business_date >= $1 AND f.business_date <= $2
    UNION ALL SELECT 'file ' || f.file_name || ' is quarantined, its line ' || CAST(m.line_no AS TEXT)
    || ' was booked as ' || m.booking FROM money_line m JOIN file_in f ON f.file_id = m.file_id
    WHERE f.state = 'quarantined' AND m.booking IS NOT NULL AND f.business_date >= $1 AND f.business_date <= $2
    LIMIT 20";

const FROZEN: &str =
    "SELECT 'file ' || f.file_name || ' is ' || f.state || ' with sha256 ' || COALESCE(f.sha256, 'missing')
    || ': says ' || CAST(f.lines AS TEXT) || ' lines of ' || CAST(f.sum_fen AS TEXT) || ', holds '
    || CAST(COUNT(o.ref) AS TEXT) || ' of ' || CAST(COALESCE(SUM(o.amount_fen), 0) AS TEXT) AS found
    FROM file_out f LEFT JOIN outbox o ON o.file_no = f.file_no
    WHERE f.state <> 'open' AND f.door NOT LIKE 'agreements-%' AND f.file_date >= $1 AND f.file_date <= $2
    GROUP BY f.file_no, f.file_name, f.state, f.sha256, f.lines, f.sum_fen
    HAVING f.sha256 IS NULL OR COUNT(o.ref) <> f.lines OR COALESCE(SUM(o.amount_fen), 0) <> f.sum_fen LIMIT 20";

const FROZEN_AGREEMENTS: &str =
    "SELECT 'file ' || f.file_name || ' to ' || f.door || ' is ' || f.state || ' with sha256 '
    || COALESCE(f.sha256, 'missing') || ': says ' || CAST(f.lines AS TEXT) || ' agreements, holds '
    || CAST(COUNT(n.notice_no) AS TEXT) || ', of which never sent '
    || CAST(COUNT(CASE WHEN n.state = 'placed' THEN 1 END) AS TEXT) AS found
    FROM file_out f LEFT JOIN agreement_notice n ON n.file_no = f.file_no
    WHERE f.door LIKE 'agreements-%' AND f.state <> 'open' AND f.file_date >= $1 AND f.file_date <= $2
    GROUP BY f.file_no, f.file_name, f.door, f.state, f.sha256, f.lines
    HAVING f.sha256 IS NULL OR COUNT(n.notice_no) <> f.lines
      OR (f.state <> 'sending' AND COUNT(CASE WHEN n.state = 'placed' THEN 1 END) > 0) LIMIT 20";

const CREDIT_AMOUNT: &str = "SELECT 'credit order of debit ' || CAST(o.ref AS TEXT) || ' is ' || o.state || ' with '
    || CAST(o.amount_fen AS TEXT) || ', the bank took ' || COALESCE(CAST(d.taken_fen AS TEXT), 'nothing') AS found
    FROM outbox o LEFT JOIN debit d ON d.account = o.account AND d.debit_no = o.ref
    WHERE o.kind = 'credit' AND o.business_date >= $1 AND o.business_date <= $2
    AND COALESCE(d.taken_fen, 0) <> o.amount_fen LIMIT 20";

const RECLOSED_AFTER: &str =
    "SELECT 'reclose for debit ' || CAST(o.ref AS TEXT) || ' is ' || o.state || ', the debit is '
    || COALESCE(d.state, 'missing') || CASE WHEN o.not_after IS NULL THEN ', and it never expires' ELSE '' END AS found
    FROM outbox o LEFT JOIN debit d ON d.account = o.account AND d.debit_no = o.ref
    WHERE o.kind = 'relay' AND o.template = 'reclose' AND o.business_date >= $1 AND o.business_date <= $2
    AND o.state NOT IN ('withdrawn', 'expired')
    AND (o.not_after IS NULL OR COALESCE(d.state, '') NOT IN ('credited', 'reversed')) LIMIT 20";

const TOLD_AFTER: &str = "SELECT 'text `credited` for debit ' || CAST(o.ref AS TEXT) || ' is ' || o.state
    || ', the debit is ' || COALESCE(d.state, 'missing') AS found
    FROM outbox o LEFT JOIN debit d ON d.account = o.account AND d.debit_no = o.ref
    WHERE o.kind = 'sms' AND o.template = 'credited' AND o.business_date >= $1 AND o.business_date <= $2
    AND o.state NOT IN ('withdrawn', 'expired') AND COALESCE(d.state, '') NOT IN ('credited', 'reversed') LIMIT 20";

/// Of a span: `$1` and `$2` are its first and last date.
pub(super) const DATED: &[Check] = &[
    Check { number: 11, sql: LINES },
    Check { number: 11, sql: AT_HOME },
    Check { number: 12, sql: TOTALS },
    Check { number: 13, sql: SEALED },
    Check { number: 15, sql: APPLIED_ONCE },
    Check { number: 16, sql: ANSWERS_OF_SENT },
    Check { number: 16, sql: ALL_LINES },
    Check { number: 17, sql: QUARANTINED },
    Check { number: 19, sql: FROZEN },
    Check { number: 19, sql: FROZEN_AGREEMENTS },
    Check { number: 20, sql: CREDIT_AMOUNT },
    Check { number: 21, sql: RECLOSED_AFTER },
    Check { number: 22, sql: TOLD_AFTER },
];

/// Of the whole house.
pub(super) const WHOLE: &[Check] = &[Check { number: 14, sql: GAPLESS }];
