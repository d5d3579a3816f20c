//! Whole flows through every layer; the tests themselves are in `it/`.
