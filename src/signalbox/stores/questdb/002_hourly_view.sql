-- What the rows of a monitor amount to in each hour (UTC) that is over. It is kept when the rows' time to live is over.
-- An hour is counted two minutes after its end, and again at once when rows of it come later. Rows without a monitor
-- are left out: whose they are is only known when they are read.
CREATE MATERIALIZED VIEW IF NOT EXISTS {hourly} WITH BASE {table} REFRESH IMMEDIATE PERIOD (LENGTH 1h DELAY 2m) AS (
    SELECT received, monitor, {counted}
    FROM {table}
    WHERE monitor IS NOT NULL
    SAMPLE BY 1h
) PARTITION BY MONTH TTL 24 MONTHS;

-- How latencies were spread in that hour: how many lay in each bucket of `stores/histogram.py`.
CREATE MATERIALIZED VIEW IF NOT EXISTS {spread} WITH BASE {table} REFRESH IMMEDIATE PERIOD (LENGTH 1h DELAY 2m) AS (
    SELECT received, monitor, {bucket} AS bucket, count() AS signals
    FROM {table}
    WHERE monitor IS NOT NULL AND {timed}
    SAMPLE BY 1h
) PARTITION BY MONTH TTL 24 MONTHS
