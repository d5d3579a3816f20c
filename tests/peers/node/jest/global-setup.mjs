import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const ARGUMENTS = ["emulator", "--database", "Samples", "--table", "Weather(at:datetime,wind:real)"];

/** One emulator for all tests: its address is in KUSTO_CLUSTER. */
export default async function () {
    const child = spawn("kusto-ingest", ARGUMENTS, { stdio: ["ignore", "pipe", "inherit"] });
    globalThis.kustoEmulator = child;
    await once(child, "spawn");
    for await (const line of createInterface({ input: child.stdout })) {
        process.env.KUSTO_CLUSTER = JSON.parse(line).cluster;
        return;
    }
    throw new Error("the emulator did not start");
}
