//! `where tags has 'a' and tags !contains 'b'`: which extents are meant, by their tags.

use kusto_ingest_core::Result;

use super::args::Args;

/// What is asked of the tags of an extent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TagFilter {
    is_part: bool,
    is_wanted: bool,
    text: String,
}

/// Reads filters, where they stand.
pub(super) fn read(args: &mut Args<'_>) -> Result<Vec<TagFilter>> {
    let mut filters = Vec::new();
    if !args.lexer.keyword("where") {
        return Ok(filters);
    }
    loop {
        if !args.lexer.keyword("tags") {
            return Err(args.lexer.expected("tags"));
        }
        let is_wanted = !args.lexer.mark('!');
        let is_part = args.lexer.keyword("contains");
        if !is_part && !args.lexer.keyword("has") {
            return Err(args.lexer.expected("has, contains, !has or !contains"));
        }
        let text = args.text("a tag as a string")?;
        filters.push(TagFilter {
            is_part,
            is_wanted,
            text,
        });
        if !args.lexer.keyword("and") && !args.lexer.mark(',') {
            return Ok(filters);
        }
    }
}

impl TagFilter {
    /// Whether tags are as all filters ask.
    pub(super) fn all_fit(filters: &[Self], tags: &[String]) -> bool {
        filters.iter().all(|filter| filter.fits(tags))
    }

    fn fits(&self, tags: &[String]) -> bool {
        let fits = |tag: &String| match self.is_part {
            true => tag.to_lowercase().contains(&self.text.to_lowercase()),
            false => *tag == self.text,
        };
        tags.iter().any(fits) == self.is_wanted
    }
}
