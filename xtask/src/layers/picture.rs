//! The picture of the layers: a row of crates for each floor, the highest first, as the manifests say.

use super::HIGHEST_LOGIC_FLOOR;
use super::diagram::NAMES;
use crate::docs::picture;
use crate::workspace::Package;

const ROW: i32 = 62;
const WIDTH: i32 = 960;

/// The picture of all published crates.
pub(super) fn drawn(packages: &[Package]) -> String {
    let mut text = String::from("title The layers\n");
    let mut y = 14;
    for (floor, name) in (0..).zip(NAMES).collect::<Vec<(u64, _)>>().into_iter().rev() {
        let crates: Vec<&str> = packages
            .iter()
            .filter(|package| package.published && package.floor == Some(floor))
            .map(|package| package.name.as_str())
            .collect();
        if floor == HIGHEST_LOGIC_FLOOR {
            text.push_str(&format!(
                "text {} {} small | no network, no runtime below\n",
                WIDTH / 2,
                y + 12
            ));
            y += 24;
        }
        text.push_str(&format!("text 66 {} small | {floor} {name}\n", y + 28));
        let class = if floor > HIGHEST_LOGIC_FLOOR {
            "service"
        } else {
            "own"
        };
        let room = (WIDTH - 140) / i32::try_from(crates.len().max(1)).unwrap_or(1);
        for (name, x) in crates
            .iter()
            .zip((130..).step_by(usize::try_from(room).unwrap_or(1)))
        {
            let shown = name
                .strip_prefix("kusto-ingest-")
                .or_else(|| name.strip_prefix("kusto-"))
                .filter(|shown| *shown != "ingest")
                .unwrap_or(name);
            text.push_str(&format!(
                "box {name} {x} {y} {} 46 {class} | {shown}\n",
                room - 10
            ));
        }
        y += ROW;
    }
    text.push_str(&format!("size {WIDTH} {y}\n"));
    picture::drawn(&text).unwrap_or_else(|error| unreachable!("its own text can be drawn: {error}"))
}
