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
