//! What a row may be: a struct, a map, a tuple or list, or one value alone.

use serde::Serialize;
use serde::ser::{Impossible, Serializer};

use super::positions::{NamedRow, PositionalRow};
use super::{Layout, RowDraft};
use crate::json;
use crate::refusal::Refusal;

/// Takes a row apart into cells. Gives the layout if the row is the first and tells it.
pub(super) struct Record<'a> {
    pub(super) layout: &'a Layout,
    pub(super) draft: &'a mut RowDraft,
}

type Fixed = Option<Layout>;
type Never = Impossible<Fixed, Refusal>;

impl Record<'_> {
    /// A row of one cell.
    fn one(self, value: impl Serialize) -> Result<Fixed, Refusal> {
        let cell = self.draft.cell(&value)?;
        self.draft.cells.push(Some(cell));
        self.layout.check_width(1)
    }
}

fn no_row<T>(what: &str) -> Result<T, Refusal> {
    Err(Refusal::new(format!("{what} is no row")))
}

macro_rules! of_one_cell {
    ($($method:ident $type:ty),*) => {
        $(fn $method(self, value: $type) -> Result<Fixed, Refusal> {
            self.one(value)
        })*
    };
}

impl<'a> Serializer for Record<'a> {
    type Ok = Fixed;
    type Error = Refusal;
    type SerializeSeq = PositionalRow<'a>;
    type SerializeTuple = PositionalRow<'a>;
    type SerializeTupleStruct = PositionalRow<'a>;
    type SerializeTupleVariant = Never;
    type SerializeMap = NamedRow<'a>;
    type SerializeStruct = NamedRow<'a>;
    type SerializeStructVariant = Never;

    of_one_cell! {
        serialize_bool bool, serialize_char char, serialize_str &str, serialize_f32 f32, serialize_f64 f64,
        serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64, serialize_i128 i128,
        serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64, serialize_u128 u128
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<Fixed, Refusal> {
        no_row("a run of bytes")
    }

    fn serialize_none(self) -> Result<Fixed, Refusal> {
        no_row("null")
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Fixed, Refusal> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Fixed, Refusal> {
        no_row("null")
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Fixed, Refusal> {
        no_row("a struct without fields")
    }

    fn serialize_unit_variant(self, _: &str, _: u32, variant: &str) -> Result<Fixed, Refusal> {
        self.one(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Fixed, Refusal> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &str,
        _: u32,
        _: &str,
        _: &T,
    ) -> Result<Fixed, Refusal> {
        no_row(TAGGED)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<PositionalRow<'a>, Refusal> {
        Ok(PositionalRow::new(self.layout, self.draft))
    }

    fn serialize_tuple(self, _: usize) -> Result<PositionalRow<'a>, Refusal> {
        Ok(PositionalRow::new(self.layout, self.draft))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<PositionalRow<'a>, Refusal> {
        Ok(PositionalRow::new(self.layout, self.draft))
    }

    fn serialize_tuple_variant(self, _: &str, _: u32, _: &str, _: usize) -> Result<Never, Refusal> {
        no_row(TAGGED)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<NamedRow<'a>, Refusal> {
        match self.layout {
            // The order of a `HashMap` is another one in every process.
            Layout::Unknown => Err(Refusal::new(
                "the keys of a map have no order that a table could rely on; list the columns, or write JSON lines",
            )),
            _ => NamedRow::new(self.layout, self.draft),
        }
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<NamedRow<'a>, Refusal> {
        if json::is_verbatim(name) {
            return no_row("raw JSON");
        }
        NamedRow::new(self.layout, self.draft)
    }

    fn serialize_struct_variant(self, _: &str, _: u32, _: &str, _: usize) -> Result<Never, Refusal> {
        no_row(TAGGED)
    }
}

const TAGGED: &str = "an enum whose variants are not tagged within";
