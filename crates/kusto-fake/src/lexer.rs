//! Reads a command or query word by word: names, literals, parentheses.

use kusto_ingest_core::{Error, ErrorKind, Result};

/// What is left of a text to read. It borrows the text and quotes none of it in errors, which may hold secrets.
#[derive(Clone, Copy)]
pub(crate) struct Lexer<'a> {
    text: &'a str,
    rest: &'a str,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let mut lexer = Self { text, rest: text };
        lexer.skip_blanks();
        lexer
    }

    /// Takes a mark, such as a parenthesis.
    pub(crate) fn mark(&mut self, mark: char) -> bool {
        let found = self.rest.starts_with(mark);
        if found {
            self.take(mark.len_utf8());
        }
        found
    }

    /// Takes a keyword in any case.
    pub(crate) fn keyword(&mut self, wanted: &str) -> bool {
        let length = length_while(self.rest, |letter| {
            letter.is_ascii_alphanumeric() || "-_".contains(letter)
        });
        let found = self.rest[..length].eq_ignore_ascii_case(wanted);
        if found {
            self.take(length);
        }
        found
    }

    /// Takes several keywords, or none of them.
    pub(crate) fn keywords(&mut self, wanted: &[&str]) -> bool {
        let before = self.rest;
        let found = wanted.iter().all(|word| self.keyword(word));
        if !found {
            self.rest = before;
        }
        found
    }

    /// Takes any keyword.
    pub(crate) fn any_keyword(&mut self) -> &'a str {
        let length = length_while(self.rest, |letter| {
            letter.is_ascii_alphanumeric() || letter == '-'
        });
        self.take(length)
    }

    /// Takes the name of an entity: bare, or a literal with or without brackets.
    pub(crate) fn name(&mut self) -> Option<String> {
        let before = self.rest;
        let bracketed = self.mark('[');
        if let Some(name) = self.literal() {
            if !bracketed || self.mark(']') {
                return Some(name);
            }
        } else if !bracketed {
            let length = length_while(self.rest, |letter| letter.is_alphanumeric() || letter == '_');
            return (length > 0).then(|| self.take(length).to_owned());
        }
        self.rest = before;
        None
    }

    /// Takes a name, and those that follow it behind dots: `database.table`.
    pub(crate) fn path(&mut self) -> Option<Vec<String>> {
        let before = *self;
        let mut path = vec![self.name()?];
        while self.mark('.') {
            match self.name() {
                Some(name) => path.push(name),
                None => {
                    *self = before;
                    return None;
                }
            }
        }
        Some(path)
    }

    /// Takes names in parentheses, between commas.
    pub(crate) fn names(&mut self) -> Option<Vec<String>> {
        let before = *self;
        let mut names = Vec::new();
        if self.mark('(') {
            while let Some(name) = self.name() {
                names.push(name);
                if !self.mark(',') {
                    break;
                }
            }
            if self.mark(')') {
                return Some(names);
            }
        }
        *self = before;
        None
    }

    /// Takes the name of a table, which must stand here.
    pub(crate) fn table_name(&mut self) -> Result<String> {
        self.name().ok_or_else(|| self.expected("the name of a table"))
    }

    /// Takes a string literal, and those that follow it directly: they are one.
    pub(crate) fn string(&mut self) -> Option<String> {
        let mut text = self.literal()?;
        while let Some(more) = self.literal() {
            text.push_str(&more);
        }
        Some(text)
    }

    /// Takes what stands in parentheses, parentheses included.
    pub(crate) fn parentheses(&mut self) -> Option<&'a str> {
        let before = self.rest;
        let mut depth = 0_usize;
        while before.starts_with('(') && !self.rest.is_empty() {
            if self.literal().is_some() {
                continue;
            }
            if self.mark('(') {
                depth += 1;
            } else if self.mark(')') {
                depth = depth.checked_sub(1)?;
            } else {
                self.take(self.rest.chars().next().map_or(0, char::len_utf8));
            }
            if depth == 0 {
                return Some(before[..before.len() - self.rest.len()].trim_end());
            }
        }
        self.rest = before;
        None
    }

    /// Takes what stands in braces, braces included. Braces in literals and comments are none.
    pub(crate) fn braces(&mut self) -> Option<&'a str> {
        let before = *self;
        let mut depth = 0_usize;
        while before.rest.starts_with('{') && !self.rest.is_empty() {
            if self.literal().is_some() {
                continue;
            }
            if self.mark('{') {
                depth += 1;
            } else if self.mark('}') {
                depth = depth.checked_sub(1)?;
            } else {
                self.take(self.rest.chars().next().map_or(0, char::len_utf8));
            }
            if depth == 0 {
                return Some(before.rest[..before.rest.len() - self.rest.len()].trim_end());
            }
        }
        *self = before;
        None
    }

    /// Takes everything up to a semicolon that stands in no literal, and the semicolon.
    pub(crate) fn statement(&mut self) -> &'a str {
        let before = self.rest;
        while !self.rest.is_empty() {
            if self.literal().is_some() {
                continue;
            }
            let end = before.len() - self.rest.len();
            if self.mark(';') {
                return &before[..end];
            }
            self.take(self.rest.chars().next().map_or(0, char::len_utf8));
        }
        before
    }

    /// All that is left.
    pub(crate) fn rest(&self) -> &'a str {
        self.rest
    }

    /// How much of the text is taken, in bytes.
    pub(crate) fn place(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    /// Takes what stands between two brackets; literals in it are none.
    pub(crate) fn brackets(&mut self) -> Option<&'a str> {
        let (inner, _) = self.rest.strip_prefix('[')?.split_once(']')?;
        self.take(inner.len() + 2);
        Some(inner)
    }

    /// Takes all that follows `<|` and the end of its line, as it is.
    pub(crate) fn data(&mut self) -> Option<&'a str> {
        let data = self.rest.strip_prefix("<|")?;
        self.rest = "";
        Some(
            data.strip_prefix("\r\n")
                .or_else(|| data.strip_prefix('\n'))
                .unwrap_or(data),
        )
    }

    /// Takes what stands before the next blank, comma, bar or closing parenthesis.
    pub(crate) fn scalar(&mut self) -> &'a str {
        let length = length_while(self.rest, |letter| {
            !letter.is_whitespace() && !",|;)".contains(letter)
        });
        self.take(length)
    }

    /// The word that comes next, which is not taken.
    pub(crate) fn peek_word(&self) -> &'a str {
        let length = length_while(self.rest, |letter| {
            letter.is_ascii_alphanumeric() || "-_".contains(letter)
        });
        &self.rest[..length]
    }

    /// Whether this mark comes next.
    pub(crate) fn is_at(&self, mark: char) -> bool {
        self.rest.starts_with(mark)
    }

    /// Checks that nothing is left, or a semicolon, which is taken.
    ///
    /// # Errors
    /// `BadRequest_SyntaxError`.
    pub(crate) fn end_of_statement(&mut self) -> Result<()> {
        if self.mark(';') || self.rest.is_empty() {
            return Ok(());
        }
        Err(self.expected("the end"))
    }

    /// The error for what is not what it should be.
    pub(crate) fn expected(&self, what: &str) -> Error {
        let place = self.text.len() - self.rest.len() + 1;
        Error::new(ErrorKind::Rejected, "read the request")
            .because(format!("Syntax error: at letter {place}: expected {what}"))
            .with_code("BadRequest_SyntaxError")
            .with_http_status(400)
            .with_permanence(true)
    }

    /// Takes one string literal: quoted, verbatim behind `@`, hidden behind `h`, or between three backticks.
    fn literal(&mut self) -> Option<String> {
        let hidden = self.rest.strip_prefix(['h', 'H']).unwrap_or(self.rest);
        let plain = hidden.strip_prefix('@').unwrap_or(hidden);
        let (text, after) = if let Some(inner) = hidden.strip_prefix("```") {
            let end = inner.find("```")?;
            (inner[..end].to_owned(), &inner[end + 3..])
        } else {
            let quote = plain.chars().next().filter(|quote| "'\"".contains(*quote))?;
            quoted(&plain[1..], quote, plain.len() < hidden.len())?
        };
        self.rest = after;
        self.skip_blanks();
        Some(text)
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        self.skip_blanks();
        taken
    }

    /// Skips blanks, and comments up to the ends of their lines.
    fn skip_blanks(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            if !self.rest.starts_with("//") {
                return;
            }
            self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
        }
    }
}

