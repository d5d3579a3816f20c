// Ingests with the published Node client, unmodified, and prints what it learned as one JSON object.
//
// Arguments: the cluster's address, a database, a table, a CSV file, the address of a blob. The table has the columns of
// that file. NODE_EXTRA_CA_CERTS names the authority that vouches for the cluster.

import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

import { Client } from "azure-kusto-data";
import {
    BlobDescriptor,
    CompressionType,
    DataFormat,
    IngestClient,
    IngestionMappingKind,
    IngestionProperties,
    IngestStatusQueues,
    JsonColumnMapping,
    ManagedStreamingIngestClient,
    ReportLevel,
    ReportMethod,
    StreamDescriptor,
    StreamingIngestClient,
} from "azure-kusto-ingest";

const PATIENCE_MS = 60_000;
const BETWEEN_LOOKS_MS = 200;
const NAMED_MAPPING = '[{"column":"a","Properties":{"Path":"$.x"}},{"column":"b","Properties":{"Path":"$.y"}}]';

const [cluster, database, table, path, blob] = process.argv.slice(2);
const engine = new Client(cluster);
const statuses = {};
const reports = {};
const names = {};

function properties(more) {
    return new IngestionProperties({
        database,
        table,
        format: DataFormat.CSV,
        flushImmediately: true,
        reportLevel: ReportLevel.FailuresAndSuccesses,
        reportMethod: ReportMethod.QueueAndTable,
        ...more,
    });
}

function mapped(name) {
    return properties({
        format: DataFormat.MULTIJSON,
        ingestionMappingReference: name,
        ingestionMappingKind: IngestionMappingKind.JSON,
    });
}

function text(data) {
    return new StreamDescriptor(Readable.from([Buffer.from(data)]), null, CompressionType.None);
}

/** Follows a source in the status table, and notes how it ended. */
async function note(name, sending) {
    const result = await sending;
    const deadline = Date.now() + PATIENCE_MS;
    let status = await result.getIngestionStatusCollection();
    while (status.Status === "Pending" && Date.now() < deadline) {
        await sleep(BETWEEN_LOOKS_MS);
        status = await result.getIngestionStatusCollection();
    }
    names[status.rowKey] = name;
    statuses[name] = status.Status === "Failed" ? status.ErrorCode : status.Status;
}

/** A file, streams, and a blob by way of the queue, with mappings of both kinds; and what cannot be ingested. */
async function queue(client) {
    const inline = properties({
        format: DataFormat.MULTIJSON,
        ingestionMappingColumns: [JsonColumnMapping.withPath("a", "$.a", "long"), JsonColumnMapping.withPath("b", "$.b", "string")],
        additionalTags: ["peer"],
        dropByTags: ["node"],
    });
    await engine.execute(database, `.create table ${table} ingestion json mapping 'named' '${NAMED_MAPPING}'`);
    const named = mapped("named");
    // At once: the client takes its time before it has opened a status record.
    await Promise.all([
        note("file", client.ingestFromFile(path, properties())),
        note("stream", client.ingestFromStream(text("3,stream\n"), properties())),
        note("inline", client.ingestFromStream(text('[{"a":4,"b":"json"},{"b":"\\u00fc","a":5}]'), inline)),
        note("reference", client.ingestFromStream(text('{"x":6,"y":"reference"}'), named)),
        note("blob", client.ingestFromBlob(new BlobDescriptor(blob), properties())),
        note("missing table", client.ingestFromStream(text("1,x\n"), properties({ table: "NoSuchTable" }))),
        note("missing mapping", client.ingestFromStream(text('{"a":1}'), mapped("nowhere"))),
        note("malformed", client.ingestFromStream(text('{"a":1,'), named)),
    ]);
}

/** Asks the emulator itself. */
async function emulator(method, what, body) {
    const answer = await fetch(`${cluster}/__emulator/${what}`, { method, body: body && JSON.stringify(body) });
    if (!answer.ok) {
        throw new Error(`${method} ${what}: ${answer.status} ${await answer.text()}`);
    }
}

/** Streaming, managed streaming, and managed streaming while streaming is away. */
async function stream() {
    const streaming = new StreamingIngestClient(cluster);
    await streaming.ingestFromStream(text("8,streaming\n"), properties());
    const managed = new ManagedStreamingIngestClient(cluster, cluster);
    await managed.ingestFromStream(text("9,managed\n"), properties());
    await emulator("POST", "faults", { preset: "streaming-down" });
    await note("fallback", managed.ingestFromStream(text("10,fallback\n"), properties()));
    await emulator("DELETE", "faults");
    streaming.close();
    managed.close();
}

/**
 * A service that throttles, a container and a queue that refuse. A file is read anew for the next container; of a stream,
 * the client sends it what the first has left, which is nothing.
 */
async function survive(file) {
    await writeFile(file, "11,survived\n");
    await emulator("POST", "faults", { fault: "throttled", seconds: 1, route: "Management" });
    for (const route of ["PutBlob", "PutMessage"]) {
        await emulator("POST", "faults", { fault: "status", status: 403, code: "AuthenticationFailed", route });
    }
    const client = new IngestClient(cluster);
    await note("survived", client.ingestFromFile(file, properties()));
    await emulator("DELETE", "faults");
    client.close();
}

/** What the service's queues report, of as many sources as were followed, or what there is when patience ends. */
async function report(client) {
    const queues = new IngestStatusQueues(client);
    const deadline = Date.now() + PATIENCE_MS;
    const wanted = Object.keys(names).length;
    while (Object.keys(reports).length < wanted && Date.now() < deadline) {
        for (const said of await queues.success.pop(wanted)) {
            reports[names[said.IngestionSourceId]] = "Succeeded";
        }
        for (const said of await queues.failure.pop(wanted)) {
            reports[names[said.IngestionSourceId]] = said.ErrorCode;
        }
        await sleep(BETWEEN_LOOKS_MS);
    }
}

/** The first primary result of a query, row by row, each as a list. */
async function rows(asking) {
    const found = (await asking).primaryResults[0];
    return [...found.rows()].map((row) => [...row.values()]);
}

const client = new IngestClient(cluster);
await Promise.all([queue(client), stream()]);
await survive(join(dirname(path), "survived.csv"));
await report(client);
const learned = {
    statuses,
    reports,
    rows: await rows(engine.executeQuery(database, `${table} | order by a asc`)),
    counts: [
        (await rows(engine.executeQuery(database, `${table} | count`)))[0][0],
        (await rows(engine.executeQueryV1(database, `${table} | count`)))[0][0],
    ],
};
console.log(JSON.stringify(learned));
client.close();
engine.close();
