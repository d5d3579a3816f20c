import { Readable } from "node:stream";

import { Client } from "azure-kusto-data";
import { DataFormat, IngestClient, IngestionProperties } from "azure-kusto-ingest";

const cluster = process.env.KUSTO_CLUSTER;
const into = new IngestionProperties({ database: "Samples", table: "Weather", format: DataFormat.CSV });

// Tests of several files share the emulator: run them with --runInBand, or give each a table of its own.
beforeEach(() => fetch(`${cluster}/__emulator/reset`, { method: "POST" }));

test.each([1, 2])("%i lines arrive in an empty table", async (lines) => {
    const [client, engine] = [new IngestClient(cluster), new Client(cluster)];
    await client.ingestFromStream(Readable.from([Buffer.from("2026-01-01,4.7\n".repeat(lines))]), into);
    await fetch(`${cluster}/__emulator/drained`);
    const answer = await engine.execute("Samples", "Weather | count");
    expect([...answer.primaryResults[0].rows()][0].Count).toBe(lines);
    client.close();
    engine.close();
});
