//! The tables of the guide that the code writes. The last column of some is prose: it stays as the page has it.
//!
//! `GUIDE=write cargo test -p kusto-ingest-guide-tests tables` writes them anew.

mod emulator;
mod feature;
mod format;
mod keyword;
mod mapping;
mod property;
mod service;
mod status;

use std::fs;

use kusto_ingest::ErrorKind;

use crate::page::{guide, page};

pub(crate) use self::feature::features;

/// What stands in the place of prose that nobody has written yet.
const MISSING: &str = "TODO";

/// A table of a page, under a comment that names it.
struct Table {
    page: &'static str,
    name: &'static str,
    head: &'static [&'static str],
    rows: Vec<Vec<String>>,
    /// Whether there is one more column, which the page writes.
    has_prose: bool,
}

fn all() -> Vec<Table> {
    vec![
        emulator::differences(),
        emulator::commands(),
        emulator::faults(),
        emulator::routes(),
        error_kinds(),
        feature::of_the_library(),
        feature::of_the_command(),
        format::table(),
        keyword::table(),
        mapping::kinds(),
        mapping::transforms(),
        property::table(),
        service::codes(),
        status::operations(),
        status::failures(),
        status::receipts(),
    ]
}

fn error_kinds() -> Table {
    let row = |kind: ErrorKind| {
        let anchor = kind.page();
        let (_, anchor) = anchor.split_once('#').expect("it is a heading of the page");
        let again = if kind.is_permanent() {
            "permanent"
        } else {
            "transient"
        };
        vec![
            format!("[{kind}](#{anchor})"),
            format!("`{kind:?}`"),
            again.to_owned(),
        ]
    };
    Table {
        page: "errors.md",
        name: "kinds",
        head: &["kind", "`ErrorKind`", "", "in short"],
        rows: ErrorKind::all().map(row).collect(),
        has_prose: true,
    }
}

fn yes(is: bool) -> String {
    if is { "yes" } else { "" }.to_owned()
}

impl Table {
    /// The lines of the table, with the prose of the one that is there.
    fn written(&self, old: &str) -> String {
        let width = self.head.len();
        let mut text = format!("| {} |\n|{}\n", self.head.join(" | "), "---|".repeat(width));
        for row in &self.rows {
            let mut cells = row.clone();
            if self.has_prose {
                let start = format!("| {} |", row[0]);
                let line = old.lines().find(|line| line.starts_with(&start));
                let prose = line.and_then(|line| line.trim_end_matches('|').rsplit('|').next());
                cells.push(prose.map_or(MISSING, str::trim).to_owned());
            }
            assert_eq!(cells.len(), width, "{}: {cells:?}", self.name);
            text.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
        text
    }

    /// The page as it should be.
    fn renewed(&self, page: &str) -> String {
        let mark = format!("<!-- table: {} -->\n\n", self.name);
        let Some((before, rest)) = page.split_once(&mark) else {
            panic!("{} has no table {}", self.page, self.name);
        };
        if !rest.starts_with('|') {
            return format!("{before}{mark}{}\n{rest}", self.written(""));
        }
        let end = rest.find("\n\n").map_or(rest.len(), |at| at + 1);
        let (old, after) = rest.split_at(end);
        format!("{before}{mark}{}{after}", self.written(old))
    }
}

#[test]
fn tables_say_what_the_code_says() {
    let is_to_be_written = std::env::var_os("GUIDE").is_some_and(|it| it == "write");
    for table in all() {
        let old = page(table.page);
        let new = table.renewed(&old);
        if is_to_be_written && new != old {
            fs::write(guide().join(table.page), &new).expect("it can be written");
        } else {
            assert_eq!(
                old, new,
                "{}, table {}: GUIDE=write writes it anew",
                table.page, table.name
            );
        }
        assert!(
            !new.contains(MISSING),
            "{}, table {}: prose is missing",
            table.page,
            table.name
        );
    }
}

#[test]
fn a_table_is_written_anew_and_keeps_its_prose() {
    let table = Table {
        page: "x.md",
        name: "t",
        head: &["a", "b", "c"],
        rows: vec![
            vec!["1".to_owned(), "new".to_owned()],
            vec!["2".to_owned(), "y".to_owned()],
        ],
        has_prose: true,
    };
    let old = "# X\n\n<!-- table: t -->\n\n| a | b | c |\n|---|---|---|\n| 1 | old | one |\n| 3 | z | three |\n\nEnd.\n";
    let new = "# X\n\n<!-- table: t -->\n\n| a | b | c |\n|---|---|---|\n| 1 | new | one |\n| 2 | y | TODO |\n\nEnd.\n";
    assert_eq!(table.renewed(old), new);
    assert!(
        table
            .renewed("<!-- table: t -->\n\nEnd.\n")
            .ends_with("| TODO |\n\nEnd.\n")
    );
}
