"""Ingests with the published Python client, unmodified, and prints what it learned as one JSON object.

Arguments: the cluster's address, a database, a table, a CSV file. The table has the columns of that file.
"""

import io
import json
import sys
import time

from azure.kusto.data import KustoClient, KustoConnectionStringBuilder
from azure.kusto.data.data_format import DataFormat
from azure.kusto.ingest import (
    ColumnMapping,
    FileDescriptor,
    IngestionMappingKind,
    IngestionProperties,
    QueuedIngestClient,
    ReportLevel,
    StreamDescriptor,
)
from azure.kusto.ingest.status import KustoIngestStatusQueues

PATIENCE_SECONDS = 60


def properties(database: str, table: str, **more) -> IngestionProperties:
    return IngestionProperties(
        database=database,
        table=table,
        flush_immediately=True,
        report_level=ReportLevel.FailuresAndSuccesses,
        **more,
    )


def json_columns() -> list:
    return [
        ColumnMapping("a", "long", path="$.a"),
        ColumnMapping("b", "string", path="$.b"),
    ]


def reports(queue, wanted: int) -> list:
    """Takes so many reports from the service's queue, or what there is when patience ends."""
    taken = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(taken) < wanted and time.monotonic() < deadline:
        taken.extend(queue.pop(wanted - len(taken)))
    return taken


def main() -> None:
    cluster, database, table, path = sys.argv[1:]
    connection = KustoConnectionStringBuilder.with_no_authentication(cluster)
    with QueuedIngestClient(connection) as client:
        sent = {}
        csv = properties(database, table, data_format=DataFormat.CSV, ignore_first_record=False)
        sent["file"] = client.ingest_from_file(FileDescriptor(path, 0), csv)
        stream = StreamDescriptor(io.BytesIO(b"3,stream\n"))
        sent["stream"] = client.ingest_from_stream(stream, csv)
        mapped = properties(
            database,
            table,
            data_format=DataFormat.MULTIJSON,
            column_mappings=json_columns(),
            ingestion_mapping_kind=IngestionMappingKind.JSON,
            additional_tags=["peer"],
            drop_by_tags=["python"],
        )
        objects = StreamDescriptor(io.BytesIO(b'[{"a":4,"b":"json"},{"b":"\\u00fc","a":5}]'))
        sent["mapped"] = client.ingest_from_stream(objects, mapped)
        missing = properties(database, "NoSuchTable", data_format=DataFormat.CSV)
        sent["missing"] = client.ingest_from_stream(StreamDescriptor(io.BytesIO(b"1,x\n")), missing)

        queues = KustoIngestStatusQueues(client)
        successes = reports(queues.success, 3)
        failures = reports(queues.failure, 1)

    with KustoClient(connection) as engine:
        rows = [list(row) for row in engine.execute_query(database, table).primary_results[0]]
        count = engine.execute(database, f"{table} | count").primary_results[0][0][0]
    print(
        json.dumps(
            {
                "sent": {name: str(result.source_id) for name, result in sent.items()},
                "succeeded": [report.IngestionSourceId for report in successes],
                "failed": [[report.IngestionSourceId, report.ErrorCode] for report in failures],
                "rows": rows,
                "count": count,
            }
        )
    )


if __name__ == "__main__":
    main()
