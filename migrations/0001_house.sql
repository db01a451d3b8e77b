-- The house: every table of the first release, one text for SQLite and PostgreSQL.
-- Money is BIGINT fen. Instants are TIMESTAMPTZ in UTC, business days are DATE. What placement.toml calls `distributed`
-- carries the account in every key and is joined on it only; `reference` tables never point at distributed ones. Checks and
-- partial indexes of tables a night writes say `a OR b`, not `IN (a, b, c)`: SQLite builds a table for the list and searches
-- it for every row (a third of the time of an insert into the outbox).

-- ---------------------------------------------------------------- reference: small, known everywhere

-- 银行: one row per bank of the configuration; entries without a meter account carry its reserved account.
CREATE TABLE bank (
    code TEXT NOT NULL PRIMARY KEY,
    bank_no BIGINT NOT NULL UNIQUE CHECK (bank_no BETWEEN 1 AND 999),
    name TEXT NOT NULL,
    reserved_account BIGINT NOT NULL UNIQUE,
    paused BOOLEAN NOT NULL
);

-- 日历: a year that has no row here is refused before anything is sent.
CREATE TABLE calendar_year (
    calendar TEXT NOT NULL,
    year BIGINT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (calendar, year)
);

CREATE TABLE calendar_day (
    calendar TEXT NOT NULL,
    day DATE NOT NULL,
    works BOOLEAN NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (calendar, day)
);

-- 人员: until the console exists, people are rows here and show a token.
CREATE TABLE person (
    name TEXT NOT NULL PRIMARY KEY,
    role TEXT NOT NULL CHECK (role IN ('teller', 'supervisor', 'finance', 'operator', 'auditor', 'administrator')),
    token_hash TEXT NOT NULL,
    active BOOLEAN NOT NULL
);

-- 复核: one person proposes, another approves the hash of what was shown.
CREATE TABLE approval (
    object TEXT NOT NULL,
    hash TEXT NOT NULL,
    action TEXT NOT NULL,
    reason TEXT NOT NULL,
    maker TEXT NOT NULL REFERENCES person (name),
    made_at TIMESTAMPTZ NOT NULL,
    checker TEXT REFERENCES person (name),
    checked_at TIMESTAMPTZ,
    -- What the maker entered and nobody may read here: a new card, with ID number and mobile.
    sealed BYTEA,
    PRIMARY KEY (object, hash, action),
    CHECK (checker IS NULL OR checker <> maker),
    CHECK ((checker IS NULL) = (checked_at IS NULL))
);

-- The text of every format that ever wrote a file: a batch is read back with the version that wrote it.
CREATE TABLE format_version (
    hash TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    body TEXT NOT NULL
);

-- 批次: numbers run from 1 per (bank, file date, direction); a voided number keeps its row and is never used again.
CREATE TABLE batch (
    batch_id BIGINT NOT NULL PRIMARY KEY,
    bank TEXT NOT NULL REFERENCES bank (code),
    business_date DATE NOT NULL,
    file_date DATE NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('debit')),
    seq BIGINT NOT NULL CHECK (seq BETWEEN 1 AND 9999),
    state TEXT NOT NULL CHECK (state IN ('sealed', 'held', 'released', 'sending', 'sent', 'void', 'refused')),
    file_name TEXT NOT NULL,
    format_hash TEXT NOT NULL REFERENCES format_version (hash),
    debits BIGINT NOT NULL CHECK (debits > 0),
    sum_fen BIGINT NOT NULL CHECK (sum_fen > 0),
    largest_fen BIGINT NOT NULL,
    new_per_mille BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    sealed_at TIMESTAMPTZ NOT NULL,
    hold_reason TEXT,
    limits TEXT,
    released_by TEXT,
    sent_at TIMESTAMPTZ,
    UNIQUE (bank, file_date, direction, seq),
    -- Some banks' names carry a time and no date: they come again every day.
    UNIQUE (bank, file_date, direction, file_name),
    CHECK ((state = 'sent') <= (sent_at IS NOT NULL)),
    CHECK ((state = 'held') <= (hold_reason IS NOT NULL))
);

