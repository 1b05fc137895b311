-- The name of a signal is (received, monitor, location). `url` stands in the key besides for the rows that the
-- tutorial's own INSERT writes: they have neither monitor nor location, and two of them in the same microsecond
-- would be one.
CREATE TABLE IF NOT EXISTS {table} (
    received TIMESTAMP,
    observed TIMESTAMP,
    monitor SYMBOL CAPACITY 8192,
    location SYMBOL,
    url SYMBOL CAPACITY 8192,
    kind SYMBOL,
    verdict SYMBOL,
    reason SYMBOL,
    http_status INT,
    available BOOLEAN,
    dns FLOAT,
    connect FLOAT,
    tls FLOAT,
    ttfb FLOAT,
    total FLOAT,
    message VARCHAR,
    certificate_expires TIMESTAMP
) TIMESTAMP(received) PARTITION BY DAY WAL
DEDUP UPSERT KEYS(received, monitor, location, url)
