"""How much of the processor's time DuckDB takes for the queries of the benchmark `queries`, on the same rows: seconds by name,
and answers, as JSON."""

import json
import time

import duckdb

ROWS = 1_000_000

QUERIES = {
    "where": "SELECT count(*) FROM t WHERE v > 500000 AND contains(text, 'host-7')",
    "summarize": "SELECT host, count(*), sum(v), avg(r), max(moment) FROM t GROUP BY host ORDER BY host LIMIT 1",
    "top": "SELECT id, v FROM t ORDER BY v DESC, id LIMIT 10",
    "join": "SELECT count(*), sum(t.v + hosts.weight) FROM t JOIN hosts USING (host)",
}


def main() -> None:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute(
        f"""CREATE TABLE t AS SELECT i AS id, 'host-' || (i * 7919 % 1000) AS host, i * 104729 % 1000003 AS v,
        (i % 977) / 7.0 AS r, TIMESTAMP '2020-01-01' + to_seconds(i) AS moment,
        'row ' || i || ' of host-' || (i % 10) AS text FROM range({ROWS}) r(i)"""
    )
    connection.execute("CREATE TABLE hosts AS SELECT 'host-' || i AS host, i AS weight FROM range(0, 1000, 2) r(i)")
    seconds = {}
    for name, query in QUERIES.items():
        taken = []
        for _ in range(5):
            start = time.process_time()
            answer = connection.execute(query).fetchall()
            taken.append(time.process_time() - start)
        seconds[name] = min(taken)
        seconds[name + "_answer"] = str(answer[0])
    print(json.dumps(seconds))


main()
