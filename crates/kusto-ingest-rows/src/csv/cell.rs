//! One value as one cell: what Kusto reads, in quotes where it needs them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde::ser::{
    SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use crate::json::{Array, Json, Object};
use crate::number;
use crate::refusal::Refusal;

/// Appends a value as a cell: nothing for null, `""` for empty text, JSON for what has parts.
pub(super) fn write(value: &(impl Serialize + ?Sized), out: &mut Vec<u8>) -> Result<(), Refusal> {
    value.serialize(Cell { out })
}

struct Cell<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> Cell<'a> {
    fn put(self, text: &str) -> Result<(), Refusal> {
        self.out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn text(self, text: &str) -> Result<(), Refusal> {
        let start = self.out.len();
        self.out.extend_from_slice(text.as_bytes());
        if text.is_empty() || needs_quotes(text) {
            quote(self.out, start);
        }
        Ok(())
    }

    /// Writes JSON for now; quotes come when it is complete.
    fn json<C>(self, open: impl FnOnce(Json<'a>) -> Result<C, Refusal>) -> Result<Dynamic<C>, Refusal> {
        let start = self.out.len();
        open(Json { out: self.out }).map(|json| Dynamic { json, start })
    }
}

/// Cut off by readers at the very start of a file.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Whether text would be read as something else without quotes.
fn needs_quotes(text: &str) -> bool {
    text.bytes()
        .any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n'))
        || text.starts_with(|first: char| first.is_whitespace() || first == BYTE_ORDER_MARK)
        || text.ends_with(char::is_whitespace)
}

/// Puts what stands behind `start` into quotes, and doubles the quotes in it.
fn quote(out: &mut Vec<u8>, start: usize) {
    let end = out.len();
    let inner = out[start..].iter().filter(|byte| **byte == b'"').count();
    out.resize(end + inner + 2, b'"');
    // From the back, so that nothing is overwritten before it has moved; every place that stays is a quote.
    let mut to = out.len() - 1;
    for from in (start..end).rev() {
        to -= 1;
        let byte = out[from];
        out[to] = byte;
        if byte == b'"' {
            to -= 1;
            out[to] = b'"';
        }
    }
    out[start] = b'"';
}

/// The same for JSON, which neither starts nor ends with a blank.
fn quote_if_needed(out: &mut Vec<u8>, start: usize) {
    let needs = out[start..]
        .iter()
        .any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n'));
    if needs {
        quote(out, start);
    }
}

macro_rules! numbers {
    ($($method:ident $type:ty),*) => {
        $(fn $method(self, value: $type) -> Result<(), Refusal> {
            number::write(value, self.out)
        })*
    };
}

impl<'a> Serializer for Cell<'a> {
    type Ok = ();
    type Error = Refusal;
    type SerializeSeq = Dynamic<Array<'a>>;
    type SerializeTuple = Dynamic<Array<'a>>;
    type SerializeTupleStruct = Dynamic<Array<'a>>;
    type SerializeTupleVariant = Dynamic<Array<'a>>;
    type SerializeMap = Dynamic<Object<'a>>;
    type SerializeStruct = Dynamic<Object<'a>>;
    type SerializeStructVariant = Dynamic<Object<'a>>;

    numbers! {
        serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64, serialize_i128 i128,
        serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64, serialize_u128 u128
    }

    fn serialize_bool(self, value: bool) -> Result<(), Refusal> {
        self.put(if value { "true" } else { "false" })
    }

    fn serialize_f32(self, value: f32) -> Result<(), Refusal> {
        match number::name_of(value.into()) {
            Some(name) => self.put(name),
            None => number::write(value, self.out),
        }
    }

    fn serialize_f64(self, value: f64) -> Result<(), Refusal> {
        match number::name_of(value) {
            Some(name) => self.put(name),
            None => number::write(value, self.out),
        }
    }

    fn serialize_char(self, value: char) -> Result<(), Refusal> {
        self.text(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Refusal> {
        self.text(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Refusal> {
        self.text(&STANDARD.encode(value))
    }

    fn serialize_none(self) -> Result<(), Refusal> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Refusal> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Refusal> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Refusal> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &str, _: u32, variant: &str) -> Result<(), Refusal> {
        self.text(variant)
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
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Refusal> {
        let start = self.out.len();
        let json = Json { out: &mut *self.out };
        json.serialize_newtype_variant(name, index, variant, value)?;
        quote_if_needed(self.out, start);
        Ok(())
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Dynamic<Array<'a>>, Refusal> {
        self.json(|json| json.serialize_seq(len))
    }

    fn serialize_tuple(self, len: usize) -> Result<Dynamic<Array<'a>>, Refusal> {
        self.json(|json| json.serialize_tuple(len))
    }

    fn serialize_tuple_struct(self, name: &'static str, len: usize) -> Result<Dynamic<Array<'a>>, Refusal> {
        self.json(|json| json.serialize_tuple_struct(name, len))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Dynamic<Array<'a>>, Refusal> {
        self.json(|json| json.serialize_tuple_variant(name, index, variant, len))
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Dynamic<Object<'a>>, Refusal> {
        self.json(|json| json.serialize_map(len))
    }

    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Dynamic<Object<'a>>, Refusal> {
        self.json(|json| json.serialize_struct(name, len))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Dynamic<Object<'a>>, Refusal> {
        self.json(|json| json.serialize_struct_variant(name, index, variant, len))
    }
}

/// JSON that becomes a cell when it is complete.
struct Dynamic<C> {
    json: C,
    start: usize,
}

macro_rules! arrays_through {
    ($($trait:ident $method:ident),*) => {
        $(impl $trait for Dynamic<Array<'_>> {
            type Ok = ();
            type Error = Refusal;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refusal> {
                self.json.push(value)
            }

            fn end(self) -> Result<(), Refusal> {
                quote_if_needed(self.json.close(), self.start);
                Ok(())
            }
        })*
    };
}

arrays_through! {
    SerializeSeq serialize_element, SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field, SerializeTupleVariant serialize_field
}

macro_rules! objects_through {
    ($($trait:ident),*) => {
        $(impl $trait for Dynamic<Object<'_>> {
            type Ok = ();
            type Error = Refusal;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Refusal> {
                self.json.field(name, value)
            }

            fn end(self) -> Result<(), Refusal> {
                quote_if_needed(self.json.close(), self.start);
                Ok(())
            }
        })*
    };
}

objects_through!(SerializeStruct, SerializeStructVariant);

impl SerializeMap for Dynamic<Object<'_>> {
    type Ok = ();
    type Error = Refusal;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Refusal> {
        self.json.key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refusal> {
        self.json.value(value)
    }

    fn end(self) -> Result<(), Refusal> {
        quote_if_needed(self.json.close(), self.start);
        Ok(())
    }
}
