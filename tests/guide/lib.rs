//! The guide under test; the tests themselves are in `it/`.
