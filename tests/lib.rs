//! Whole walks through every layer; the tests themselves are in `it/`.
