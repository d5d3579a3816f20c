//! Regular expressions that are none, and those that are too large.

use crate::world::{World, ask};

fn refused(text: &str) -> (String, String) {
    let error = ask(&World::new(), text).expect_err(text);
    let reason = error.reason().unwrap_or_default().to_owned();
    (error.code().unwrap_or_default().to_owned(), reason)
}

#[test]
fn a_pattern_that_is_none_is_an_error_before_any_row_is_looked_at() {
    for value in [
        "s matches regex '('",
        "extract('(', 0, s)",
        "extract('(', 0, s, typeof(long))",
        "extract_all('(', s)",
        "replace_regex(s, '(', '')",
        "trim('(', s)",
        "trim_start('(', s)",
        "trim_end('(', s)",
    ] {
        let (code, reason) = refused(&format!("datatable(s:string)[] | extend x = {value}"));
        assert_eq!(code, "General_BadRequest", "{value}: {reason}");
        assert_eq!(
            reason, "Semantic error: the regular expression \"(\" is none: unclosed group",
            "{value}"
        );
    }
    let (_, reason) = refused("let p = '['; print 'a' | where print_0 matches regex p");
    assert!(
        reason.contains("\"[\" is none: unclosed character class"),
        "{reason}"
    );
}

#[test]
fn a_pattern_of_a_row_that_is_none_ends_the_query() {
    for value in [
        "s matches regex p",
        "extract(p, 0, s)",
        "extract_all(p, s)",
        "replace_regex(s, p, '')",
        "countof(s, p, 'regex')",
        "trim(p, s)",
    ] {
        let text = format!("datatable(s:string, p:string)['a', 'a', 'b', '(b'] | extend x = {value}");
        let (code, reason) = refused(&text);
        assert_eq!(code, "General_BadRequest", "{value}: {reason}");
        assert!(
            reason.starts_with("Semantic error: the regular expression"),
            "{value}: {reason}"
        );
    }
    assert!(
        ask(&World::new(), "print countof('a(', '(')").is_ok(),
        "a text is no pattern"
    );
}

#[test]
fn a_pattern_that_takes_too_much_memory_is_an_error_that_says_so() {
    let long = format!("'{}'", "a".repeat(200_000));
    for pattern in ["'a{1000}{1000}'", long.as_str()] {
        let (code, reason) = refused(&format!("print 'a' matches regex {pattern}"));
        assert_eq!(code, "LimitsExceeded", "{reason:.200}");
        assert!(reason.ends_with("takes more than 10 MiB"), "{reason:.200}");
        assert!(reason.len() < 400, "a long pattern is not shown as a whole");
    }
}
