// Has Microsoft's own parser read the corpus of queries: each must parse and mean something, and have the columns that
// stand beside it.
//
// Takes the folder of the crate's tests. Ends with 0 when nothing is complained about, else with 1 and what is.

const { readFileSync, readdirSync } = require("node:fs");
const { join } = require("node:path");

require("@kusto/language-service-next/bridge.js");
require("@kusto/language-service-next/Kusto.Language.Bridge.js");

const { GlobalState, KustoCode, Symbols } = Kusto.Language;

const folder = process.argv[2];

/** The parts of a file, which a blank line ends: head and body. */
function parts(file) {
    const texts = readFileSync(file, "utf8").split("\n\n").filter((text) => text.trim());
    return texts.map((text) => text.trimStart().split("\n---\n"));
}

/** What a list of .NET holds. */
function items(list) {
    return Array.from({ length: list.Count }, (_, place) => list.getItem(place));
}


/** Everything that queries may name: the tables and functions of the tests. */
function globals() {
    const databases = new Map();
    for (const [head] of parts(join(folder, "tables.kql"))) {
        const [name, columns] = head.split("\n");
        const [database, table] = name.replace("# ", "").split(".");
        const symbol = Symbols.TableSymbol.From(`(${columns})`).WithName(table);
        databases.set(database, [...(databases.get(database) ?? []), symbol]);
    }
    const functions = [
        new Symbols.FunctionSymbol.$ctor16("Twice", "(n:long)", "{ n * 2 }"),
        new Symbols.FunctionSymbol.$ctor16("Damaging", "(least:long = 1)", "{ Storms | where Damage >= least }"),
    ];
    databases.get("Samples").push(...functions);
    const symbols = [...databases].map(([name, members]) => new Symbols.DatabaseSymbol.ctor(name, members));
    const cluster = new Symbols.ClusterSymbol.ctor("local", symbols);
    return GlobalState.Default.WithCluster(cluster).WithDatabase(symbols[0]);
}

const state = globals();
const refused = [];
let queries = 0;
for (const name of readdirSync(join(folder, "corpus"))) {
    for (const [question, answer] of parts(join(folder, "corpus", name))) {
        const query = question.slice(question.indexOf("\n") + 1);
        const columns = answer.split("\n")[0];
        queries += 1;
        const code = KustoCode.ParseAndAnalyze(query, state);
        const found = items(code.GetDiagnostics()).map((diagnostic) => diagnostic.Message);
        const result = code.ResultType;
        const own = result?.Columns ? items(result.Columns).map((it) => `${it.Name}:${it.Type.Name}`).join(", ") : "";
        if (own !== columns) {
            found.push(`its columns are ${own}`, `and not      ${columns}`);
        }
        if (found.length > 0) {
            refused.push({ name, query, found });
        }
    }
}
console.log(JSON.stringify({ queries, refused }, null, 1));
process.exitCode = queries >= 300 && refused.length === 0 ? 0 : 1;
