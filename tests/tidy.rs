//! The rules of the project that a machine can check.
