pub mod frame;
mod head;
mod namespace;
mod payload;
pub mod reader;