fn length_while(text: &str, fits: impl Fn(char) -> bool) -> usize {
    text.find(|letter| !fits(letter)).unwrap_or(text.len())
}

/// What stands before the closing quote, and what follows the quote.
fn quoted(text: &str, quote: char, verbatim: bool) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = text.char_indices().peekable();
    while let Some((place, letter)) = letters.next() {
        match letter {
            '\\' if !verbatim => value.push(escaped(&mut letters)?),
            _ if letter != quote => value.push(letter),
            _ if verbatim && letters.next_if(|(_, next)| *next == quote).is_some() => value.push(quote),
            _ => return Some((value, &text[place + 1..])),
        }
    }
    None
}

fn escaped(letters: &mut impl Iterator<Item = (usize, char)>) -> Option<char> {
    match letters.next()?.1 {
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        '0' => Some('\0'),
        'u' => {
            let digits: String = letters.take(4).map(|(_, digit)| digit).collect();
            char::from_u32(u32::from_str_radix(&digits, 16).ok()?)
        }
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_bare_quoted_and_bracketed() {
        for (text, name, rest) in [
            ("T | count", Some("T"), "| count"),
            ("['a b'](x)", Some("a b"), "(x)"),
            ("[ \"it's\" ] x", Some("it's"), "x"),
            ("'a\\'b' x", Some("a'b"), "x"),
            ("['open' x", None, "['open' x"),
            ("| x", None, "| x"),
        ] {
            let mut lexer = Lexer::new(text);
            assert_eq!((lexer.name().as_deref(), lexer.rest), (name, rest), "{text}");
        }
    }

    #[test]
    fn string_literals_of_every_kind_are_read_and_joined() {
        for (text, value) in [
            (r#""a\"b\\c\n""#, Some("a\"b\\c\n")),
            (r#"@"c:\d""e""#, Some("c:\\d\"e")),
            ("h'secret'", Some("secret")),
            ("h@'se\\cret'", Some("se\\cret")),
            ("```[{\"a\":'b'}]```", Some("[{\"a\":'b'}]")),
            ("'[' // begin\n ']'", Some("[]")),
            ("'\\u00e9'", Some("é")),
            ("'open", None),
            ("bare", None),
        ] {
            assert_eq!(Lexer::new(text).string().as_deref(), value, "{text}");
        }
    }

    #[test]
    fn parentheses_end_where_they_close_and_quotes_hide_them() {
        let mut lexer = Lexer::new("(a:string, ['b)']:long) with (x)");
        assert_eq!(lexer.parentheses(), Some("(a:string, ['b)']:long)"));
        assert!(lexer.keyword("with"));
        assert_eq!(Lexer::new("(a").parentheses(), None);
        assert_eq!(Lexer::new("a)").parentheses(), None);
    }
}
