// Ingests with the published Node client, unmodified, and prints what it learned as one JSON object.
//
// Arguments: the cluster's address, a database, a table, a CSV file. The table has the columns of that file.

import { Readable } from "node:stream";

import { Client } from "azure-kusto-data";
import {
    CompressionType,
    DataFormat,
    IngestClient,
    IngestionProperties,
    IngestStatusQueues,
    JsonColumnMapping,
    ReportLevel,
    StreamDescriptor,
} from "azure-kusto-ingest";

const PATIENCE_MS = 60_000;

const [cluster, database, table, path] = process.argv.slice(2);

function properties(more) {
    return new IngestionProperties({
        database,
        table,
        flushImmediately: true,
        reportLevel: ReportLevel.FailuresAndSuccesses,
        ...more,
    });
}

function stream(text) {
    return new StreamDescriptor(Readable.from([Buffer.from(text)]), null, CompressionType.None);
}

/** Takes so many reports from the service's queue, or what there is when patience ends. */
async function reports(queue, wanted) {
    const taken = [];
    const deadline = Date.now() + PATIENCE_MS;
    while (taken.length < wanted && Date.now() < deadline) {
        taken.push(...(await queue.pop(wanted - taken.length)));
    }
    return taken;
}

const client = new IngestClient(cluster);
const csv = properties({ format: DataFormat.CSV });
await client.ingestFromFile(path, csv);
await client.ingestFromStream(stream("3,stream\n"), csv);
const mapped = properties({
    format: DataFormat.MULTIJSON,
    ingestionMappingColumns: [JsonColumnMapping.withPath("a", "$.a", "long"), JsonColumnMapping.withPath("b", "$.b", "string")],
    additionalTags: ["peer"],
    dropByTags: ["node"],
});
await client.ingestFromStream(stream('[{"a":4,"b":"json"},{"b":"\\u00fc","a":5}]'), mapped);
await client.ingestFromStream(stream("1,x\n"), properties({ table: "NoSuchTable", format: DataFormat.CSV }));

const queues = new IngestStatusQueues(client);
const successes = await reports(queues.success, 3);
const failures = await reports(queues.failure, 1);

const engine = new Client(cluster);
const rows = (await engine.execute(database, table)).primaryResults[0];
const count = (await engine.execute(database, `${table} | count`)).primaryResults[0];
console.log(
    JSON.stringify({
        succeeded: successes.map((report) => report.IngestionSourceId),
        failed: failures.map((report) => [report.IngestionSourceId, report.ErrorCode]),
        rows: [...rows.rows()].map((row) => [...row.values()]),
        count: [...[...count.rows()][0].values()][0],
    }),
);
client.close();
engine.close();
