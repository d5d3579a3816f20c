//! Pictures of boxes and arrows, from lines of text: `box ID X Y WIDTH HEIGHT CLASS | words / words`,
//! `arrow ID.side ID.side | words`, `text X Y CLASS | words`, `size WIDTH HEIGHT`, `title words`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context, Result, bail};

/// Colours by role, for light and for dark, each on a ground of its own: a book's theme need not be that of the machine.
/// Text is drawn by the reader's own fonts.
const STYLE: &str = "\
text{font:14px system-ui,sans-serif;fill:#1f2328;text-anchor:middle}.small{font-size:12px;fill:#59636e}
rect{rx:6;stroke-width:1.5}.own{fill:#ddf4ff;stroke:#0969da}.storage{fill:#fff8c5;stroke:#9a6700}
.service{fill:#fbefff;stroke:#8250df}.mark{fill:#dafbe1;stroke:#1a7f37}.plain{fill:#f6f8fa;stroke:#818b98}.ground{fill:#ffffff;stroke:none}
path{fill:none;stroke:#59636e;stroke-width:1.5}marker path{fill:#59636e;stroke:none}
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.small{fill:#9198a1}.own{fill:#0c2d6b;stroke:#4493f8}
.storage{fill:#341a00;stroke:#d29922}.service{fill:#271052;stroke:#ab7df8}.mark{fill:#033a16;stroke:#3fb950}
.plain{fill:#212830;stroke:#656c76}.ground{fill:#0d1117}path{stroke:#9198a1}marker path{fill:#9198a1}}";

/// A box, by its left upper corner and its size.
#[derive(Clone, Copy)]
struct Place {
    x: i32,
    y: i32,
    width: i32,
    height: i32,
}

impl Place {
    /// The middle of a side.
    fn side(self, side: &str) -> Result<(i32, i32)> {
        let (middle_x, middle_y) = (self.x + self.width / 2, self.y + self.height / 2);
        Ok(match side {
            "left" => (self.x, middle_y),
            "right" => (self.x + self.width, middle_y),
            "top" => (middle_x, self.y),
            "bottom" => (middle_x, self.y + self.height),
            other => bail!("a box has no side `{other}`"),
        })
    }
}

/// The picture of a text.
pub(crate) fn drawn(text: &str) -> Result<String> {
    let (mut title, mut size, mut body) = ("", (760, 300), String::new());
    let mut boxes: BTreeMap<&str, Place> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (head, words) = line.split_once('|').unwrap_or((line, ""));
        let (words, parts) = (words.trim(), head.split_whitespace().collect::<Vec<_>>());
        match parts[..] {
            ["title", ..] => title = line.trim_start_matches("title").trim(),
            ["size", width, height] => size = (number(width)?, number(height)?),
            ["box", id, x, y, width, height, class] => {
                let [x, y, width, height] = [number(x)?, number(y)?, number(width)?, number(height)?];
                let place = Place { x, y, width, height };
                boxes.insert(id, place);
                body.push_str(&boxed(place, class, words));
            }
            ["arrow", from, to] => body.push_str(&arrow(end(&boxes, from)?, end(&boxes, to)?, words)),
            ["text", x, y, class] => body.push_str(&label(number(x)?, number(y)?, class, words)),
            _ => bail!("`{line}` draws nothing"),
        }
    }
    let ground = format!(
        "<rect class=\"ground\" width=\"{}\" height=\"{}\"/>\n",
        size.0, size.1
    );
    Ok(framed(title, size, STYLE, &(ground + &body)))
}

fn number(text: &str) -> Result<i32> {
    text.parse().with_context(|| format!("`{text}` is no number"))
}

fn end(boxes: &BTreeMap<&str, Place>, text: &str) -> Result<(i32, i32)> {
    let (id, side) = text
        .split_once('.')
        .with_context(|| format!("`{text}` is no side of a box"))?;
    let place = boxes
        .get(id)
        .with_context(|| format!("there is no box `{id}` yet"))?;
    place.side(side)
}

fn boxed(place: Place, class: &str, words: &str) -> String {
    let Place { x, y, width, height } = place;
    let mut drawn =
        format!("<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>\n");
    let lines: Vec<&str> = words.split('/').map(str::trim).collect();
    let count = i32::try_from(lines.len()).unwrap_or(1);
    let first = y + height / 2 + 5 - (count - 1) * 9;
    for (line, y) in lines.iter().zip((first..).step_by(18)) {
        let class = if y == first { "" } else { "small" };
        drawn.push_str(&label(x + width / 2, y, class, line));
    }
    drawn
}

fn arrow((from_x, from_y): (i32, i32), (to_x, to_y): (i32, i32), words: &str) -> String {
    let mut drawn = format!("<path d=\"M{from_x} {from_y} L{to_x} {to_y}\" marker-end=\"url(#end)\"/>\n");
    if !words.is_empty() {
        let (x, y) = ((from_x + to_x) / 2, (from_y + to_y) / 2);
        // Beside an arrow that goes up or down, above any other.
        let beside = i32::try_from(words.len()).unwrap_or(0) * 3 + 12;
        let (x, y) = if from_x == to_x {
            (x + beside, y + 4)
        } else {
            (x, y - 6)
        };
        drawn.push_str(&label(x, y, "small", words));
    }
    drawn
}

fn label(x: i32, y: i32, class: &str, words: &str) -> String {
    let class = if class.is_empty() {
        String::new()
    } else {
        format!(" class=\"{class}\"")
    };
    format!("<text{class} x=\"{x}\" y=\"{y}\">{}</text>\n", escaped(words))
}

/// Text within a drawing.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A whole drawing, which says in words what it is.
pub(super) fn framed(title: &str, (width, height): (i32, i32), style: &str, body: &str) -> String {
    let title = escaped(title);
    let mut svg = String::new();
    let head = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\""
    );
    let written = write!(
        svg,
        "{head} role=\"img\" aria-label=\"{title}\">\n<title>{title}</title>\n<style>{style}</style>\n\
         <defs><marker id=\"end\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
         orient=\"auto\"><path d=\"M0 0 L8 4 L0 8 z\"/></marker></defs>\n{body}</svg>\n"
    );
    written.expect("text takes all");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_and_arrows_are_drawn_where_the_text_says() {
        let drawn = drawn(
            "title A & B\nsize 100 50\nbox a 0 0 10 20 own | one / two\nbox b 50 0 10 20 own | b\narrow a.right b.left | to\n",
        );
        let drawn = drawn.unwrap();
        for part in [
            "<title>A &amp; B</title>",
            "<rect class=\"own\" x=\"0\" y=\"0\" width=\"10\" height=\"20\"/>",
            "M10 10 L50 10",
            ">two</text>",
        ] {
            assert!(drawn.contains(part), "{part}: {drawn}");
        }
    }

    #[test]
    fn what_draws_nothing_is_refused() {
        for (text, why) in [
            ("circle 1 2", "draws nothing"),
            ("arrow a.left b.right |", "no box `a`"),
            ("box a 0 0 1 x own | a", "no number"),
            ("box a 0 0 1 1 own | a\narrow a.up a.left |", "no side `up`"),
        ] {
            let error = drawn(text).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
