//! What names mean that a query defines itself.

use std::rc::Rc;
use std::sync::Arc;

use crate::plan::{Expr, Plan};
use crate::syntax::Function;

/// A name, and those that were defined before it.
#[derive(Default)]
pub(super) struct Scope {
    inner: Option<(String, Binding, Rc<Self>)>,
}

/// What a name means.
pub(super) enum Binding {
    /// A scalar, and how many tables lay around where it was defined.
    Scalar(Expr, u32),
    Table(Arc<Plan>),
    /// A function, and what it sees.
    Function(Rc<Function>, Rc<Scope>),
}

impl Scope {
    /// With one name more.
    pub(super) fn with(self: &Rc<Self>, name: &str, binding: Binding) -> Rc<Self> {
        Rc::new(Self {
            inner: Some((name.to_owned(), binding, Rc::clone(self))),
        })
    }

    pub(super) fn find(&self, name: &str) -> Option<&Binding> {
        let mut scope = self;
        while let Some((known, binding, parent)) = &scope.inner {
            if known == name {
                return Some(binding);
            }
            scope = parent;
        }
        None
    }
}

/// Long chains end link by link, and not by recursion.
impl Drop for Scope {
    fn drop(&mut self) {
        let mut next = self.inner.take().map(|(.., parent)| parent);
        while let Some(scope) = next {
            next = match Rc::try_unwrap(scope) {
                Ok(mut scope) => scope.inner.take().map(|(.., parent)| parent),
                Err(_) => None,
            };
        }
    }
}