-- 收到的文件: the unit of once is (bank, sha256).
CREATE TABLE file_in (
    file_id BIGINT NOT NULL PRIMARY KEY,
    bank TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('answer', 'statement', 'agreement_answer', 'unknown')),
    file_name TEXT NOT NULL,
    format_hash TEXT REFERENCES format_version (hash),
    sha256 TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    business_date DATE NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('received', 'verified', 'applying', 'applied', 'quarantined')),
    batch_id BIGINT,
    bank_date DATE,
    line_count BIGINT,
    line_sum_fen BIGINT,
    facts TEXT,
    problem TEXT,
    UNIQUE (bank, sha256),
    CHECK ((state = 'quarantined') <= (problem IS NOT NULL))
);

-- 运行: one row per (job, business date); sweeps count their passes in it.
CREATE TABLE run (
    job TEXT NOT NULL,
    business_date DATE NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed', 'waiting', 'skipped')),
    pass BIGINT NOT NULL,
    owner TEXT NOT NULL,
    lease_until TIMESTAMPTZ NOT NULL,
    fence BIGINT NOT NULL,
    scheduled_at TIMESTAMPTZ NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    inputs TEXT NOT NULL,
    message TEXT,
    PRIMARY KEY (job, business_date)
);

CREATE TABLE run_step (
    job TEXT NOT NULL,
    business_date DATE NOT NULL,
    pass BIGINT NOT NULL,
    step TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed', 'waiting')),
    fence BIGINT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    tally TEXT,
    message TEXT,
    PRIMARY KEY (job, business_date, pass, step)
);

-- 日终证书: chained to the day before.
CREATE TABLE certificate (
    business_date DATE NOT NULL PRIMARY KEY,
    body TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    previous TEXT NOT NULL,
    closed_at TIMESTAMPTZ NOT NULL
);

-- 审计: people's acts and one row per job step; gapless, each row's MAC covers the row before.
CREATE TABLE audit (
    seq BIGINT NOT NULL PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL,
    mac TEXT NOT NULL
);

-- Files we wrote to the meters' head-end, to the SMS gateway, and about agreements to banks: one body per number.
CREATE TABLE file_out (
    file_no BIGINT NOT NULL PRIMARY KEY,
    door TEXT NOT NULL,
    file_date DATE NOT NULL,
    seq BIGINT NOT NULL,
    file_name TEXT NOT NULL,
    lines BIGINT NOT NULL,
    sum_fen BIGINT NOT NULL,
    sha256 TEXT,
    state TEXT NOT NULL CHECK (state IN ('open', 'sending', 'sent', 'answered')),
    -- Some banks' names carry a time and no date: they come again every day.
    UNIQUE (door, file_date, file_name),
    UNIQUE (door, file_date, seq)
);

-- ---------------------------------------------------------------- distributed: grows with accounts

