"""Ingests with the published Python client, unmodified, and prints what it learned as one JSON object.

Arguments: the cluster's address, a database, a table, a CSV file, the address of a blob. The table has the columns of that file.
"""

import io
import json
import sys
import time
import urllib.request

import pandas
from azure.kusto.data import KustoClient, KustoConnectionStringBuilder
from azure.kusto.data.data_format import DataFormat
from azure.kusto.ingest import (
    BlobDescriptor,
    ColumnMapping,
    FileDescriptor,
    IngestionMappingKind,
    IngestionProperties,
    KustoStreamingIngestClient,
    ManagedStreamingIngestClient,
    QueuedIngestClient,
    ReportLevel,
    StreamDescriptor,
)
from azure.kusto.ingest.status import KustoIngestStatusQueues

PATIENCE_SECONDS = 60
BETWEEN_LOOKS_SECONDS = 0.2

NAMED_MAPPING = '[{"column":"a","Properties":{"Path":"$.x"}},{"column":"b","Properties":{"Path":"$.y"}}]'


class Session:
    """What every step needs, and the ids of what was sent, by name."""

    def __init__(self, cluster: str, database: str, table: str):
        self.cluster, self.database, self.table = cluster, database, table
        self.connection = KustoConnectionStringBuilder.with_no_authentication(cluster)
        self.engine = KustoClient(self.connection)
        self.sent = {}

    def properties(self, data_format: DataFormat = DataFormat.CSV, table: str = "", **more) -> IngestionProperties:
        return IngestionProperties(
            database=self.database,
            table=table or self.table,
            data_format=data_format,
            flush_immediately=True,
            report_level=ReportLevel.FailuresAndSuccesses,
            **more,
        )

    def note(self, name: str, result) -> None:
        assert result.status.name == "QUEUED", f"{name}: {result}"
        self.sent[str(result.source_id)] = name

    def emulator(self, method: str, what: str, body: dict | None = None) -> None:
        """Asks the emulator itself."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.cluster}/__emulator/{what}", data, method=method)
        urllib.request.urlopen(request, timeout=PATIENCE_SECONDS).close()


def text(data: str) -> StreamDescriptor:
    return StreamDescriptor(io.BytesIO(data.encode()))


def queue(session: Session, client: QueuedIngestClient, path: str, blob: str) -> None:
    """A file, streams, a blob, and a frame by way of the queue, with mappings of both kinds."""
    csv = session.properties()
    session.note("file", client.ingest_from_file(FileDescriptor(path, 0), csv))
    session.note("stream", client.ingest_from_stream(text("3,stream\n"), csv))
    inline = session.properties(
        DataFormat.MULTIJSON,
        column_mappings=[ColumnMapping("a", "long", path="$.a"), ColumnMapping("b", "string", path="$.b")],
        ingestion_mapping_kind=IngestionMappingKind.JSON,
        additional_tags=["peer"],
        drop_by_tags=["python"],
    )
    objects = text('[{"a":4,"b":"json"},{"b":"\\u00fc","a":5}]')
    session.note("inline", client.ingest_from_stream(objects, inline))
    session.engine.execute(
        session.database, f".create table {session.table} ingestion json mapping 'named' '{NAMED_MAPPING}'"
    )
    named = mapped(session, "named")
    session.note("reference", client.ingest_from_stream(text('{"x":6,"y":"reference"}'), named))
    session.note("blob", client.ingest_from_blob(BlobDescriptor(blob), csv))
    frame = pandas.DataFrame({"a": [12], "b": ["rows"]})
    session.note("rows", client.ingest_from_dataframe(frame, session.properties()))


def mapped(session: Session, name: str) -> IngestionProperties:
    return session.properties(
        DataFormat.MULTIJSON, ingestion_mapping_reference=name, ingestion_mapping_kind=IngestionMappingKind.JSON
    )


def refused(session: Session, client: QueuedIngestClient) -> None:
    """What cannot be ingested."""
    nowhere = session.properties(table="NoSuchTable")
    session.note("missing table", client.ingest_from_stream(text("1,x\n"), nowhere))
    session.note("missing mapping", client.ingest_from_stream(text('{"a":1}'), mapped(session, "nowhere")))
    session.note("malformed", client.ingest_from_stream(text('{"a":1,'), mapped(session, "named")))


def stream(session: Session) -> None:
    """Streaming, managed streaming, and managed streaming while streaming is away."""
    csv = session.properties()
    connection = session.connection
    with KustoStreamingIngestClient(connection) as streaming, ManagedStreamingIngestClient(connection) as managed:
        assert streaming.ingest_from_stream(text("8,streaming\n"), csv).status.name == "SUCCESS"
        assert managed.ingest_from_stream(text("9,managed\n"), csv).status.name == "SUCCESS"
        session.emulator("POST", "faults", {"preset": "streaming-down"})
        session.note("fallback", managed.ingest_from_stream(text("10,fallback\n"), csv))
        session.emulator("DELETE", "faults")


def survive(session: Session) -> None:
    """A service that throttles, and a queue that refuses.

    A container that refuses is not among them: the next is sent what the first has left of the stream, which is nothing.
    """
    session.emulator("POST", "faults", {"fault": "throttled", "seconds": 1, "route": "Management"})
    refuses = {"fault": "status", "status": 403, "code": "AuthenticationFailed", "route": "PutMessage"}
    session.emulator("POST", "faults", refuses)
    with QueuedIngestClient(session.connection) as client:
        session.note("survived", client.ingest_from_stream(text("11,survived\n"), session.properties()))
    session.emulator("DELETE", "faults")


def statuses(session: Session, client: QueuedIngestClient) -> dict:
    """How what was sent has ended, by the reports in the service's queues."""
    queues = KustoIngestStatusQueues(client)
    ended = {}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(ended) < len(session.sent) and time.monotonic() < deadline:
        for report in queues.success.pop(len(session.sent)):
            ended[session.sent[report.IngestionSourceId]] = "Succeeded"
        for report in queues.failure.pop(len(session.sent)):
            ended[session.sent[report.IngestionSourceId]] = report.ErrorCode
        time.sleep(BETWEEN_LOOKS_SECONDS)
    return ended


def look(session: Session) -> dict:
    """Reads the table through the query client: in both versions of answers, and as a stream."""
    database, table = session.database, session.table
    rows = session.engine.execute_query(database, f"{table} | order by a asc").primary_results[0]
    count = session.engine.execute_query(database, f"{table} | count").primary_results[0][0]["Count"]
    first = session.engine.execute(database, f"{table} | count").primary_results[0][0]["Count"]
    answer = session.engine.execute_streaming_query(database, table)
    streamed = sum(1 for _ in next(answer.iter_primary_results()))
    return {"rows": [list(row) for row in rows], "counts": [count, first], "streamed": streamed}


def main() -> None:
    cluster, database, table, path, blob = sys.argv[1:]
    session = Session(cluster, database, table)
    with QueuedIngestClient(session.connection) as client, session.engine:
        queue(session, client, path, blob)
        refused(session, client)
        stream(session)
        survive(session)
        learned = {"statuses": statuses(session, client)}
        print(json.dumps(learned | look(session)))


if __name__ == "__main__":
    main()
