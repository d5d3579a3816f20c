//! Pictures of a terminal, from what it showed: lines that begin with `$ ` are typed, one that begins with `# ` is the title.

use super::picture::{escaped, framed};

const STYLE: &str = "\
text{font:13px ui-monospace,Menlo,Consolas,monospace;fill:#1f2328;}.typed{font-weight:700}
rect{rx:8;fill:#f6f8fa;stroke:#d1d9e0}
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}rect{fill:#151b23;stroke:#3d444d}}";

const LINE: i32 = 19;
const LETTER: i32 = 8;

/// The picture of what a terminal showed.
pub(super) fn drawn(text: &str) -> String {
    let title = text
        .lines()
        .find_map(|line| line.strip_prefix("# "))
        .unwrap_or_default();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("# ")).collect();
    let longest = lines
        .iter()
        .map(|line| line.chars().count())
        .max()
        .unwrap_or_default();
    let size = |count: usize, unit: i32| i32::try_from(count).unwrap_or(0) * unit + 28;
    let (width, height) = (size(longest, LETTER), size(lines.len(), LINE));
    let mut body = format!(
        "<rect x=\"1\" y=\"1\" width=\"{}\" height=\"{}\"/>\n",
        width - 2,
        height - 2
    );
    for (line, y) in lines
        .iter()
        .zip((28..).step_by(usize::try_from(LINE).unwrap_or(1)))
    {
        let class = if line.starts_with("$ ") {
            " class=\"typed\""
        } else {
            ""
        };
        body.push_str(&format!(
            "<text{class} xml:space=\"preserve\" x=\"14\" y=\"{y}\">{}</text>\n",
            escaped(line)
        ));
    }
    framed(title, (width, height), STYLE, &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_stands_out() {
        let drawn = drawn("# A run\n$ ls <x>\na\n");
        assert!(
            drawn.contains(
                "<text class=\"typed\" xml:space=\"preserve\" x=\"14\" y=\"28\">$ ls &lt;x&gt;</text>"
            ),
            "{drawn}"
        );
        assert!(
            drawn.contains("<text xml:space=\"preserve\" x=\"14\" y=\"47\">a</text>"),
            "{drawn}"
        );
        assert!(drawn.contains("<title>A run</title>"), "{drawn}");
    }
}
