//! Words that the service puts in the place of others.

use crate::room::Payload;
use crate::wire::xml::writer::XmlWriter;

/// A message that says nothing but this.
pub fn payload(text: &str) -> Payload {
    let mut xml = XmlWriter::with_capacity(text.len() + 32);
    xml.text_element("body", text);
    Payload::new(&xml.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::content::searchable::text_of_archived;

    #[test]
    fn a_notice_is_read_back_as_it_was_written() {
        for text in ["Gone.", "a < b & c > \"d\"", "über\nzwei"] {
            assert_eq!(&*text_of_archived(&payload(text)), text);
        }
    }
}
