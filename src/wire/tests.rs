//! Tests of the whole way from a stanza to the answer.

mod forms;
mod told;
