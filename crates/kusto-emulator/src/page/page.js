// The emulator's page: shows the state as it happens, runs queries, and switches faults.
"use strict";

const byId = (id) => document.getElementById(id);
const COLOURS = ["#0b6fc2", "#c2570b", "#2e8b57", "#8a4fbf", "#b8860b", "#c23b6e", "#4b8b8b", "#707070"];
let shown = {};

function element(name, text, attributes = {}) {
    const made = document.createElement(name);
    if (text !== undefined && text !== null) made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
}

/** A table of texts, which can be scrolled by the keyboard. */
function tableOf(caption, columns, rows, classOf = () => "") {
    const table = element("table");
    table.append(element("caption", caption));
    const head = table.createTHead().insertRow();
    for (const column of columns) head.append(element("th", column, { scope: "col" }));
    const body = table.createTBody();
    for (const row of rows) {
        const line = body.insertRow();
        for (const value of row) {
            const cell = line.insertCell();
            if (value instanceof Node) cell.append(value);
            else cell.textContent = value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
            const named = classOf(value, row);
            if (named) cell.className = named;
        }
    }
    const box = element("div", null, { class: "scroll", tabindex: "0", role: "region", "aria-label": caption });
    box.append(table);
    return box;
}

/** Puts new content in a place if it is other than before, so that a reader does not lose theirs. */
function put(id, state, make) {
    const text = JSON.stringify(state);
    if (shown[id] === text) return;
    shown[id] = text;
    byId(id).replaceChildren(...[make()].flat());
}

function nothing(what) {
    return element("p", what, { class: "empty" });
}

/** A token of the emulator's own authority, where it wants one. */
let token = "";
async function signIn() {
    const form = new URLSearchParams({ grant_type: "client_credentials", client_id: "page", client_secret: "page" });
    const answer = await fetch("/page/oauth2/v2.0/token", { method: "POST", body: form });
    token = (await answer.json()).access_token;
}

/** Where this emulator is its own authority, it is asked before anything is refused. */
const signedIn = fetch("/v1/rest/auth/metadata")
    .then((answer) => answer.json())
    .then((metadata) => metadata.AzureAD.LoginEndpoint === location.origin && signIn())
    .catch(() => {});

async function ask(method, path, body) {
    const send = () => {
        const headers = body ? { "content-type": "application/json" } : {};
        if (token) headers.authorization = `Bearer ${token}`;
        return fetch(path, { method, body: body && JSON.stringify(body), headers });
    };
    let answer = await send();
    if (answer.status === 401) {
        await signIn();
        answer = await send();
    }
    const text = await answer.text();
    const value = text && (answer.headers.get("content-type") || "").includes("json") ? JSON.parse(text) : text;
    if (!answer.ok) throw new Error(value?.error?.["@message"] || value?.error?.message || `${answer.status} ${answer.statusText}`);
    return value;
}

function showTables(tables) {
    put("table-list", tables, () => tables.length === 0 ? nothing("There are no tables.") : tables.map((table) => {
        const details = element("details");
        const columns = table.columns.map((column) => `${column.name}:${column.type}`).join(", ");
        details.append(element("summary", `${table.database}.${table.table} (${columns}): ${table.rows} rows`));
        details.dataset.name = `${table.database}.${table.table}`;
        const rows = element("div");
        details.append(rows);
        details.addEventListener("toggle", async () => {
            if (!details.open) return open.delete(details.dataset.name);
            open.add(details.dataset.name);
            const query = new URLSearchParams({ database: table.database, table: table.table, limit: 20 });
            try {
                const found = await ask("GET", `/__emulator/rows?${query}`);
                rows.replaceChildren(tableOf("First rows", found.columns, found.rows));
            } catch (error) {
                rows.replaceChildren(element("p", error.message, { class: "bad" }));
            }
        });
        details.open = open.has(details.dataset.name);
        return details;
    }));
}
const open = new Set();

