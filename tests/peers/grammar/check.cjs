// Reads a JSON array of management commands from standard input and has Microsoft's own parser read each of them.
//
// Ends with 0 when it understands all of them without a complaint, else with 1 and the first ones it refuses.

const { readFileSync } = require("node:fs");

require("@kusto/language-service-next/bridge.js");
require("@kusto/language-service-next/Kusto.Language.Bridge.js");

const { KustoCode } = Kusto.Language;
const { SyntaxKind } = Kusto.Language.Syntax;

/** The parser's complaints about a text. */
function complaints(code) {
    const diagnostics = code.GetDiagnostics();
    return Array.from({ length: diagnostics.Count }, (_, place) => diagnostics.getItem(place).Message);
}

/** Whether a command is one that the parser knows: of others it says nothing at all. */
function isKnown(code) {
    let known = false;
    Kusto.Language.Syntax.SyntaxElement.WalkNodes(code.Syntax, (node) => {
        known = known || node.Kind === SyntaxKind.CustomCommand;
    });
    return known;
}

const commands = JSON.parse(readFileSync(0, "utf8"));
const refused = [];
for (const command of commands) {
    const code = KustoCode.Parse(command);
    const found = complaints(code);
    if (!isKnown(code)) {
        found.push("it is no command that the parser knows");
    }
    if (found.length > 0) {
        refused.push({ command, found });
    }
}
console.log(JSON.stringify({ commands: commands.length, refused: refused.slice(0, 10) }));
process.exitCode = commands.length >= 500 && refused.length === 0 ? 0 : 1;
