//! Money and debits: what the ledger says, what the debits say, what the statements say. Sums in fen.

use super::Check;

const PAID_ONCE: &str = "SELECT 'debit ' || CAST(d.debit_no AS TEXT) || ' is ' || d.state || ': taken '
    || COALESCE(CAST(d.taken_fen AS TEXT), 'nothing') || ' at ' || d.bank || ', entry `paid` '
    || COALESCE(CAST(e.amount_fen AS TEXT) || ' at ' || e.bank, 'is missing') AS found
    FROM debit d LEFT JOIN entry e ON e.account = d.account AND e.event = 'paid' AND e.ref = d.debit_no
    WHERE d.business_date >= $1 AND d.business_date <= $2 AND ((d.taken_fen IS NULL) <> (e.amount_fen IS NULL)
    OR e.amount_fen <> d.taken_fen OR e.bank <> d.bank) LIMIT 20";

const PAID_FOR_NOTHING: &str = "SELECT 'entry ' || e.event || ' of ' || CAST(e.amount_fen AS TEXT) || ' on account '
    || CAST(e.account AS TEXT) || ': there is no debit ' || CAST(e.ref AS TEXT) AS found
    FROM entry e LEFT JOIN debit d ON d.account = e.account AND d.debit_no = e.ref
    WHERE e.event IN ('paid', 'settled', 'reversed', 'reversal_paid', 'refund') AND d.debit_no IS NULL
    AND e.posted_on >= $1 AND e.posted_on <= $2 LIMIT 20";

const ONE_CREDIT: &str = "SELECT 'debit ' || CAST(ref AS TEXT) || ' has ' || CAST(COUNT(*) AS TEXT) || ' credit orders'
    AS found FROM outbox WHERE kind = 'credit' AND business_date >= $1 AND business_date <= $2
    GROUP BY account, ref HAVING COUNT(*) > 1 LIMIT 20";

// A head-end that says yes after the refund is a contradiction people must see: a break, like any other.
const REFUND_OR_CREDIT: &str = "SELECT 'debit ' || CAST(d.debit_no AS TEXT) || ' is refunded, its credit order is '
    || o.state AS found FROM debit d
    JOIN outbox o ON o.account = d.account AND o.kind = 'credit' AND o.ref = d.debit_no
    WHERE d.state = 'refunded' AND o.state IN ('queued', 'sent', 'accepted', 'unknown')
    AND d.business_date >= $1 AND d.business_date <= $2 AND NOT EXISTS (SELECT 1 FROM break_item i
      WHERE o.state = 'accepted' AND i.account = d.account AND i.ref = d.debit_no
      AND (i.state = 'open' OR i.checker IS NOT NULL)) LIMIT 20";

const NO_ORPHAN: &str = "SELECT 'debit ' || CAST(d.debit_no AS TEXT) || ' is ' || d.state || ', its credit order is '
    || COALESCE(o.state, 'missing') || ', and no break stands for it' AS found
    FROM debit d LEFT JOIN outbox o ON o.account = d.account AND o.kind = 'credit' AND o.ref = d.debit_no
    WHERE d.business_date >= $1 AND d.business_date <= $2
    AND ((d.state = 'credited' AND COALESCE(o.state, '') <> 'accepted')
      OR (((o.state = 'accepted' AND d.state NOT IN ('credited', 'reversed'))
        OR (d.state = 'paid' AND COALESCE(o.state, '') NOT IN ('queued', 'sent', 'unknown', 'accepted')))
        AND NOT EXISTS (SELECT 1 FROM break_item i WHERE i.account = d.account AND i.ref = d.debit_no
          AND (i.state = 'open' OR i.checker IS NOT NULL)))) LIMIT 20";

const ONCE_A_DAY: &str = "SELECT 'account ' || CAST(account AS TEXT) || ' has ' || CAST(COUNT(*) AS TEXT)
    || ' debits on ' || CAST(business_date AS TEXT) AS found FROM debit
    WHERE state <> 'void' AND business_date >= $1 AND business_date <= $2
    GROUP BY account, business_date HAVING COUNT(*) > 1 LIMIT 20";

const AS_AGREED: &str = "SELECT 'debit ' || CAST(d.debit_no AS TEXT) || ' asks ' || CAST(d.amount_fen AS TEXT)
    || ' under version ' || CAST(d.version AS TEXT) || ' of agreement ' || CAST(d.number AS TEXT) ||
    ': the agreement says '
    || COALESCE(CAST(a.amount_fen AS TEXT) || ' in version ' || CAST(a.version AS TEXT), 'nothing') AS found
    FROM debit d LEFT JOIN agreement a ON a.account = d.account AND a.number = d.number
    WHERE d.business_date >= $1 AND d.business_date <= $2
    AND d.version = a.version AND d.amount_fen > a.amount_fen LIMIT 20";

