//! Rows whose cells come in order, and rows whose cells come by name.

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, SerializeTupleStruct};

use super::layout::ColumnFinder;
use super::{Layout, RowDraft};
use crate::map_key;
use crate::refusal::Refusal;

/// A row whose cells come in order.
pub(super) struct PositionalRow<'a> {
    layout: &'a Layout,
    draft: &'a mut RowDraft,
}

impl<'a> PositionalRow<'a> {
    pub(super) fn new(layout: &'a Layout, draft: &'a mut RowDraft) -> Self {
        Self { layout, draft }
    }

    fn push(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), Refusal> {
        let draft = &mut *self.draft;
        let cell = draft
            .cell(value)
            .map_err(|refusal| refusal.within(&(draft.cells.len() + 1).to_string()))?;
        draft.cells.push(Some(cell));
        Ok(())
    }

    fn finish(self) -> Result<Option<Layout>, Refusal> {
        self.layout.check_width(self.draft.cells.len())
    }
}

/// A row whose cells come by name.
pub(super) struct NamedRow<'a> {
    draft: &'a mut RowDraft,
    names: Names,
    key: String,
}

enum Names {
    /// The first row: what comes makes the columns.
    Collected(Vec<String>),
    /// Any other row: what comes must have a column.
    Known(ColumnFinder),
}

impl<'a> NamedRow<'a> {
    pub(super) fn new(layout: &Layout, draft: &'a mut RowDraft) -> Result<Self, Refusal> {
        let names = match layout {
            Layout::Unknown => Names::Collected(Vec::new()),
            Layout::Named(columns) => {
                draft.cells.resize(columns.len(), None);
                Names::Known(ColumnFinder::new(columns.clone()))
            }
            Layout::Width(_) => {
                return Err(Refusal::new(
                    "its fields have names, and those of the first row had none",
                ));
            }
        };
        Ok(Self {
            draft,
            names,
            key: String::new(),
        })
    }

    fn field(&mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Result<(), Refusal> {
        let place = self.place(name)?;
        let cell = self.draft.cell(value).map_err(|refusal| refusal.within(name))?;
        self.draft.cells[place] = Some(cell);
        Ok(())
    }

    /// Where the cell of a field goes.
    fn place(&mut self, name: &str) -> Result<usize, Refusal> {
        let place = match &mut self.names {
            Names::Collected(names) if names.iter().any(|known| known == name) => None,
            Names::Collected(names) => {
                names.push(name.to_owned());
                self.draft.cells.push(None);
                Some(names.len() - 1)
            }
            Names::Known(finder) => {
                let place = finder
                    .position(name)
                    .ok_or_else(|| unknown(name, &finder.columns))?;
                Some(place).filter(|place| self.draft.cells[*place].is_none())
            }
        };
        place.ok_or_else(|| Refusal::new(format!("it has the field {name:?} twice")))
    }

    /// A field that serde leaves out still has its column.
    fn skip(&mut self, name: &str) -> Result<(), Refusal> {
        match &self.names {
            Names::Collected(_) => self.place(name).map(drop),
            Names::Known(_) => Ok(()),
        }
    }

    fn finish(self) -> Result<Option<Layout>, Refusal> {
        match self.names {
            Names::Collected(names) if names.is_empty() => Err(Refusal::new("it has no cells")),
            Names::Collected(names) => Ok(Some(Layout::Named(names.into()))),
            Names::Known(_) => Ok(None),
        }
    }
}

fn unknown(name: &str, columns: &[String]) -> Refusal {
    Refusal::new(format!(
        "its field {name:?} is none of the columns {}",
        columns.join(", ")
    ))
}

macro_rules! positions_through {
    ($($trait:ident $method:ident),*) => {
        $(impl $trait for PositionalRow<'_> {
            type Ok = Option<Layout>;
            type Error = Refusal;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refusal> {
                self.push(value)
            }

            fn end(self) -> Result<Option<Layout>, Refusal> {
                self.finish()
            }
        })*
    };
}

positions_through! {
    SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleStruct serialize_field
}

impl SerializeStruct for NamedRow<'_> {
    type Ok = Option<Layout>;
    type Error = Refusal;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Refusal> {
        self.field(name, value)
    }

    fn skip_field(&mut self, name: &'static str) -> Result<(), Refusal> {
        self.skip(name)
    }

    fn end(self) -> Result<Option<Layout>, Refusal> {
        self.finish()
    }
}

impl SerializeMap for NamedRow<'_> {
    type Ok = Option<Layout>;
    type Error = Refusal;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Refusal> {
        self.key = map_key::text(key)?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refusal> {
        let name = std::mem::take(&mut self.key);
        self.field(&name, value)
    }

    fn end(self) -> Result<Option<Layout>, Refusal> {
        self.finish()
    }
}
