// Ingests as often as it is told, for the benchmark that compares the clients: see tests/benches/peers.
//
// Arguments: the cluster's address, a file with the bytes of a small source. Says `ready` after a first ingestion; then for
// each line `COUNT` or `COUNT FILE` it ingests the bytes or the file so often, 8 at once, and says `done`.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";

import { DataFormat, IngestClient, IngestionProperties } from "azure-kusto-ingest";

const AT_ONCE = 8;

const [cluster, small] = process.argv.slice(2);
const row = readFileSync(small);
const client = new IngestClient(cluster);
const into = new IngestionProperties({ database: "Samples", table: "Logs", format: DataFormat.CSV });

function ingest(path) {
    return path ? client.ingestFromFile(path, into) : client.ingestFromStream(Readable.from([row]), into);
}

await ingest();
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
    const [count, path] = line.split(" ");
    let left = Number(count);
    const one = async () => {
        while (left-- > 0) {
            await ingest(path);
        }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
    console.log("done");
}
process.exit(0); // the client keeps connections