function show(state) {
    byId("cluster").textContent = state.cluster;
    byId("now").textContent = state.now;
    byId("queued").textContent = state.queued;
    byId("blobs").textContent = state.blobs;
    put("databases", state.databases, () => element("span", `Databases: ${state.databases.join(", ")}`));
    const chosen = byId("database").value;
    put("database", state.databases, () => state.databases.map((name) => element("option", name)));
    if (state.databases.includes(chosen)) byId("database").value = chosen;
    showTables(state.tables);
    const of = (value) => (value === "Failed" ? "bad" : value === "Succeeded" ? "good" : "");
    put("ingestion-list", state.ingestions, () => state.ingestions.length === 0 ? nothing("Nothing was ingested by way of the queue.") :
        tableOf("The last ingestions, the newest first", ["ended", "source", "table", "status", "rows", "error"],
            state.ingestions.map((one) => [one.ended, one.sourceId, `${one.database}.${one.table}`, one.status, one.rows, [one.errorCode, one.error].filter(Boolean).join(": ")]), of));
    put("note-list", state.notes, () => state.notes.length === 0 ? nothing("There are no notes.") :
        tableOf("The last notes, the newest first", ["ended", "table", "rows", "left out", "changed", "first"],
            state.notes.map((one) => [one.ended, `${one.database}.${one.table}`, one.rows, one.recordsLeftOut, one.valuesChanged, one.first.map((warning) => warning.text).join("\n")])));
    put("request-list", state.requests, () => state.requests.length === 0 ? nothing("Nothing was asked.") :
        tableOf("The last requests, the newest first", ["status", "route", "method", "path", "bytes", "headers"],
            state.requests.map((one) => [one.status ?? "cut", one.route, one.method, one.path, one.bodyBytes, headers(one.headers)]),
            (value, row) => (value === row[0] && (value === "cut" || value >= 400) ? "bad" : "")));
    put("presets", [state.presets, state.faults], () => state.presets.map((name) => {
        const button = element("button", name, { type: "button", "aria-pressed": state.faults.includes(name) });
        button.addEventListener("click", () => ask("POST", "/__emulator/faults", { preset: name }).catch(complain));
        return button;
    }));
}

function headers(all) {
    const details = element("details");
    details.append(element("summary", `${all.length} headers`), element("pre", all.map(([name, value]) => `${name}: ${value}`).join("\n")));
    return details;
}

function complain(error) {
    byId("result").replaceChildren(element("p", error.message, { class: "bad" }));
}

/** A chart of the first column against those that are numbers. */
function chart(kind, columns, rows) {
    const numbers = columns.map((column, index) => index).filter((index) => index > 0 && rows.some((row) => typeof row[index] === "number"));
    if (numbers.length === 0 || rows.length === 0) return nothing("A chart needs a column of numbers behind the first.");
    const [width, height, edge] = [720, 320, 48];
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const title = `${kind} of ${numbers.map((index) => columns[index]).join(", ")} by ${columns[0]}`;
    const draw = (name, attributes, text) => {
        const made = document.createElementNS(svg.namespaceURI, name);
        for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
        if (text !== undefined) made.textContent = text;
        svg.append(made);
    };
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("width", width);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", title);
    draw("title", {}, title);
    const values = rows.flatMap((row) => numbers.map((index) => Number(row[index]) || 0));
    const [low, high] = [Math.min(0, ...values), Math.max(0, ...values) || 1];
    const along = (value) => (value - low) / (high - low || 1);
    if (kind === "piechart") {
        pie(draw, rows.map((row) => [String(row[0]), Math.max(0, Number(row[numbers[0]]) || 0)]), height);
    } else if (kind === "barchart") {
        const step = (height - 20) / rows.length;
        rows.forEach((row, at) => numbers.forEach((index, series) => {
            const [from, to] = [along(0), along(Number(row[index]) || 0)];
            const thick = Math.max(1, (step * 0.8) / numbers.length);
            draw("rect", { x: 120 + Math.min(from, to) * (width - 180), y: 10 + at * step + series * thick, width: Math.abs(to - from) * (width - 180), height: thick, fill: COLOURS[series % COLOURS.length] });
            if (series === 0 && step > 9) draw("text", { x: 114, y: 10 + at * step + step * 0.55, "text-anchor": "end" }, String(row[0]).slice(0, 18));
        }));
    } else {
        const times = kind === "timechart" ? rows.map((row) => Date.parse(row[0])) : null;
        const [begin, end] = times ? [Math.min(...times), Math.max(...times)] : [0, rows.length];
        const across = (at) => edge + (width - 2 * edge) * (times ? (times[at] - begin) / (end - begin || 1) : (at + 0.5) / rows.length);
        const up = (value) => height - edge - along(value) * (height - 2 * edge);
        draw("line", { x1: edge, x2: width - edge, y1: up(0), y2: up(0), stroke: "currentColor" });
        for (const value of [low, high]) draw("text", { x: edge - 6, y: up(value) + 4, "text-anchor": "end" }, String(Math.round(value * 100) / 100));
        for (const at of [0, rows.length - 1]) draw("text", { x: across(at), y: height - 14, "text-anchor": at === 0 ? "start" : "end" }, String(rows[at][0]).slice(0, 24));
        numbers.forEach((index, series) => {
            const colour = COLOURS[series % COLOURS.length];
            if (kind === "timechart") {
                const order = rows.map((row, at) => at).sort((left, right) => times[left] - times[right]);
                draw("polyline", { points: order.map((at) => `${across(at)},${up(Number(rows[at][index]) || 0)}`).join(" "), fill: "none", stroke: colour, "stroke-width": 2 });
                return order.forEach((at) => draw("circle", { cx: across(at), cy: up(Number(rows[at][index]) || 0), r: 3, fill: colour }));
            }
            const wide = ((width - 2 * edge) / rows.length) * 0.8 / numbers.length;
            rows.forEach((row, at) => {
                const value = Number(row[index]) || 0;
                draw("rect", { x: across(at) + (series - numbers.length / 2) * wide, y: Math.min(up(value), up(0)), width: wide, height: Math.abs(up(value) - up(0)), fill: colour });
            });
        });
    }
    numbers.forEach((index, series) => kind !== "piechart" && draw("text", { x: edge + series * 120, y: 14, style: `fill:${COLOURS[series % COLOURS.length]}` }, columns[index]));
    return svg;
}

