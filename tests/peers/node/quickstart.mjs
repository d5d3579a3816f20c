import assert from "node:assert";

import { Client } from "azure-kusto-data";
import { DataFormat, IngestClient, IngestionProperties } from "azure-kusto-ingest";

const cluster = process.env.KUSTO_CLUSTER;
const into = new IngestionProperties({ database: "Samples", table: "Weather", format: DataFormat.CSV });
await new IngestClient(cluster).ingestFromFile("weather.csv", into);
await fetch(`${cluster}/__emulator/drained`);
const answer = await new Client(cluster).execute("Samples", "Weather | count");
assert.equal([...answer.primaryResults[0].rows()][0].Count, 2);
process.exit(0); // the clients keep connections
