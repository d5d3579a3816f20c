//! The management commands that this Kusto knows, and how their text is read.

mod ingest;
mod kind;

pub(crate) use ingest::{Data, Ingest};
pub use kind::RequestKind;

use kusto_ingest_core::{Error, MappingKind, Result};
use kusto_ingest_decode::Schema;
use uuid::Uuid;

use crate::catalog::StreamingPolicy;
use crate::lexer::Lexer;

/// A management command.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Command {
    IngestionResources,
    IdentityToken,
    TempStorage,
    Version,
    Databases,
    Tables,
    CreateTable {
        table: String,
        schema: Schema,
        merge: bool,
    },
    DropTable {
        table: String,
        missing_is_fine: bool,
    },
    Schema {
        table: String,
        form: SchemaForm,
    },
    CreateMapping {
        table: String,
        kind: MappingKind,
        name: String,
        json: String,
        replace: bool,
    },
    Mappings {
        table: String,
        kind: Option<MappingKind>,
    },
    AlterStreamingPolicy {
        table: String,
        policy: StreamingPolicy,
    },
    /// Of one table, or of the whole database.
    ClearSchemaCache {
        table: Option<String>,
    },
    Ingest(Ingest),
    /// All operations, or those of these identities.
    Operations(Vec<Uuid>),
    /// All failures, or those of an operation.
    IngestionFailures(Option<Uuid>),
}

/// How a schema is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SchemaForm {
    Json,
    Csl,
}

impl Command {
    /// Reads the text of a command.
    ///
    /// # Errors
    /// `BadRequest_SyntaxError`, without the text: it may hold secrets.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut lexer = Lexer::new(text);
        if !lexer.mark('.') {
            return Err(lexer.expected("a command, which begins with a dot"));
        }
        let command = read(&mut lexer)?;
        if lexer.keyword("with") && lexer.parentheses().is_none() {
            return Err(lexer.expected("properties in parentheses"));
        }
        lexer.end()?;
        Ok(command)
    }

    pub(crate) fn kind(&self) -> RequestKind {
        match self {
            Self::IngestionResources => RequestKind::IngestionResources,
            Self::IdentityToken => RequestKind::IdentityToken,
            Self::Version => RequestKind::Version,
            Self::Databases => RequestKind::Databases,
            Self::Tables => RequestKind::Tables,
            Self::TempStorage => RequestKind::TempStorage,
            Self::CreateTable { .. } => RequestKind::CreateTable,
            Self::DropTable { .. } => RequestKind::DropTable,
            Self::Schema { .. } => RequestKind::Schema,
            Self::CreateMapping { .. } => RequestKind::CreateMapping,
            Self::Mappings { .. } => RequestKind::Mappings,
            Self::AlterStreamingPolicy { .. } => RequestKind::StreamingPolicy,
            Self::ClearSchemaCache { .. } => RequestKind::ClearSchemaCache,
            Self::Ingest(ingest) => match ingest.data {
                Data::Blobs(_) => RequestKind::Ingest,
                Data::Inline(_) | Data::Stream(_) => RequestKind::IngestInline,
            },
            Self::Operations(_) => RequestKind::Operations,
            Self::IngestionFailures(_) => RequestKind::IngestionFailures,
        }
    }
}

fn read(lexer: &mut Lexer<'_>) -> Result<Command> {
    let start = lexer.any_keyword().to_ascii_lowercase();
    let resources = ["ingestion", "resources"];
    match start.as_str() {
        "get" | "show" if lexer.keywords(&resources) => Ok(Command::IngestionResources),
        "get" if lexer.keywords(&["kusto", "identity", "token"]) => Ok(Command::IdentityToken),
        "create" if lexer.keyword("tempstorage") => Ok(Command::TempStorage),
        "show" if lexer.keyword("version") => Ok(Command::Version),
        "show" if lexer.keyword("databases") => Ok(Command::Databases),
        "show" if lexer.keyword("tables") => Ok(Command::Tables),
        "show" if lexer.keyword("table") => show_table(lexer),
        "show" if lexer.keyword("operations") => Ok(Command::Operations(operations(lexer)?)),
        "show" if lexer.keywords(&["ingestion", "failures"]) => {
            Ok(Command::IngestionFailures(failed_operation(lexer)?))
        }
        "ingest" => ingest::ingest(lexer).map(Command::Ingest),
        "alter" if lexer.keyword("table") => alter(lexer),
        "clear" => clear(lexer),
        "drop" if lexer.keyword("table") => Ok(Command::DropTable {
            table: lexer.table_name()?,
            missing_is_fine: lexer.keyword("ifexists"),
        }),
        "create" | "create-merge" | "create-or-alter" if lexer.keyword("table") => create(lexer, &start),
        _ => Err(lexer.expected("a command that this Kusto knows")),
    }
}

