-- The journal of one shop. Everything here can be rebuilt from the workbook, Tmall and the carrier.

CREATE TABLE IF NOT EXISTS meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- The platform's side as last seen: masked fields only.
CREATE TABLE IF NOT EXISTS trades (
    tid      TEXT PRIMARY KEY,
    modified TEXT NOT NULL,
    live     INTEGER NOT NULL,      -- 1: paid and not wholly shipped, or a parcel of it is under way
    doc      TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS trades_live ON trades (live) WHERE live = 1;

-- Live orders as the last tick that planned them left them: whether they rest, and what their plan has to do with others.
CREATE TABLE IF NOT EXISTS rests (
    tid      TEXT PRIMARY KEY,
    receiver TEXT NOT NULL,         -- within one of our shops; '': not known
    buyer    TEXT NOT NULL,         -- likewise
    until    TEXT NOT NULL          -- '': awake; a time; '9': until something about it changes
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS rests_receiver ON rests (receiver, until);
CREATE INDEX IF NOT EXISTS rests_buyer ON rests (buyer, until);
CREATE INDEX IF NOT EXISTS rests_until ON rests (until);

-- What orders that rest were given by rules of 赠品规则 though no parcel of theirs is made: set aside for them.
CREATE TABLE IF NOT EXISTS rest_gifts (
    tid     TEXT NOT NULL,
    rule_id TEXT NOT NULL,
    day     TEXT NOT NULL,          -- of the payment
    code    TEXT NOT NULL,
    num     INTEGER NOT NULL,
    times   INTEGER NOT NULL,
    PRIMARY KEY (tid, rule_id, code)
) WITHOUT ROWID;

-- Orders that rest where their place depends on what lies free in the warehouses.
CREATE TABLE IF NOT EXISTS rest_shelves (
    tid   TEXT PRIMARY KEY,
    lacks INTEGER NOT NULL          -- 1: something is short; 0: it has what it needs where it is to ship from
) WITHOUT ROWID;

-- Orders not paid or not sent yet, by buyer: what the audit knows of a buyer's other orders.
CREATE TABLE IF NOT EXISTS buyers (
    tid    TEXT PRIMARY KEY,
    buyer  TEXT NOT NULL,           -- the platform's open id, within one of our shops
    oaid   TEXT NOT NULL,
    week   TEXT NOT NULL,           -- of the order: OAIDs are comparable within one
    area   TEXT NOT NULL,           -- province, city, district
    unpaid INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS buyers_buyer ON buyers (buyer);

CREATE TABLE IF NOT EXISTS refunds (
    refund_id TEXT PRIMARY KEY,
    tid       TEXT NOT NULL,
    doc       TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS refunds_tid ON refunds (tid);
CREATE INDEX IF NOT EXISTS refunds_sid ON refunds (json_extract(doc, '$.sid'));

-- Pieces that came back, by the row of 退货登记 that says so: what the sheet says, ready to be asked.
CREATE TABLE IF NOT EXISTS returns (
    return_id TEXT NOT NULL,
    tid       TEXT NOT NULL,
    oid       TEXT NOT NULL,
    good      INTEGER NOT NULL,
    defective INTEGER NOT NULL,
    at        TEXT NOT NULL,           -- when it was first counted
    PRIMARY KEY (return_id, oid)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS returns_tid ON returns (tid);

-- Refunds to be looked at again at a moment.
CREATE TABLE IF NOT EXISTS refund_waits (
    refund_id TEXT PRIMARY KEY,
    at        TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS skus (
    sku_key    TEXT PRIMARY KEY,
    num_iid    TEXT NOT NULL,
    stock_code TEXT NOT NULL,
    revision   INTEGER NOT NULL DEFAULT 0,   -- how often we have set its stock: part of the intent's key
    supply     INTEGER,                      -- what Tmall showed and what orders had taken of it, together
    fell_at    TEXT NOT NULL DEFAULT '',     -- since when Tmall shows less than the orders we know explain
    missing    INTEGER NOT NULL DEFAULT 0,   -- how much less
    doc        TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS skus_stock ON skus (stock_code);
CREATE INDEX IF NOT EXISTS skus_item ON skus (num_iid);

CREATE TABLE IF NOT EXISTS packages (
    package_id TEXT PRIMARY KEY,
    tid        TEXT NOT NULL,
    doc        TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS packages_tid ON packages (tid);
CREATE INDEX IF NOT EXISTS packages_waybill ON packages (json_extract(doc, '$.waybill_code'));

-- Parcels on their way, by waybill number; what the rows of 运单 show, ready to be asked.
CREATE TABLE IF NOT EXISTS tracks (
    code     TEXT PRIMARY KEY,
    alarm    TEXT NOT NULL DEFAULT '',   -- the kind of trouble it has
    next_at  TEXT NOT NULL DEFAULT '',   -- when to ask for it; '': never again
    asked_at TEXT NOT NULL DEFAULT '',
    open     INTEGER NOT NULL,
    doc      TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tracks_next ON tracks (asked_at, next_at) WHERE next_at <> '';
CREATE INDEX IF NOT EXISTS tracks_tid ON tracks (json_extract(doc, '$.tid'));
CREATE INDEX IF NOT EXISTS tracks_alarm ON tracks (alarm) WHERE alarm <> '';

-- What rules of 赠品规则 gave: what their caps count.
CREATE TABLE IF NOT EXISTS gifts (
    package_id TEXT NOT NULL,
    rule_id    TEXT NOT NULL,
    day        TEXT NOT NULL,
    buyer      TEXT NOT NULL,       -- a fingerprint
    times      INTEGER NOT NULL,
    PRIMARY KEY (package_id, rule_id)
) WITHOUT ROWID;

-- What each line means for stock, so that sums need no walk through all orders.
CREATE TABLE IF NOT EXISTS stock_lines (
    oid         TEXT NOT NULL,
    tid         TEXT NOT NULL,
    stock_code  TEXT NOT NULL,
    reserved    INTEGER NOT NULL,
    shipped     INTEGER NOT NULL,
    shipped_at  TEXT NOT NULL,
    returned    INTEGER NOT NULL,
    returned_at TEXT NOT NULL,
    sku_key     TEXT NOT NULL,
    taken       INTEGER NOT NULL,            -- what the sale took of the figure Tmall shows
    warehouse   TEXT NOT NULL,               -- where it ships from; '': not decided, or the main one
    PRIMARY KEY (oid, stock_code)            -- a set is one line of several goods
) WITHOUT ROWID;
-- What lines that are bundles are made of, kept from when they were first seen.
CREATE TABLE IF NOT EXISTS line_parts (
    oid   TEXT PRIMARY KEY,
    tid   TEXT NOT NULL,
    parts TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS line_parts_tid ON line_parts (tid);

CREATE INDEX IF NOT EXISTS stock_lines_sku ON stock_lines (sku_key);
CREATE INDEX IF NOT EXISTS stock_lines_code ON stock_lines (stock_code);
CREATE INDEX IF NOT EXISTS stock_lines_tid ON stock_lines (tid);

-- The stock ledger. Only added to; `shown` is what costing last worked out for it.
CREATE TABLE IF NOT EXISTS moves (
    move_id   TEXT PRIMARY KEY,
    sku       TEXT NOT NULL,
    warehouse TEXT NOT NULL,
    source    TEXT NOT NULL,      -- the document: "orders/{tid}", "counts/{count_id}"
    at        TEXT NOT NULL,
    posted_at TEXT NOT NULL,
    doc       TEXT NOT NULL,
    shown     TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS moves_sku ON moves (sku, at);
CREATE INDEX IF NOT EXISTS moves_source ON moves (source);
CREATE INDEX IF NOT EXISTS moves_warehouse ON moves (warehouse);

-- Stock by code and warehouse, and what is on order, as last worked out.
CREATE TABLE IF NOT EXISTS balances (
    sku       TEXT NOT NULL,
    warehouse TEXT NOT NULL,
    on_hand   INTEGER NOT NULL,
    value     INTEGER NOT NULL,   -- fen, of the good pieces
    doc       TEXT NOT NULL,
    PRIMARY KEY (sku, warehouse)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS on_order (
    line_id   TEXT PRIMARY KEY,
    sku       TEXT NOT NULL,
    warehouse TEXT NOT NULL,
    pieces    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS on_order_sku ON on_order (sku);

-- The merge base: each row of the workbook as it stood when it was last read or written.
CREATE TABLE IF NOT EXISTS rows (
    tbl    TEXT NOT NULL,
    key    TEXT NOT NULL,
    digest TEXT NOT NULL,
    cells  TEXT NOT NULL,
    PRIMARY KEY (tbl, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS rows_digest ON rows (tbl, key, digest);   -- read whole at every tick, without the cells

-- What was about to be written, until it is known whether it stands there: cells that hold it are ours.
CREATE TABLE IF NOT EXISTS writing (
    tbl   TEXT NOT NULL,
    key   TEXT NOT NULL,
    names TEXT NOT NULL,    -- the columns, also those that are to be emptied
    cells TEXT NOT NULL,
    PRIMARY KEY (tbl, key, names, cells)
) WITHOUT ROWID;

-- Rows whose cells are to be worked out anew and written.
CREATE TABLE IF NOT EXISTS dirty (
    tbl TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (tbl, key)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS intents (
    key       TEXT PRIMARY KEY,     -- the last line of defence against doing one thing twice
    kind      TEXT NOT NULL,
    subject   TEXT NOT NULL,
    state     TEXT NOT NULL CHECK (state IN ('pending', 'calling', 'done', 'refused', 'unknown', 'dropped')),
    attempts  INTEGER NOT NULL DEFAULT 0,
    called_at TEXT,
    next_at   TEXT,
    answer    TEXT NOT NULL DEFAULT '',
    doc       TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS intents_open ON intents (state) WHERE state IN ('pending', 'calling', 'unknown');
CREATE INDEX IF NOT EXISTS intents_subject ON intents (subject);

CREATE TABLE IF NOT EXISTS todos (
    todo_id TEXT PRIMARY KEY,
    subject TEXT NOT NULL,
    open    INTEGER NOT NULL,
    doc     TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS todos_subject ON todos (subject);

CREATE TABLE IF NOT EXISTS history (
    seq  INTEGER PRIMARY KEY AUTOINCREMENT,
    at   TEXT NOT NULL,
    what TEXT NOT NULL,
    doc  TEXT NOT NULL
);

-- What changed in rows of the workbook. Kept for a while; nothing rests on it.
CREATE TABLE IF NOT EXISTS trail (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at  TEXT NOT NULL,
    tbl TEXT NOT NULL,
    key TEXT NOT NULL,
    doc TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS trail_row ON trail (key, tbl);
CREATE INDEX IF NOT EXISTS trail_at ON trail (at);

-- The books. Vouchers are only added to; `sums` is what they add up to, in fen, so that statements need no walk through all.
CREATE TABLE IF NOT EXISTS vouchers (
    voucher_id TEXT PRIMARY KEY,
    period     INTEGER NOT NULL,
    number     INTEGER NOT NULL,
    ref        TEXT NOT NULL,      -- the business fact: "sale:{tid}"
    seal       TEXT NOT NULL,
    doc        TEXT NOT NULL,
    UNIQUE (period, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS vouchers_ref ON vouchers (ref);

CREATE TABLE IF NOT EXISTS sums (
    period  INTEGER NOT NULL,
    account TEXT NOT NULL,
    partner TEXT NOT NULL,
    flow    INTEGER NOT NULL,
    kind    TEXT NOT NULL,         -- of the voucher: "sale", "manual", "close"
    debit   INTEGER NOT NULL,      -- fen
    credit  INTEGER NOT NULL,
    lines   INTEGER NOT NULL,
    PRIMARY KEY (period, account, partner, flow, kind)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS periods (
    period INTEGER PRIMARY KEY,
    doc    TEXT NOT NULL
) WITHOUT ROWID;

-- Rows of Alipay bills as classified last, so that matching and the books need no walk through the sheet.
CREATE TABLE IF NOT EXISTS bills (
    key      TEXT PRIMARY KEY,
    account  TEXT NOT NULL,
    at       TEXT NOT NULL,
    amount   INTEGER NOT NULL,          -- fen, in positive
    balance  INTEGER NOT NULL,          -- fen, after it
    tid      TEXT NOT NULL,
    trade_no TEXT NOT NULL,             -- Alipay's: its own for a payment, else the one its order is looked up by
    item     TEXT NOT NULL,
    log_id   TEXT NOT NULL,
    remark   TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS bills_tid ON bills (tid) WHERE tid <> '';
CREATE INDEX IF NOT EXISTS bills_trade ON bills (trade_no) WHERE trade_no <> '';
CREATE INDEX IF NOT EXISTS bills_at ON bills (account, at);
CREATE INDEX IF NOT EXISTS bills_item ON bills (item);

-- Rows of 支付宝账单 that were moved to a file: whole, for the sheet does not have them any more. Their entries in `bills` stay.
CREATE TABLE IF NOT EXISTS bill_archive (
    key   TEXT PRIMARY KEY,
    month TEXT NOT NULL,
    file  TEXT NOT NULL,
    back  INTEGER NOT NULL DEFAULT 0,   -- 1: its month was opened again, it is to be written into the sheet
    cells TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS bill_archive_month ON bill_archive (month, back);
CREATE INDEX IF NOT EXISTS bill_archive_file ON bill_archive (file);
CREATE INDEX IF NOT EXISTS bill_archive_back ON bill_archive (back) WHERE back = 1;

-- Months no row of which stands in the sheet any more: not counted again at every sync.
CREATE TABLE IF NOT EXISTS bill_months_put_away (
    month TEXT PRIMARY KEY
) WITHOUT ROWID;

-- Files of archived bill rows that nobody has: the journal was lost, and so was the file.
CREATE TABLE IF NOT EXISTS bill_files_lost (
    file  TEXT PRIMARY KEY,
    month TEXT NOT NULL
) WITHOUT ROWID;

-- Rows of couriers' bills as judged last.
CREATE TABLE IF NOT EXISTS courier_rows (
    key          TEXT PRIMARY KEY,
    waybill_code TEXT NOT NULL,
    cp_code      TEXT NOT NULL,
    month        TEXT NOT NULL,
    no           INTEGER NOT NULL,      -- which time in its bill; 0: the bill lacks it
    list         TEXT NOT NULL,
    signature    TEXT NOT NULL,         -- of the parcel it was judged by
    doc          TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS courier_rows_waybill ON courier_rows (waybill_code);
CREATE INDEX IF NOT EXISTS courier_rows_list ON courier_rows (list, month);
