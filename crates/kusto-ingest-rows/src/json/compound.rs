//! Arrays and objects of JSON, opened, filled and closed.

use serde::Serialize;
use serde::ser::{
    SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};

use super::{text, write};
use crate::map_key;
use crate::refusal::Refusal;

/// An array that is being written.
pub(crate) struct Array<'a> {
    out: &'a mut Vec<u8>,
    is_empty: bool,
    end: &'static str,
}

impl<'a> Array<'a> {
    pub(super) fn open(out: &'a mut Vec<u8>, end: &'static str) -> Self {
        out.push(b'[');
        Self {
            out,
            is_empty: true,
            end,
        }
    }

    pub(crate) fn push(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), Refusal> {
        if !std::mem::replace(&mut self.is_empty, false) {
            self.out.push(b',');
        }
        write(value, self.out)
    }

    /// Closes it, and gives the buffer back.
    pub(crate) fn close(self) -> &'a mut Vec<u8> {
        self.out.extend_from_slice(self.end.as_bytes());
        self.out
    }
}

/// An object that is being written; or the one text that stands for the whole value.
pub(crate) struct Object<'a> {
    out: &'a mut Vec<u8>,
    is_empty: bool,
    is_verbatim: bool,
    end: &'static str,
    key: String,
}

impl<'a> Object<'a> {
    pub(super) fn open(out: &'a mut Vec<u8>, end: &'static str) -> Self {
        out.push(b'{');
        Self {
            out,
            is_empty: true,
            is_verbatim: false,
            end,
            key: String::new(),
        }
    }

    pub(super) fn verbatim(out: &'a mut Vec<u8>) -> Self {
        Self {
            out,
            is_empty: true,
            is_verbatim: true,
            end: "",
            key: String::new(),
        }
    }

    pub(crate) fn field(&mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Result<(), Refusal> {
        if self.is_verbatim {
            return self.copy(value);
        }
        if !std::mem::replace(&mut self.is_empty, false) {
            self.out.push(b',');
        }
        text(name, self.out)?;
        self.out.push(b':');
        write(value, self.out).map_err(|refusal| refusal.within(name))
    }

    /// Copies text that is JSON already. Valid JSON has line breaks only where a blank does as well.
    fn copy(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), Refusal> {
        let json = map_key::text(value)?;
        let on_one_line = json.bytes().map(|byte| match byte {
            b'\n' | b'\r' => b' ',
            other => other,
        });
        self.out.extend(on_one_line);
        Ok(())
    }

    pub(crate) fn key(&mut self, key: &(impl Serialize + ?Sized)) -> Result<(), Refusal> {
        self.key = map_key::text(key)?;
        Ok(())
    }

    pub(crate) fn value(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), Refusal> {
        let key = std::mem::take(&mut self.key);
        self.field(&key, value)
    }

    /// Closes it, and gives the buffer back.
    pub(crate) fn close(self) -> &'a mut Vec<u8> {
        self.out.extend_from_slice(self.end.as_bytes());
        self.out
    }
}

macro_rules! array_through {
    ($($trait:ident $method:ident),*) => {
        $(impl $trait for Array<'_> {
            type Ok = ();
            type Error = Refusal;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refusal> {
                self.push(value)
            }

            fn end(self) -> Result<(), Refusal> {
                self.close();
                Ok(())
            }
        })*
    };
}

array_through! {
    SerializeSeq serialize_element, SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field, SerializeTupleVariant serialize_field
}

macro_rules! object_through {
    ($($trait:ident),*) => {
        $(impl $trait for Object<'_> {
            type Ok = ();
            type Error = Refusal;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Refusal> {
                self.field(name, value)
            }

            fn end(self) -> Result<(), Refusal> {
                self.close();
                Ok(())
            }
        })*
    };
}

object_through!(SerializeStruct, SerializeStructVariant);

impl SerializeMap for Object<'_> {
    type Ok = ();
    type Error = Refusal;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Refusal> {
        self.key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refusal> {
        self.value(value)
    }

    fn end(self) -> Result<(), Refusal> {
        self.close();
        Ok(())
    }
}
