//! The key of a map, or other text, taken out of the value that carries it.

use serde::Serialize;
use serde::ser::{Impossible, Serializer};

use crate::refusal::Refusal;

/// The text of a key. Numbers and booleans are keys too, as `serde_json` has it.
pub(crate) fn text(key: &(impl Serialize + ?Sized)) -> Result<String, Refusal> {
    key.serialize(KeyText)
}

struct KeyText;

type Never = Impossible<String, Refusal>;

fn no_key<T>() -> Result<T, Refusal> {
    Err(Refusal::new("the key of a map must be text"))
}

macro_rules! as_displayed {
    ($($method:ident $type:ty),*) => {
        $(fn $method(self, value: $type) -> Result<String, Refusal> {
            Ok(value.to_string())
        })*
    };
}

impl Serializer for KeyText {
    type Ok = String;
    type Error = Refusal;
    type SerializeSeq = Never;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStruct = Never;
    type SerializeStructVariant = Never;

    as_displayed! {
        serialize_bool bool, serialize_char char, serialize_str &str,
        serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64, serialize_i128 i128,
        serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64, serialize_u128 u128
    }

    fn serialize_f32(self, _: f32) -> Result<String, Refusal> {
        no_key()
    }

    fn serialize_f64(self, _: f64) -> Result<String, Refusal> {
        no_key()
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<String, Refusal> {
        no_key()
    }

    fn serialize_none(self) -> Result<String, Refusal> {
        no_key()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<String, Refusal> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<String, Refusal> {
        no_key()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<String, Refusal> {
        no_key()
    }

    fn serialize_unit_variant(self, _: &str, _: u32, variant: &str) -> Result<String, Refusal> {
        Ok(variant.to_owned())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<String, Refusal> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &str,
        _: u32,
        _: &str,
        _: &T,
    ) -> Result<String, Refusal> {
        no_key()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Never, Refusal> {
        no_key()
    }

    fn serialize_tuple(self, _: usize) -> Result<Never, Refusal> {
        no_key()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Never, Refusal> {
        no_key()
    }

    fn serialize_tuple_variant(self, _: &str, _: u32, _: &str, _: usize) -> Result<Never, Refusal> {
        no_key()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Never, Refusal> {
        no_key()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Never, Refusal> {
        no_key()
    }

    fn serialize_struct_variant(self, _: &str, _: u32, _: &str, _: usize) -> Result<Never, Refusal> {
        no_key()
    }
}
