//! Lists the numbered files of `schema/`, so that a new one has to be named nowhere.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=schema");
    let schema = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("schema");
    let mut names = Vec::new();
    for entry in fs::read_dir(&schema)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        // Such as 0001_rooms.sql; what an editor leaves behind is none.
        if name.ends_with(".sql") {
            names.push(name);
        }
    }
    names.sort();
    let mut list = String::from("&[\n");
    for (number, name) in (1..).zip(&names) {
        if !name.starts_with(&format!("{number:04}_")) {
            return Err(format!("schema/{name} does not begin with {number:04}_").into());
        }
        list += &format!("    include_str!({:?}),\n", schema.join(name));
    }
    list += "]";
    fs::write(Path::new(&env::var("OUT_DIR")?).join("migrations.rs"), list)?;
    Ok(())
}
