// Looks at the emulator's page in a real browser, as a person does with keys alone, and prints what it saw as JSON.
//
// Arguments: the emulator's address, the browser's program, and a folder for pictures if there is to be any.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

import { chromium } from "playwright-core";

const PATIENCE_MS = 60_000;

const [cluster, program, pictures] = process.argv.slice(2);
// The driver wants the whole path of what a shell finds by its name.
const folders = process.env.PATH.split(delimiter);
const executablePath = folders.map((folder) => join(folder, program)).find(existsSync) ?? program;
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
// Nobody outside of this machine vouches for the emulator's certificate.
const page = await browser.newPage({ ignoreHTTPSErrors: true });
page.setDefaultTimeout(PATIENCE_MS);
const elsewhere = [];
const complaints = [];
page.on("request", (request) => request.url().startsWith(cluster) || request.url().startsWith("data:") || elsewhere.push(request.url()));
page.on("pageerror", (error) => complaints.push(String(error)));
page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));

/** What a request must carry where the emulator wants a sign-in. */
async function authorization() {
    const metadata = await (await fetch(`${cluster}/v1/rest/auth/metadata`)).json();
    if (metadata.AzureAD.LoginEndpoint !== cluster) return {};
    const form = new URLSearchParams({ grant_type: "client_credentials", client_id: "look", client_secret: "any" });
    const answer = await fetch(`${cluster}/look/oauth2/v2.0/token`, { method: "POST", body: form });
    return { authorization: `Bearer ${(await answer.json()).access_token}` };
}

async function command(text) {
    const answer = await fetch(`${cluster}/v1/rest/mgmt`, {
        method: "POST",
        headers: { "content-type": "application/json", ...(await authorization()) },
        body: JSON.stringify({ db: "Peers", csl: text }),
    });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
}

/** Asks by keys alone for a chart, and waits for one of its kind: the one before it may still be there. */
async function chart(kind, text) {
    await page.getByLabel("Query or command").fill(text);
    await page.keyboard.press("Control+Enter");
    const drawn = page.locator(`#result svg[role=img][aria-label^="${kind} "]`);
    await drawn.waitFor();
    return drawn.getAttribute("aria-label");
}

await page.goto(cluster);
await page.getByText("Peers.T (a:long, b:string): 0 rows").waitFor();
// What happens is shown without a reload.
await command(".ingest inline into table T <|\n1,x\n2,y\n");
const summary = page.getByText("Peers.T (a:long, b:string): 2 rows");
await summary.waitFor();
await summary.focus();
await page.keyboard.press("Enter");
const lines = page.getByRole("region", { name: "First rows" }).locator("tbody tr");
// The rows are asked for when the table is opened: what is there at once is nothing.
await lines.nth(1).waitFor();
const rows = await lines.allTextContents();
await page.getByLabel("Database", { exact: true }).selectOption("Peers");
const charts = {};
for (const kind of ["columnchart", "barchart", "piechart", "timechart"]) {
    const first = kind === "timechart" ? "at = datetime(2026-01-01) + a * 1d" : "b";
    charts[kind] = await chart(kind, `T | project ${first}, a | render ${kind}`);
}
// What happens once is told of as what goes on is.
for (const preset of ["sas-revoked", "slow"]) {
    await page.getByRole("button", { name: preset }).click();
    await page.locator("button[aria-pressed=true]", { hasText: preset }).waitFor();
}

await page.getByRole("button", { name: "Clear all faults" }).click();
await page.locator("button[aria-pressed=false]", { hasText: "slow" }).waitFor();
const unnamed = await page.locator("button:not(:has-text('')), img:not([alt]), textarea:not([id]), select:not([id])").count();
if (pictures) {
    await chart("columnchart", "range at from 1 to 12 step 1 | project at, rows = at * (13 - at) | render columnchart");
    await page.evaluate(() => document.activeElement.blur());
    await page.setViewportSize({ width: 1000, height: 1080 });
    for (const colorScheme of ["light", "dark"]) {
        await page.evaluate(() => scrollTo(0, 0));
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: `${pictures}/emulator-${colorScheme}.png`, fullPage: false });
    }
}
console.log(JSON.stringify({ title: await page.title(), rows, charts, unnamed, elsewhere, complaints }));
await browser.close();
