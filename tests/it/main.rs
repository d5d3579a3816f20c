//! Whole walks, one module a way in.
