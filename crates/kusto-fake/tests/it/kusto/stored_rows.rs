//! What holds for any rows: they stay as they were decoded, however they came.

use kusto_ingest_core::DataFormat;
use kusto_ingest_decode::{DecodeOptions, Row, Schema, decode};
use proptest::collection::vec;
use proptest::prelude::*;

use super::world::World;

const EVERY_TYPE: &str =
    "b:bool,i:int,l:long,r:real,d:decimal,t:datetime,s:timespan,u:guid,x:string,j:dynamic";

/// A line of ten fields, some of which are what their columns hold.
fn line() -> impl Strategy<Value = String> {
    let field = prop_oneof![
        Just(String::new()),
        "-?[0-9]{1,20}(\\.[0-9]{1,20})?",
        "[a-z]{1,5}|true|false",
        Just("2012-01-01T01:02:03.4567891Z".to_owned()),
        Just("74be27de-1e4e-49d9-b579-fe0b331d3642".to_owned()),
        Just("[1,{\"z\":null,\"a\":1}]".to_owned()),
    ];
    vec(field, 10).prop_map(|fields| fields.join("|") + "\n")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn rows_of_many_sources_are_those_that_were_decoded(sources in vec(vec(line(), 1..40), 1..8)) {
        let world = World::new(EVERY_TYPE);
        let schema: Schema = EVERY_TYPE.parse().expect("it is a schema");
        let options = DecodeOptions::new(DataFormat::Psv);
        let mut expected: Vec<Row> = Vec::new();
        let mut noted = 0;
        for (number, lines) in sources.iter().enumerate() {
            let body = lines.concat();
            if let Ok(decoded) = decode(body.as_bytes(), &options, &schema) {
                expected.extend(decoded.rows);
                noted += decoded.warning_count;
            }
            world.ingest(&world.blob(&format!("{number}.psv"), body), &world.properties());
        }
        prop_assert_eq!(world.kusto.row_count(&world.database, &world.table), expected.len() as u64);
        prop_assert_eq!(world.kusto.rows(&world.database, &world.table), expected);
        let told: u64 = world.kusto.notes().iter().map(|note| note.values_changed + note.records_left_out).sum();
        prop_assert_eq!(told, noted, "nothing is dropped in silence");
    }
}
