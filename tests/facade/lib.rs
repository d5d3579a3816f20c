//! Every seam and every layer through the facade alone; the tests themselves are in `it/`.
