//! How a result wants to be drawn, as the service tells it.

use serde_json::{Value as Json, json};

use crate::syntax::Visual;

/// The names of properties in a text, and in the service's answer.
const PROPERTIES: &[(&str, &str)] = &[
    ("title", "Title"),
    ("xcolumn", "XColumn"),
    ("series", "Series"),
    ("ycolumns", "YColumns"),
    ("anomalycolumns", "AnomalyColumns"),
    ("xtitle", "XTitle"),
    ("ytitle", "YTitle"),
    ("xaxis", "XAxis"),
    ("yaxis", "YAxis"),
    ("legend", "Legend"),
    ("ysplit", "YSplit"),
    ("accumulate", "Accumulate"),
    ("kind", "Kind"),
    ("ymin", "Ymin"),
    ("ymax", "Ymax"),
    ("xmin", "Xmin"),
    ("xmax", "Xmax"),
];

/// The property that the service calls `Visualization`.
pub(crate) fn property(visual: &Visual) -> Json {
    let mut property = json!({
        "Visualization": visual.kind, "Title": null, "XColumn": null, "Series": null, "YColumns": null,
        "AnomalyColumns": null, "XTitle": null, "YTitle": null, "XAxis": null, "YAxis": null, "Legend": null,
        "YSplit": null, "Accumulate": false, "IsQuerySorted": false, "Kind": null, "Ymin": "NaN", "Ymax": "NaN",
        "Xmin": null, "Xmax": null,
    });
    for (name, values) in &visual.properties {
        let Some((_, known)) = PROPERTIES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
        else {
            continue;
        };
        property[*known] = match *known {
            "Series" | "YColumns" | "AnomalyColumns" => json!(values.join(",")),
            "Accumulate" => json!(values.first().is_some_and(|value| value == "true")),
            _ => json!(values.first()),
        };
    }
    property
}
