//! Commands about stored functions.

use kusto_ingest_core::Result;
use kusto_ingest_decode::ScalarType;

use super::args::{Args, Options};
use super::exists_already;
use super::grammar::CommandSpec;
use super::session::{Action, action};
use crate::answer::table_of;
use crate::catalog::{Database, Function, missing};
use crate::{AnswerTable, RequestKind};

pub(super) const COMMANDS: &[CommandSpec] = &[
    CommandSpec::new(".show functions", RequestKind::Show, show_all),
    CommandSpec::new(".show function NAME", RequestKind::Show, show_one),
    CommandSpec::new(
        ".create function [ifnotexists] {with (…)} name(parameters) {body}",
        RequestKind::Change,
        create,
    ),
    CommandSpec::new(
        ".create-or-alter function {with (…)} name(parameters) {body}",
        RequestKind::Change,
        create_or_alter,
    ),
    CommandSpec::new(
        ".alter function {with (…)} name(parameters) {body}",
        RequestKind::Change,
        alter,
    ),
    CommandSpec::new(
        ".alter function NAME docstring 'text'",
        RequestKind::Change,
        docstring,
    ),
    CommandSpec::new(".alter function NAME folder 'text'", RequestKind::Change, folder),
    CommandSpec::new(".drop function NAME [ifexists]", RequestKind::Change, drop_one),
    CommandSpec::new(
        ".drop functions (NAMES) [ifexists]",
        RequestKind::Change,
        drop_several,
    ),
];

fn empty() -> AnswerTable {
    table_of(&[
        ("Name", ScalarType::String),
        ("Parameters", ScalarType::String),
        ("Body", ScalarType::String),
        ("Folder", ScalarType::String),
        ("DocString", ScalarType::String),
    ])
}

fn with(answer: AnswerTable, name: &str, function: &Function) -> AnswerTable {
    answer.with_row([
        name,
        &function.parameters,
        &function.body,
        &function.folder,
        &function.docstring,
    ])
}

fn all(database: &Database) -> AnswerTable {
    let functions = database.functions.iter();
    functions.fold(empty(), |answer, (name, function)| with(answer, name, function))
}

fn show_all(_args: &mut Args<'_>) -> Result<Action> {
    action(|session| session.database(None, |database| Ok(all(database))))
}

fn show_one(args: &mut Args<'_>) -> Result<Action> {
    let name = args.name()?;
    args.options()?;
    changed(name, |_| {})
}

fn changed(name: String, change: impl FnOnce(&mut Function) + Send + 'static) -> Result<Action> {
    action(move |session| {
        session.database(None, |database| {
            let function = database.functions.get_mut(&name);
            let function = function.ok_or_else(|| missing("BadRequest_EntityNotFound", "function", &name))?;
            change(function);
            Ok(with(empty(), &name, function))
        })
    })
}

fn docstring(args: &mut Args<'_>) -> Result<Action> {
    let (name, text) = (args.name()?, args.text("the text as a string")?);
    changed(name, |function| function.docstring = text)
}

fn folder(args: &mut Args<'_>) -> Result<Action> {
    let (name, text) = (args.name()?, args.text("the folder as a string")?);
    changed(name, |function| function.folder = text)
}

/// Whether a function may, or must, be there already.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    Absent,
    /// Where it is there, nothing is done.
    AbsentOrLeft,
    Either,
    Present,
}

fn create(args: &mut Args<'_>) -> Result<Action> {
    let before = match args.flag("ifnotexists") {
        true => Before::AbsentOrLeft,
        false => Before::Absent,
    };
    put(args, before)
}

fn create_or_alter(args: &mut Args<'_>) -> Result<Action> {
    put(args, Before::Either)
}

fn alter(args: &mut Args<'_>) -> Result<Action> {
    put(args, Before::Present)
}

fn put(args: &mut Args<'_>, before: Before) -> Result<Action> {
    let options = args.options()?;
    let name = args.lexer.name();
    let name = name.ok_or_else(|| args.lexer.expected("the name of a function"))?;
    let parameters = args.lexer.parentheses();
    let parameters = parameters
        .ok_or_else(|| args.lexer.expected("parameters in parentheses"))?
        .to_owned();
    let body = args.lexer.braces();
    let body = body
        .ok_or_else(|| args.lexer.expected("the body in braces"))?
        .to_owned();
    action(move |session| {
        session.database(None, |database| {
            let known = database.functions.get(&name);
            match (known, before) {
                (Some(known), Before::AbsentOrLeft) => return Ok(with(empty(), &name, known)),
                (Some(_), Before::Absent) => return Err(exists_already("function", &name)),
                (None, Before::Present) => {
                    return Err(missing("BadRequest_EntityNotFound", "function", &name));
                }
                _ => {}
            }
            let function = described(known, parameters, body, &options);
            let answer = with(empty(), &name, &function);
            database.functions.insert(name, function);
            Ok(answer)
        })
    })
}

/// Texts that are not said stay as they are.
fn described(known: Option<&Function>, parameters: String, body: String, options: &Options) -> Function {
    let folder = || known.map(|known| known.folder.clone());
    let docstring = || known.map(|known| known.docstring.clone());
    Function {
        parameters,
        body,
        folder: options.text("folder").or_else(folder).unwrap_or_default(),
        docstring: options.text("docstring").or_else(docstring).unwrap_or_default(),
    }
}

fn drop_one(args: &mut Args<'_>) -> Result<Action> {
    let names = vec![args.name()?];
    dropped(names, args.flag("ifexists"))
}

fn drop_several(args: &mut Args<'_>) -> Result<Action> {
    let names = args.list();
    dropped(names, args.flag("ifexists"))
}

/// Drops all functions or none, and tells which are left.
fn dropped(names: Vec<String>, if_exists: bool) -> Result<Action> {
    action(move |session| {
        session.database(None, |database| {
            let absent = names.iter().find(|name| !database.functions.contains_key(*name));
            if let Some(name) = absent.filter(|_| !if_exists) {
                return Err(missing("BadRequest_EntityNotFound", "function", name));
            }
            database.functions.retain(|name, _| !names.contains(name));
            Ok(all(database))
        })
    })
}
