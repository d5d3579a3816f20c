import { once } from "node:events";

export default async function () {
    const child = globalThis.kustoEmulator;
    child.kill();
    await once(child, "exit");
}