function pie(draw, parts, height) {
    const all = parts.reduce((sum, [, value]) => sum + value, 0) || 1;
    let angle = -Math.PI / 2;
    parts.forEach(([name, value], at) => {
        const [from, to] = [angle, angle + (value / all) * 2 * Math.PI];
        angle = to;
        const [r, cx, cy] = [height / 2 - 20, height / 2, height / 2];
        const point = (a) => `${cx + r * Math.cos(a)} ${cy + r * Math.sin(a)}`;
        const fill = COLOURS[at % COLOURS.length];
        if (value === all) draw("circle", { cx, cy, r, fill });
        else draw("path", { d: `M ${cx} ${cy} L ${point(from)} A ${r} ${r} 0 ${to - from > Math.PI ? 1 : 0} 1 ${point(to)} Z`, fill });
        draw("rect", { x: height + 10, y: 16 + at * 20, width: 12, height: 12, fill });
        draw("text", { x: height + 28, y: 26 + at * 20 }, `${name}: ${value}`);
    });
}

async function run(event) {
    event.preventDefault();
    const text = byId("text").value;
    await signedIn;
    try {
        const path = text.trim().startsWith(".") ? "/v1/rest/mgmt" : "/v1/rest/query";
        const answer = await ask("POST", path, { db: byId("database").value, csl: text });
        const table = answer.Tables[0];
        const columns = table.Columns.map((column) => column.ColumnName);
        const rows = table.Rows.filter(Array.isArray);
        const kind = /\|\s*render\s+(timechart|barchart|columnchart|piechart)\b/.exec(text)?.[1];
        const parts = [element("p", `${rows.length} rows`), tableOf("Result", columns, rows.slice(0, 1000))];
        byId("result").replaceChildren(...(kind ? [chart(kind, columns, rows), ...parts] : parts));
    } catch (error) {
        complain(error);
    }
}

byId("query-form").addEventListener("submit", run);
byId("text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run(event);
});
byId("clear").addEventListener("click", () => ask("DELETE", "/__emulator/faults").catch(complain));
byId("reset").addEventListener("click", () => ask("POST", "/__emulator/reset").catch(complain));
const events = new EventSource("/__emulator/events");
events.addEventListener("message", (event) => {
    byId("connection").textContent = "";
    show(JSON.parse(event.data));
});
events.addEventListener("error", () => {
    // Between two events the browser asks again by itself; only a server that is gone is told.
    if (events.readyState === EventSource.CLOSED) byId("connection").textContent = "the emulator does not answer";
});
