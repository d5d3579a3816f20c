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

/// All blocks of a page, in order.
pub(crate) fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut found: Vec<Block<'_>> = Vec::new();
    let mut is_open = false;
    for (line, text) in (1..).zip(page.lines()) {
        if let Some(words) = text.strip_prefix("```") {
            is_open = !is_open;
            if is_open {
                let words = words.split([',', ' ']).collect();
                found.push(Block {
                    line,
                    words,
                    code: String::new(),
                });
            }
        } else if is_open && let Some(block) = found.last_mut() {
            block.code.push_str(text);
            block.code.push('\n');
        }
    }
    found
}