fn alter(lexer: &mut Lexer<'_>) -> Result<Command> {
    let table = lexer.table_name()?;
    if !lexer.keywords(&["policy", "streamingingestion"]) {
        return Err(lexer.expected("policy streamingingestion"));
    }
    let policy = if lexer.keyword("enable") {
        StreamingPolicy::Enabled
    } else if lexer.keyword("disable") {
        StreamingPolicy::Disabled
    } else {
        return Err(lexer.expected("enable or disable"));
    };
    Ok(Command::AlterStreamingPolicy { table, policy })
}

fn clear(lexer: &mut Lexer<'_>) -> Result<Command> {
    let table = match lexer.keyword("table") {
        true => Some(lexer.table_name()?),
        false if lexer.keyword("database") => None,
        false => return Err(lexer.expected("table or database")),
    };
    if !lexer.keywords(&["cache", "streamingingestion", "schema"]) {
        return Err(lexer.expected("cache streamingingestion schema"));
    }
    Ok(Command::ClearSchemaCache { table })
}

fn show_table(lexer: &mut Lexer<'_>) -> Result<Command> {
    let table = lexer.table_name()?;
    if lexer.keyword("ingestion") {
        let kind = match lexer.keyword("mappings") {
            true => None,
            false => Some(mapping_kind(lexer)?),
        };
        if kind.is_some() && !lexer.keyword("mappings") {
            return Err(lexer.expected("mappings"));
        }
        return Ok(Command::Mappings { table, kind });
    }
    let form = if lexer.keywords(&["schema", "as", "json"]) {
        SchemaForm::Json
    } else if lexer.keywords(&["schema", "as", "cslschema"])
        || lexer.keywords(&["schema", "as", "csl"])
        || lexer.keyword("cslschema")
    {
        SchemaForm::Csl
    } else {
        return Err(lexer.expected("schema as json, schema as cslschema or ingestion mappings"));
    };
    Ok(Command::Schema { table, form })
}

fn create(lexer: &mut Lexer<'_>, start: &str) -> Result<Command> {
    let table = lexer.table_name()?;
    if start != "create-merge" && lexer.keyword("ingestion") {
        let kind = mapping_kind(lexer)?;
        if !lexer.keyword("mapping") {
            return Err(lexer.expected("mapping"));
        }
        return Ok(Command::CreateMapping {
            table,
            kind,
            name: lexer
                .name()
                .ok_or_else(|| lexer.expected("the name of the mapping"))?,
            json: lexer
                .string()
                .ok_or_else(|| lexer.expected("the mapping as a string"))?,
            replace: start == "create-or-alter",
        });
    }
    if start == "create-or-alter" {
        return Err(lexer.expected("ingestion"));
    }
    let columns = lexer
        .parentheses()
        .ok_or_else(|| lexer.expected("columns in parentheses"))?;
    let because = |error: Error| {
        lexer
            .expected("columns of a name and a type each")
            .caused_by(error)
    };
    Ok(Command::CreateTable {
        table,
        schema: columns.parse().map_err(because)?,
        merge: start == "create-merge",
    })
}

/// Nothing, one identity, or several in parentheses.
fn operations(lexer: &mut Lexer<'_>) -> Result<Vec<Uuid>> {
    let several = lexer.mark('(');
    let mut ids = Vec::new();
    while let Some(id) = guid(lexer) {
        ids.push(id);
        if !several || !lexer.mark(',') {
            break;
        }
    }
    if several && !lexer.mark(')') {
        return Err(lexer.expected("identities of operations in parentheses"));
    }
    Ok(ids)
}

