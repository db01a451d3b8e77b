-- The console: how people get in, and what became of a proposal that nobody wants.

-- 登录: a person who may use the console.
CREATE TABLE login (
    person TEXT NOT NULL PRIMARY KEY REFERENCES person (name),
    -- Argon2id, as a PHC string.
    password TEXT NOT NULL,
    -- A password somebody else knows is good for one thing: choosing another.
    must_change BOOLEAN NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);

-- 会话: a browser that is signed in. The cookie itself is kept nowhere.
CREATE TABLE session (
    -- SHA-256 of the cookie, hex.
    id_hash TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL REFERENCES person (name),
    made_at TIMESTAMPTZ NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX session_person ON session (person);

-- Wrong passwords in a row, per name and address: a stranger's machine cannot lock a name out elsewhere.
CREATE TABLE login_failure (
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    failures BIGINT NOT NULL,
    last_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (name, address)
);

-- 退回: a proposal the other person does not approve.
ALTER TABLE approval ADD COLUMN declined_by TEXT;
ALTER TABLE approval ADD COLUMN declined_at TIMESTAMPTZ;
ALTER TABLE approval ADD COLUMN decline_reason TEXT;
CREATE INDEX approval_open ON approval (made_at) WHERE checker IS NULL;

-- The counter finds an agreement by whatever the resident brings: the card and the account have indexes already.
CREATE INDEX agreement_payer_id ON agreement (id_index);
CREATE INDEX agreement_mobile ON agreement (mobile_index);
CREATE INDEX agreement_payer ON agreement (payer_name);
CREATE INDEX account_holder ON account (holder);
