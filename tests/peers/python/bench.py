"""Ingests as often as it is told, for the benchmark that compares the clients: see tests/benches/peers.

Arguments: the cluster's address, a file with the bytes of a small source. Says `ready` after a first ingestion; then for
each line `COUNT` or `COUNT FILE` it ingests the bytes or the file so often, 8 at once, and says `done`.
"""

import io
import sys
from concurrent.futures import ThreadPoolExecutor

from azure.kusto.data import KustoConnectionStringBuilder
from azure.kusto.data.data_format import DataFormat
from azure.kusto.ingest import FileDescriptor, IngestionProperties, QueuedIngestClient, StreamDescriptor

AT_ONCE = 8


def main() -> None:
    cluster, small = sys.argv[1:]
    with open(small, "rb") as file:
        row = file.read()
    client = QueuedIngestClient(KustoConnectionStringBuilder(cluster))
    into = IngestionProperties(database="Samples", table="Logs", data_format=DataFormat.CSV)

    def ingest(path: str) -> None:
        if path:
            client.ingest_from_file(FileDescriptor(path), into)
        else:
            client.ingest_from_stream(StreamDescriptor(io.BytesIO(row)), into)

    ingest("")
    print("ready", flush=True)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for line in sys.stdin:
            count, _, path = line.strip().partition(" ")
            for _ in pool.map(ingest, [path] * int(count)):
                pass
            print("done", flush=True)


main()