fn failed_operation(lexer: &mut Lexer<'_>) -> Result<Option<Uuid>> {
    if !lexer.keyword("with") {
        return Ok(None);
    }
    let named = lexer.mark('(') && lexer.keyword("OperationId") && lexer.mark('=');
    let id = if named { guid(lexer) } else { None };
    match id {
        Some(id) if lexer.mark(')') => Ok(Some(id)),
        _ => Err(lexer.expected("OperationId= and an identity in parentheses")),
    }
}

/// An identity: bare, as a string, or as a literal of its type.
fn guid(lexer: &mut Lexer<'_>) -> Option<Uuid> {
    if let Some(text) = lexer.string() {
        return Uuid::parse_str(&text).ok();
    }
    if lexer.keyword("guid") {
        let inner = lexer.parentheses()?;
        return Uuid::parse_str(inner.trim_matches(['(', ')', ' '])).ok();
    }
    Uuid::parse_str(lexer.any_keyword()).ok()
}

fn mapping_kind(lexer: &mut Lexer<'_>) -> Result<MappingKind> {
    let kind = lexer.any_keyword().parse();
    kind.map_err(|_: Error| lexer.expected("a kind of mapping"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &Command) {
        assert_eq!(&Command::parse(text).unwrap(), expect, "{text}");
    }

    #[test]
    fn commands_are_read_in_any_case_and_with_properties() {
        check(".get ingestion resources", &Command::IngestionResources);
        check(".show ingestion resources;", &Command::IngestionResources);
        let with = ".GET  ingestion\nresources with (EnableBlobCors='true')";
        check(with, &Command::IngestionResources);
        check(".get kusto identity token", &Command::IdentityToken);
        check(".create tempstorage", &Command::TempStorage);
        check(".show version", &Command::Version);
    }

    #[test]
    fn tables_are_named_bare_or_in_brackets() {
        let create = |table: &str, columns: &str, merge| Command::CreateTable {
            table: table.into(),
            schema: columns.parse().unwrap(),
            merge,
        };
        let text = ".create table T (a:string, ['b c']:long) with (folder='x')";
        check(text, &create("T", "a:string,['b c']:long", false));
        let text = ".create-merge table ['my table'] (a:real)";
        check(text, &create("my table", "a:real", true));
        let drop = |missing_is_fine| Command::DropTable {
            table: "T".into(),
            missing_is_fine,
        };
        check(".drop table T", &drop(false));
        check(".drop table T ifexists", &drop(true));
        let show = |form| Command::Schema {
            table: "T".into(),
            form,
        };
        check(".show table T cslschema", &show(SchemaForm::Csl));
        check(".show table T schema as cslschema", &show(SchemaForm::Csl));
        check(".show table T schema as json", &show(SchemaForm::Json));
    }

    #[test]
    fn mappings_may_be_written_in_several_strings() {
        let show = |kind| Command::Mappings {
            table: "T".into(),
            kind,
        };
        check(".show table T ingestion mappings", &show(None));
        check(
            ".show table T ingestion json mappings",
            &show(Some(MappingKind::Json)),
        );
        let create = |replace| Command::CreateMapping {
            table: "T".into(),
            kind: MappingKind::Csv,
            name: "m".into(),
            json: "[]".into(),
            replace,
        };
        check(".create table T ingestion csv mapping 'm' '[]'", &create(false));
        check(
            ".create-or-alter table T ingestion csv mapping \"m\" '[' ']'",
            &create(true),
        );
    }

    #[test]
    fn what_is_no_command_is_a_syntax_error_that_does_not_repeat_it() {
        for text in [
            "T | count",
            ".dance SECRET",
            ".get ingestion resources SECRET",
            ".create table T",
            ".create-or-alter table T (a:string)",
            ".create table T ingestion SECRET mapping 'm' '[]'",
            ".create table T ingestion csv mapping 'm' SECRET",
            ".show table T",
            ".clear table T data",
            ".clear cluster cache streamingingestion schema",
            "",
        ] {
            let error = Command::parse(text).unwrap_err();
            assert_eq!(
                (error.code(), error.http_status()),
                (Some("BadRequest_SyntaxError"), Some(400)),
                "{text}"
            );
            assert!(!error.to_string().contains("SECRET"), "{error}");
        }
    }
}