const AUTHORISED: &str = "SELECT 'debit ' || CAST(d.debit_no AS TEXT) || ' at ' || d.bank || ': agreement '
    || CAST(d.number AS TEXT) || COALESCE(' at ' || a.bank || ' is ' || a.state || ', version '
    || CAST(a.version AS TEXT), ' is not there') || CASE WHEN a.released_at IS NULL THEN ', never released' ELSE '' END
    AS found FROM debit d LEFT JOIN agreement a ON a.account = d.account AND a.number = d.number
    WHERE d.business_date >= $1 AND d.business_date <= $2 AND d.state <> 'void'
    AND (a.account IS NULL OR a.released_at IS NULL OR d.version > a.version
      OR (d.version = a.version AND (d.bank <> a.bank OR d.card_index <> a.card_index))) LIMIT 20";

const LEGAL_STATE: &str = "SELECT 'debit ' || CAST(d.debit_no AS TEXT) || ' is ' || d.state || ', its batch is '
    || COALESCE(b.state, 'missing') || ', bank date ' || COALESCE(CAST(d.bank_date AS TEXT), 'none') AS found
    FROM debit d LEFT JOIN batch b ON b.batch_id = d.batch_id WHERE d.business_date >= $1 AND d.business_date <= $2
    AND ((d.taken_fen IS NOT NULL AND d.bank_date IS NULL)
      OR (d.state NOT IN ('planned', 'void') AND b.sent_at IS NULL)
      OR (d.state = 'void' AND b.sent_at IS NOT NULL)
      OR (d.state = 'planned' AND b.state IN ('void', 'refused'))
      OR (d.settled_by IS NOT NULL AND d.taken_fen IS NULL)
      OR (d.reversal_paid_by IS NOT NULL AND d.state <> 'reversed')) LIMIT 20";

const CLEARING: &str = "SELECT 'debit ' || CAST(d.debit_no AS TEXT) || ' is ' || d.state || ' with '
    || COALESCE(CAST(d.taken_fen AS TEXT), 'nothing') || ' taken, settled by ' || COALESCE(CAST(d.settled_by AS
    TEXT), 'none')
    || ', reversal paid by ' || COALESCE(CAST(d.reversal_paid_by AS TEXT), 'none') || '; entries: settled '
    || COALESCE(CAST(s.amount_fen AS TEXT), 'none') || ', reversed ' || COALESCE(CAST(r.amount_fen AS TEXT), 'none')
    || ', reversal paid ' || COALESCE(CAST(o.amount_fen AS TEXT), 'none') || ', refund '
    || COALESCE(CAST(f.amount_fen AS TEXT), 'none') AS found FROM debit d
    LEFT JOIN entry s ON s.account = d.account AND s.event = 'settled' AND s.ref = d.debit_no
    LEFT JOIN entry r ON r.account = d.account AND r.event = 'reversed' AND r.ref = d.debit_no
    LEFT JOIN entry o ON o.account = d.account AND o.event = 'reversal_paid' AND o.ref = d.debit_no
    LEFT JOIN entry f ON f.account = d.account AND f.event = 'refund' AND f.ref = d.debit_no
    WHERE d.business_date >= $1 AND d.business_date <= $2
    AND ((s.ref IS NULL) <> (d.settled_by IS NULL) OR s.amount_fen <> d.taken_fen
      OR (r.ref IS NOT NULL) <> (d.state = 'reversed') OR r.amount_fen <> d.taken_fen
      OR (o.ref IS NULL) <> (d.reversal_paid_by IS NULL) OR o.amount_fen <> d.taken_fen
      OR (f.ref IS NOT NULL) <> (d.state = 'refunded') OR f.amount_fen <> d.taken_fen) LIMIT 20";

// Upper and lower bound, not equality: while a lump is being explained page by page, less is held than its lines
// brought.
const SUSPENSE: &str = "SELECT 'bank ' || h.bank || ': suspense holds ' || CAST(h.held AS TEXT) ||
    ', suspended lines explain '
    || CAST(COALESCE(k.least, 0) AS TEXT) || ' to ' || CAST(COALESCE(k.most, 0) AS TEXT) AS found FROM (
      SELECT bank, SUM(CASE WHEN credit = 'suspense' THEN amount_fen ELSE -amount_fen END) AS held
      FROM entry WHERE debit = 'suspense' OR credit = 'suspense' GROUP BY bank) h
    LEFT JOIN (SELECT n.bank, SUM(CASE WHEN n.net > 0 THEN n.net ELSE 0 END) AS most,
      SUM(CASE WHEN n.net < 0 THEN n.net ELSE 0 END) AS least FROM (
        SELECT e.bank, e.account, e.ref, SUM(CASE WHEN e.credit = 'suspense' THEN e.amount_fen ELSE -e.amount_fen
        END) AS net
        FROM entry e JOIN money_line l ON l.account = e.account AND l.money_no = e.ref
        WHERE e.event IN ('suspense', 'suspense_out') AND l.booking IN ('suspend', 'explaining')
        GROUP BY e.bank, e.account, e.ref) n GROUP BY n.bank) k ON k.bank = h.bank
    WHERE h.held > COALESCE(k.most, 0) OR h.held < COALESCE(k.least, 0) LIMIT 20";

