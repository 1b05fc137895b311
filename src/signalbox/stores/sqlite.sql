CREATE TABLE IF NOT EXISTS raw_signals (
    received            INTEGER NOT NULL,  -- the scheduled moment; microseconds since 1970, as all times here
    monitor             TEXT    NOT NULL,
    location            TEXT    NOT NULL,
    observed            INTEGER NOT NULL,
    url                 TEXT    NOT NULL,
    kind                TEXT    NOT NULL,
    verdict             TEXT    NOT NULL,
    reason              TEXT    NOT NULL,
    http_status         INTEGER NOT NULL,
    available           INTEGER NOT NULL,
    dns                 REAL,              -- phases in milliseconds
    connect             REAL,
    tls                 REAL,
    ttfb                REAL,
    total               REAL,
    message             TEXT    NOT NULL,
    certificate_expires INTEGER,
    PRIMARY KEY (received, monitor, location)
) WITHOUT ROWID;

-- In which hours since 1970 does a monitor have rows at all?
CREATE TABLE IF NOT EXISTS hours (
    hour    INTEGER NOT NULL,
    monitor TEXT    NOT NULL,
    PRIMARY KEY (hour, monitor)
) WITHOUT ROWID;

-- What the signals of a monitor amount to in one hour since 1970, written when the hour is over. It outlives them.
CREATE TABLE IF NOT EXISTS hourly (
    hour          INTEGER NOT NULL,
    monitor       TEXT    NOT NULL,
    up            INTEGER NOT NULL,
    degraded      INTEGER NOT NULL,
    down          INTEGER NOT NULL,
    unknown       INTEGER NOT NULL,
    timed         INTEGER NOT NULL,
    latency_sum   REAL    NOT NULL,  -- milliseconds, of the timed ones
    latency_max   REAL,
    p50           REAL,
    p95           REAL,
    p99           REAL,
    dns_sum       REAL    NOT NULL,
    connect_sum   REAL    NOT NULL,
    tls_sum       REAL    NOT NULL,
    ttfb_sum      REAL    NOT NULL,
    dns_count     INTEGER NOT NULL,
    connect_count INTEGER NOT NULL,
    tls_count     INTEGER NOT NULL,
    ttfb_count    INTEGER NOT NULL,
    histogram     BLOB    NOT NULL,
    PRIMARY KEY (hour, monitor)
) WITHOUT ROWID;

-- How far is that? Hours before `until` are in `hourly`, but for those in `unrolled`. Hours before `sealed` have lost
-- signals, so they are never counted again. `turn` numbers what is noted in `unrolled`.
CREATE TABLE IF NOT EXISTS rolling (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    until  INTEGER NOT NULL,
    sealed INTEGER NOT NULL,
    turn   INTEGER NOT NULL
);
INSERT OR IGNORE INTO rolling (id, until, sealed, turn) VALUES (1, 0, 0, 0);

-- Which hours before `until` are still to be counted, or counted again because signals came late?
CREATE TABLE IF NOT EXISTS unrolled (
    hour    INTEGER NOT NULL,
    monitor TEXT    NOT NULL,
    turn    INTEGER NOT NULL,
    PRIMARY KEY (hour, monitor)
) WITHOUT ROWID;

-- The same rows for people: times as RFC 3339, the contract's columns first.
CREATE VIEW IF NOT EXISTS signals AS
SELECT
    url,
    http_status,
    strftime('%Y-%m-%dT%H:%M:%S', received / 1000000, 'unixepoch') || printf('.%06dZ', received % 1000000) AS received,
    available,
    monitor, location, kind, verdict, reason,
    strftime('%Y-%m-%dT%H:%M:%S', observed / 1000000, 'unixepoch') || printf('.%06dZ', observed % 1000000) AS observed,
    dns, connect, tls, ttfb, total, message,
    strftime('%Y-%m-%dT%H:%M:%SZ', certificate_expires / 1000000, 'unixepoch') AS certificate_expires
FROM raw_signals;
