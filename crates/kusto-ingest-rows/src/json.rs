//! A value as JSON on one line: dynamic cells of CSV, and whole rows.
//!
//! Where `serde_json` would lose something, this keeps it: NaN and the infinities are text and not null, bytes are
//! base64 and not an array of numbers. Raw JSON and numbers of arbitrary precision are copied as they are.

mod compound;

pub(crate) use compound::{Array, Object};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde::ser::Serializer;

use crate::number;
use crate::refusal::Refusal;

/// Appends a value as JSON text without line breaks.
pub(crate) fn write(value: &(impl Serialize + ?Sized), out: &mut Vec<u8>) -> Result<(), Refusal> {
    value.serialize(Json { out })
}

/// Writes one value to the end of a buffer.
pub(crate) struct Json<'a> {
    pub(crate) out: &'a mut Vec<u8>,
}

/// The names by which `serde_json` recognises its own number and raw value, and so do we.
const VERBATIM: &[&str] = &["$serde_json::private::Number", "$serde_json::private::RawValue"];

/// Whether a struct of this name carries JSON text instead of fields.
pub(crate) fn is_verbatim(name: &str) -> bool {
    VERBATIM.contains(&name)
}

impl<'a> Json<'a> {
    fn put(self, text: &str) -> Result<(), Refusal> {
        self.out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    /// Opens the object that serde's default gives an enum's variant with data, up to the data.
    fn variant(self, variant: &'static str) -> Result<&'a mut Vec<u8>, Refusal> {
        self.out.push(b'{');
        text(variant, self.out)?;
        self.out.push(b':');
        Ok(self.out)
    }
}

fn text(text: &str, out: &mut Vec<u8>) -> Result<(), Refusal> {
    serde_json::to_writer(out, text).map_err(|error| Refusal::new(error.to_string()))
}

macro_rules! numbers {
    ($($method:ident $type:ty),*) => {
        $(fn $method(self, value: $type) -> Result<(), Refusal> {
            number::write(value, self.out)
        })*
    };
}

impl<'a> Serializer for Json<'a> {
    type Ok = ();
    type Error = Refusal;
    type SerializeSeq = Array<'a>;
    type SerializeTuple = Array<'a>;
    type SerializeTupleStruct = Array<'a>;
    type SerializeTupleVariant = Array<'a>;
    type SerializeMap = Object<'a>;
    type SerializeStruct = Object<'a>;
    type SerializeStructVariant = Object<'a>;

    numbers! {
        serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64, serialize_i128 i128,
        serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64, serialize_u128 u128
    }

    fn serialize_bool(self, value: bool) -> Result<(), Refusal> {
        self.put(if value { "true" } else { "false" })
    }

    fn serialize_f32(self, value: f32) -> Result<(), Refusal> {
        match number::name_of(value.into()) {
            Some(name) => text(name, self.out),
            None => number::write(value, self.out),
        }
    }

    fn serialize_f64(self, value: f64) -> Result<(), Refusal> {
        match number::name_of(value) {
            Some(name) => text(name, self.out),
            None => number::write(value, self.out),
        }
    }

    fn serialize_char(self, value: char) -> Result<(), Refusal> {
        text(value.encode_utf8(&mut [0; 4]), self.out)
    }

    fn serialize_str(self, value: &str) -> Result<(), Refusal> {
        text(value, self.out)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Refusal> {
        text(&STANDARD.encode(value), self.out)
    }

    fn serialize_none(self) -> Result<(), Refusal> {
        self.put("null")
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Refusal> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Refusal> {
        self.put("null")
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Refusal> {
        self.put("null")
    }

    fn serialize_unit_variant(self, _: &str, _: u32, variant: &str) -> Result<(), Refusal> {
        text(variant, self.out)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Refusal> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Refusal> {
        let out = self.variant(variant)?;
        write(value, out).map_err(|refusal| refusal.within(variant))?;
        out.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Array<'a>, Refusal> {
        Ok(Array::open(self.out, "]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Array<'a>, Refusal> {
        Ok(Array::open(self.out, "]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Array<'a>, Refusal> {
        Ok(Array::open(self.out, "]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Array<'a>, Refusal> {
        Ok(Array::open(self.variant(variant)?, "]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Object<'a>, Refusal> {
        Ok(Object::open(self.out, "}"))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Object<'a>, Refusal> {
        if is_verbatim(name) {
            return Ok(Object::verbatim(self.out));
        }
        Ok(Object::open(self.out, "}"))
    }

    fn serialize_struct_variant(
        self,
        _: &str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Object<'a>, Refusal> {
        Ok(Object::open(self.variant(variant)?, "}}"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn json(value: impl Serialize) -> String {
        let mut out = Vec::new();
        match write(&value, &mut out) {
            Ok(()) => String::from_utf8(out).unwrap(),
            Err(refusal) => refusal.to_string(),
        }
    }

    #[derive(Serialize)]
    enum Shape {
        Unit,
        New(u8),
        Pair(u8, u8),
        Named { a: u8 },
    }

    #[test]
    fn values_are_written_as_serde_json_does() {
        assert_eq!(
            json((1, -2.5, true, "a\"\n", 'x', None::<u8>, ())),
            r#"[1,-2.5,true,"a\"\n","x",null,null]"#
        );
        assert_eq!(
            json([
                Shape::Unit,
                Shape::New(1),
                Shape::Pair(1, 2),
                Shape::Named { a: 3 }
            ]),
            r#"["Unit",{"New":1},{"Pair":[1,2]},{"Named":{"a":3}}]"#
        );
        assert_eq!(json(BTreeMap::from([(1, "x"), (2, "y")])), r#"{"1":"x","2":"y"}"#);
        assert_eq!(json(Vec::<u8>::new()), "[]");
        assert_eq!(
            json(BTreeMap::from([((1, 2), "x")])),
            "the key of a map must be text"
        );
    }

    #[test]
    fn numbers_stay_exact_and_what_is_no_number_is_text() {
        assert_eq!(
            json((u64::MAX, i128::MIN, 0.1_f32, 1.0)),
            format!("[{},{},0.1,1.0]", u64::MAX, i128::MIN)
        );
        assert_eq!(
            json((f64::NAN, f64::INFINITY, f32::NEG_INFINITY)),
            r#"["NaN","Infinity","-Infinity"]"#
        );
    }

    #[test]
    fn raw_json_is_copied_onto_one_line() {
        let raw: &serde_json::value::RawValue =
            serde_json::from_str("{\"a\":\r\n 1.000000000000000000001 }").unwrap();
        assert_eq!(json([raw]), r#"[{"a":   1.000000000000000000001 }]"#);
    }
}
