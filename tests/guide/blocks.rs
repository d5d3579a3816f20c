//! The blocks of code in a page of Markdown.

/// A block between two fences.
pub(crate) struct Block<'a> {
    /// The line of its fence, counted from 1.
    pub(crate) line: usize,
    /// What stands behind the fence: the language, and words for the tests.
    pub(crate) words: Vec<&'a str>,
    /// Its lines.
    pub(crate) code: String,
}

impl Block<'_> {
    /// Whether it is written in a language.
    pub(crate) fn is(&self, language: &str) -> bool {
        self.words.first() == Some(&language)
    }

    /// Whether a word for the tests stands behind the language.
    pub(crate) fn says(&self, word: &str) -> bool {
        self.words[1..].contains(&word)
    }
}

/// All blocks of a page, in order; those of a list without its indentation.
pub(crate) fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut found: Vec<Block<'_>> = Vec::new();
    let mut indent = None;
    for (line, text) in (1..).zip(page.lines()) {
        let begun = text.trim_start();
        match (begun.strip_prefix("```"), indent) {
            (Some(words), None) => {
                indent = Some(text.len() - begun.len());
                let words = words.split([',', ' ']).collect();
                let code = String::new();
                found.push(Block { line, words, code });
            }
            (Some(_), Some(_)) => indent = None,
            (None, Some(indent)) => {
                let block = found.last_mut().expect("it is open");
                block.code.push_str(text.get(indent..).unwrap_or_default());
                block.code.push('\n');
            }
            (None, None) => {}
        }
    }
    found
}
