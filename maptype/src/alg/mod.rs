//! Hash and equality for the standard kinds.
