import os
import urllib.request

from azure.kusto.data import KustoClient, KustoConnectionStringBuilder
from azure.kusto.data.data_format import DataFormat
from azure.kusto.ingest import IngestionProperties, QueuedIngestClient

cluster = os.environ["KUSTO_CLUSTER"]
connection = KustoConnectionStringBuilder.with_no_authentication(cluster)
into = IngestionProperties(database="Samples", table="Weather", data_format=DataFormat.CSV)
QueuedIngestClient(connection).ingest_from_file("weather.csv", into)
urllib.request.urlopen(f"{cluster}/__emulator/drained")
answer = KustoClient(connection).execute("Samples", "Weather | count")
assert answer.primary_results[0][0]["Count"] == 2
