//! The hash map that a language runtime would otherwise have to write for itself.
#![no_std]