-- 户: the account is the meter's customer number. `phone_sealed` is encrypted; the index serves exact search.
CREATE TABLE account (
    account BIGINT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    address TEXT NOT NULL,
    phone_sealed BYTEA,
    phone_index BYTEA,
    phone_last4 TEXT,
    open BOOLEAN NOT NULL,
    cut_for_money BOOLEAN NOT NULL,
    hold TEXT,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX account_phone ON account (phone_index) WHERE phone_index IS NOT NULL;

-- 表: which meter hangs on the account, from–to.
CREATE TABLE device (
    account BIGINT NOT NULL REFERENCES account (account),
    device TEXT NOT NULL,
    from_day DATE NOT NULL,
    to_day DATE,
    PRIMARY KEY (account, device, from_day),
    CHECK (to_day IS NULL OR to_day >= from_day)
);
CREATE UNIQUE INDEX device_now ON device (account) WHERE to_day IS NULL;

-- 余额: the last reading; changed ones move to balance_past and stay 400 days.
CREATE TABLE balance (
    account BIGINT NOT NULL PRIMARY KEY,
    paid_fen BIGINT NOT NULL,
    free_fen BIGINT NOT NULL,
    free_until DATE,
    read_at TIMESTAMPTZ NOT NULL,
    since DATE NOT NULL,
    last_credit_at TIMESTAMPTZ
);

CREATE TABLE balance_past (
    account BIGINT NOT NULL,
    since DATE NOT NULL,
    until DATE NOT NULL,
    paid_fen BIGINT NOT NULL,
    free_fen BIGINT NOT NULL,
    free_until DATE,
    read_at TIMESTAMPTZ NOT NULL,
    last_credit_at TIMESTAMPTZ,
    PRIMARY KEY (account, since, until, read_at)
);

-- 协议: current terms. `payer_sealed` holds card, ID number and mobile in one ciphertext.
CREATE TABLE agreement (
    account BIGINT NOT NULL REFERENCES account (account),
    number BIGINT NOT NULL,
    version BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state = 'pending' OR state = 'active' OR state = 'suspended' OR state = 'cancelled'),
    state_reason TEXT,
    bank TEXT NOT NULL REFERENCES bank (code),
    payer_name TEXT NOT NULL,
    id_type TEXT NOT NULL,
    payer_sealed BYTEA NOT NULL,
    card_index BYTEA NOT NULL,
    card_last4 TEXT NOT NULL,
    id_index BYTEA NOT NULL,
    mobile_index BYTEA NOT NULL,
    threshold_fen BIGINT NOT NULL CHECK (threshold_fen > 0),
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    signed_at TIMESTAMPTZ NOT NULL,
    released_at TIMESTAMPTZ,
    confirmed BOOLEAN NOT NULL,
    in_row_category TEXT,
    in_row BIGINT NOT NULL,
    held BOOLEAN NOT NULL,
    import_hash TEXT,
    maker TEXT NOT NULL,
    checker TEXT,
    PRIMARY KEY (account, number),
    CHECK (checker IS NULL OR checker <> maker),
    CHECK (state = 'pending' OR state = 'cancelled' OR released_at IS NOT NULL)
);
CREATE UNIQUE INDEX agreement_live ON agreement (account) WHERE state <> 'cancelled';
CREATE INDEX agreement_order ON agreement (bank, signed_at, account) WHERE state <> 'cancelled';
CREATE INDEX agreement_bank ON agreement (bank, account) WHERE state <> 'cancelled';
CREATE INDEX agreement_card ON agreement (card_index, bank);
CREATE INDEX agreement_import ON agreement (import_hash) WHERE state = 'pending';

-- What an agreement was from an instant on: every version of its terms, every change of its state.
CREATE TABLE agreement_event (
    account BIGINT NOT NULL,
    number BIGINT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    event_no BIGINT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    version BIGINT NOT NULL,
    threshold_fen BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL,
    bank TEXT NOT NULL,
    card_last4 TEXT NOT NULL,
    confirmed BOOLEAN NOT NULL,
    PRIMARY KEY (account, number, at, event_no)
);

-- 签约送盘: what a bank was told of an agreement, with the card it was told, and what it said.
CREATE TABLE agreement_notice (
    account BIGINT NOT NULL,
    number BIGINT NOT NULL,
    notice_no BIGINT NOT NULL,
    bank TEXT NOT NULL REFERENCES bank (code),
    operation TEXT NOT NULL CHECK (operation = 'sign' OR operation = 'cancel'),
    version BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state = 'placed' OR state = 'sent' OR state = 'accepted' OR state = 'refused'),
    latest BOOLEAN NOT NULL,
    -- 重报: two people ordered what was refused to be told again.
    again BOOLEAN NOT NULL,
    payer_name TEXT NOT NULL,
    id_type TEXT NOT NULL,
    payer_sealed BYTEA NOT NULL,
    card_index BYTEA NOT NULL,
    card_last4 TEXT NOT NULL,
    signed_at TIMESTAMPTZ NOT NULL,
    file_no BIGINT NOT NULL REFERENCES file_out (file_no),
    line_no BIGINT NOT NULL,
    answer_by DATE,
    code TEXT,
    message TEXT,
    file_id BIGINT,
    PRIMARY KEY (account, number, notice_no),
    CHECK ((state = 'placed') = (answer_by IS NULL)),
    CHECK ((state = 'accepted' OR state = 'refused') = (code IS NOT NULL)),
    CHECK (state = 'refused' OR NOT again)
);
-- The last word to a bank about an agreement: one.
CREATE UNIQUE INDEX agreement_notice_latest ON agreement_notice (account, number, bank) WHERE latest;
CREATE INDEX agreement_notice_file ON agreement_notice (file_no, line_no);
CREATE INDEX agreement_notice_sent ON agreement_notice (bank, answer_by) WHERE state = 'sent';