// Two people may resolve a break and leave the money where it is; the engine may not.
const SUSPENDED: &str = "SELECT 'money line ' || CAST(l.money_no AS TEXT) || ' of ' || l.bank || ' with '
    || CAST(l.amount_fen AS TEXT) || ' stands in suspense without a break' AS found FROM money_line l
    WHERE l.booking = 'suspend' AND NOT EXISTS (SELECT 1 FROM break_item i WHERE i.account = l.account
      AND (i.ref = l.money_no OR i.ref = l.debit_no OR i.ref = l.batch_id)
      AND (i.state = 'open' OR i.checker IS NOT NULL)) LIMIT 20";

// A bank whose money is being booked page by page is looked at when that is over.
const BANK_MONEY: &str = "SELECT 'bank ' || b.code || ': the ledger''s bank account holds '
    || CAST(COALESCE(e.held, 0) AS TEXT) || ', the booked statement lines say ' || CAST(COALESCE(m.said, 0) AS TEXT)
    AS found FROM bank b
    LEFT JOIN (SELECT bank, SUM(CASE WHEN debit = 'bank' THEN amount_fen ELSE -amount_fen END) AS held
      FROM entry WHERE debit = 'bank' OR credit = 'bank' GROUP BY bank) e ON e.bank = b.code
    LEFT JOIN (SELECT bank, SUM(CASE WHEN booking IS NULL OR booking IN ('repeat', 'duplicate', 'twin', 'nothing')
      THEN 0 ELSE amount_fen END) AS said, SUM(CASE WHEN booking = 'settling' THEN 1 ELSE 0 END) AS moving
      FROM money_line GROUP BY bank) m ON m.bank = b.code
    WHERE COALESCE(e.held, 0) <> COALESCE(m.said, 0) AND COALESCE(m.moving, 0) = 0 LIMIT 20";

const ONE_OPEN: &str = "SELECT 'account ' || CAST(account AS TEXT) || ' has ' || CAST(COUNT(*) AS TEXT)
    || ' open debits: ' || CAST(MIN(debit_no) AS TEXT) || ' to ' || CAST(MAX(debit_no) AS TEXT) AS found FROM debit
    WHERE state = 'planned' OR state = 'unanswered' OR state = 'paid' GROUP BY account HAVING COUNT(*) > 1 LIMIT 20";

const ONE_CUT: &str = "SELECT 'bank ' || b.code || ': clearing is ' || CAST(COALESCE(e.held, 0) AS TEXT)
    || ' in the ledger and ' || CAST(COALESCE(d.due, 0) AS TEXT) || ' by the debits' AS found FROM bank b
    LEFT JOIN (SELECT bank, SUM(CASE WHEN debit = 'clearing' THEN amount_fen ELSE -amount_fen END) AS held
      FROM entry WHERE debit = 'clearing' OR credit = 'clearing' GROUP BY bank) e ON e.bank = b.code
    LEFT JOIN (SELECT bank, SUM(taken_fen * (1 - CASE WHEN settled_by IS NULL THEN 0 ELSE 1 END
      - CASE WHEN state = 'reversed' THEN 1 ELSE 0 END + CASE WHEN reversal_paid_by IS NULL THEN 0 ELSE 1 END)) AS due
      FROM debit WHERE taken_fen IS NOT NULL GROUP BY bank) d ON d.bank = b.code
    WHERE COALESCE(e.held, 0) <> COALESCE(d.due, 0) LIMIT 20";

/// Of a span: `$1` and `$2` are its first and last date.
pub(super) const DATED: &[Check] = &[
    Check { number: 3, sql: PAID_ONCE },
    Check { number: 3, sql: PAID_FOR_NOTHING },
    Check { number: 3, sql: ONE_CREDIT },
    Check { number: 3, sql: REFUND_OR_CREDIT },
    Check { number: 4, sql: NO_ORPHAN },
    Check { number: 5, sql: ONCE_A_DAY },
    Check { number: 6, sql: AS_AGREED },
    Check { number: 7, sql: AUTHORISED },
    Check { number: 8, sql: LEGAL_STATE },
    Check { number: 9, sql: CLEARING },
];

/// Of the whole house.
pub(super) const WHOLE: &[Check] = &[
    Check { number: 9, sql: SUSPENSE },
    Check { number: 9, sql: SUSPENDED },
    Check { number: 10, sql: BANK_MONEY },
    Check { number: 18, sql: ONE_OPEN },
    Check { number: 30, sql: ONE_CUT },
];