-- 代扣: one attempt to take one amount for one account and business date.
CREATE TABLE debit (
    account BIGINT NOT NULL,
    debit_no BIGINT NOT NULL,
    business_date DATE NOT NULL,
    bank TEXT NOT NULL REFERENCES bank (code),
    number BIGINT NOT NULL,
    version BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    payer_name TEXT NOT NULL,
    id_type TEXT NOT NULL,
    payer_sealed BYTEA NOT NULL,
    card_index BYTEA NOT NULL,
    card_last4 TEXT NOT NULL,
    signed_at TIMESTAMPTZ NOT NULL,
    threshold_fen BIGINT NOT NULL,
    balance_fen BIGINT NOT NULL,
    read_at TIMESTAMPTZ NOT NULL,
    rule_version BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state = 'planned' OR state = 'void' OR state = 'unanswered' OR state = 'paid'
        OR state = 'credited' OR state = 'refused' OR state = 'reversed' OR state = 'refunded'),
    batch_id BIGINT,
    line_no BIGINT,
    category TEXT,
    code TEXT,
    taken_fen BIGINT CHECK (taken_fen > 0 AND taken_fen <= amount_fen),
    bank_date DATE,
    answered_at TIMESTAMPTZ,
    settled_by BIGINT,
    reversal_paid_by BIGINT,
    PRIMARY KEY (account, debit_no),
    CHECK ((state = 'paid' OR state = 'credited' OR state = 'reversed' OR state = 'refunded') = (taken_fen IS NOT NULL)),
    CHECK ((batch_id IS NULL) = (line_no IS NULL)),
    CHECK (state <> 'refused' OR category IS NOT NULL)
);
-- Once a day, whatever its outcome: in the schema, not in code.
CREATE UNIQUE INDEX debit_once_a_day ON debit (account, business_date) WHERE state <> 'void';
CREATE INDEX debit_open ON debit (account)
    WHERE state = 'planned' OR state = 'unanswered' OR state = 'paid';
CREATE INDEX debit_order ON debit (business_date, bank, signed_at, account);
CREATE INDEX debit_batch ON debit (batch_id, line_no);

-- Candidates that were not selected: the rule, and everything it looked at.
CREATE TABLE candidate (
    account BIGINT NOT NULL,
    business_date DATE NOT NULL,
    number BIGINT NOT NULL,
    rule TEXT NOT NULL,
    rule_version BIGINT NOT NULL,
    inputs TEXT NOT NULL,
    PRIMARY KEY (account, business_date)
);

-- 回盘明细. Written in the file's order, applied in the order of accounts: so are the indexes of everything an answer moves.
CREATE TABLE return_line (
    account BIGINT NOT NULL,
    file_id BIGINT NOT NULL REFERENCES file_in (file_id),
    line_no BIGINT NOT NULL,
    debit_no BIGINT NOT NULL,
    taken_fen BIGINT,
    category TEXT NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    bank_date DATE NOT NULL,
    bank_serial TEXT,
    verdict TEXT,
    PRIMARY KEY (file_id, account, line_no)
);
CREATE INDEX return_line_order ON return_line (file_id, line_no);

-- 银行流水: lines of money; without a meter account they carry the bank's reserved one.
CREATE TABLE money_line (
    account BIGINT NOT NULL,
    money_no BIGINT NOT NULL,
    file_id BIGINT NOT NULL REFERENCES file_in (file_id),
    line_no BIGINT NOT NULL,
    bank TEXT NOT NULL,
    kind TEXT NOT NULL,
    value_date DATE NOT NULL,
    bank_date DATE NOT NULL,
    amount_fen BIGINT NOT NULL,
    fee_fen BIGINT NOT NULL,
    reference TEXT NOT NULL,
    serial TEXT NOT NULL,
    message TEXT NOT NULL,
    debit_no BIGINT,
    batch_id BIGINT,
    booking TEXT,
    PRIMARY KEY (account, money_no)
);
CREATE UNIQUE INDEX money_line_serial ON money_line (account, bank, value_date, serial);
CREATE INDEX money_line_order ON money_line (file_id, line_no);
CREATE INDEX money_line_batch ON money_line (batch_id) WHERE batch_id IS NOT NULL;

-- 分录: one amount from one ledger account to another; append-only. (account, event, ref) posts once.
CREATE TABLE entry (
    account BIGINT NOT NULL,
    event TEXT NOT NULL,
    ref BIGINT NOT NULL,
    bank TEXT NOT NULL,
    debit TEXT NOT NULL,
    credit TEXT NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    posted_on DATE NOT NULL,
    cause TEXT NOT NULL,
    PRIMARY KEY (account, event, ref),
    CHECK (debit <> credit)
);
CREATE INDEX entry_day ON entry (posted_on, bank);

-- 待发: what leaves the process. One row is one order or one text; its body is frozen when it first leaves.
CREATE TABLE outbox (
    account BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind = 'credit' OR kind = 'relay' OR kind = 'sms' OR kind = 'mail'),
    ref BIGINT NOT NULL,
    template TEXT NOT NULL,
    bank TEXT NOT NULL,
    business_date DATE NOT NULL,
    amount_fen BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state = 'queued' OR state = 'sent' OR state = 'accepted'
        OR state = 'rejected' OR state = 'unknown' OR state = 'withdrawn' OR state = 'expired'),
    to_index BYTEA,
    body_sealed BYTEA,
    file_no BIGINT,
    line_no BIGINT,
    not_after TIMESTAMPTZ,
    message TEXT,
    changed_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (account, kind, ref, template)
);
-- What waits for a meter's answer, and what waits to be told. A text that was sent is in neither: years of them are not
-- walked over every ten minutes.
CREATE INDEX outbox_meters ON outbox (kind, business_date, account, ref)
    WHERE (state = 'queued' OR state = 'sent' OR state = 'unknown') AND (kind = 'credit' OR kind = 'relay');
CREATE INDEX outbox_texts ON outbox (business_date, account, ref, template) WHERE state = 'queued' AND kind = 'sms';
CREATE INDEX outbox_file ON outbox (file_no, line_no) WHERE file_no IS NOT NULL;

-- 差错: two facts that should agree and do not. (account, kind, ref) opens once.
CREATE TABLE break_item (
    account BIGINT NOT NULL,
    kind TEXT NOT NULL,
    ref BIGINT NOT NULL,
    bank TEXT NOT NULL,
    opened_on DATE NOT NULL,
    bank_date DATE NOT NULL,
    amount_fen BIGINT NOT NULL,
    owner TEXT NOT NULL,
    detail TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'resolved')),
    resolution TEXT,
    resolved_on DATE,
    maker TEXT,
    checker TEXT,
    PRIMARY KEY (account, kind, ref),
    CHECK ((state = 'resolved') = (resolution IS NOT NULL AND resolved_on IS NOT NULL)),
    CHECK (checker IS NULL OR checker <> maker)
);
CREATE INDEX break_open ON break_item (bank, kind) WHERE state = 'open';

-- ---------------------------------------------------------------- money finds its way back
-- A serial is the bank's name of one movement of money, whatever account the line names: the same serial again is no new money.
CREATE INDEX money_line_by_serial ON money_line (bank, value_date, serial);
-- Lines that wait in suspense or are being settled: a handful among millions.
CREATE INDEX money_line_open ON money_line (bank, money_no) WHERE booking IN ('suspend', 'settling', 'explaining');
-- Paid debits whose money has not arrived.
CREATE INDEX debit_unsettled ON debit (bank, bank_date) WHERE settled_by IS NULL AND taken_fen IS NOT NULL;

-- ---------------------------------------------------------------- what went through a bank's door
-- 送盘: what travels for a batch. The bytes are fixed before the door is opened, so that a second try sends the same ones;
-- with an envelope they are not the batch's own. A receipt (回执) is the bank's word that it has them.
CREATE TABLE dispatch (
    batch_id BIGINT NOT NULL PRIMARY KEY REFERENCES batch (batch_id),
    bank TEXT NOT NULL,
    file_name TEXT NOT NULL,
    envelope TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    attempt BIGINT NOT NULL CHECK (attempt >= 1),
    taken_out_by TEXT,
    by_hand TEXT,
    receipt_name TEXT,
    receipt_sha256 TEXT,
    receipt_at TIMESTAMPTZ,
    CHECK ((receipt_name IS NULL) = (receipt_at IS NULL)),
    CHECK ((receipt_name IS NULL) = (receipt_sha256 IS NULL))
);
-- Files that are to be sent once more: nearly always none.
CREATE INDEX dispatch_again ON dispatch (batch_id) WHERE attempt > 1;

-- 信封: bytes that came in an envelope, and what was in it; the file itself is known by what was in it.
CREATE TABLE travelled (
    bank TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    file_name TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    envelope TEXT NOT NULL,
    inner_sha256 TEXT,
    received_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (bank, sha256)
);
