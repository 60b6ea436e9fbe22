//! Text where an element has none.
//!
//! Servers that people use pass over it, and so clients send it: Converse.js 14 puts commas between
//! the values of a field. A typed element refuses text that it knows nothing of, so text between
//! elements is taken out before anything is typed, and an element of ours that may have no child at
//! all has a field that [`PassOver`] reads.

use rxml::Event;
use xso::TextCodec;
use xso::error::Error;

use std::borrow::Cow;

/// Takes out the text of every element that has elements in it. The text of an element without any
/// is its content and stays.
#[derive(Debug)]
pub(in crate::wire) struct TextBetween {
    /// For each element that is open, the innermost last, whether an element was seen in it.
    has_children: Vec<bool>,
    /// What may be the content of the innermost element, or stand before its first child.
    texts: Vec<Event>,
}

impl TextBetween {
    /// For what stands in an element whose start has been read.
    pub fn within_one() -> Self {
        Self {
            has_children: vec![false],
            texts: Vec::new(),
        }
    }

    /// Takes the next event, and adds those that are to be passed on.
    pub fn pass(&mut self, event: Event, passed: &mut Vec<Event>) {
        match event {
            Event::Text(..) => {
                if self.has_children.last() == Some(&false) {
                    self.texts.push(event);
                }
                return;
            }
            Event::StartElement(..) => {
                self.texts.clear();
                if let Some(parent) = self.has_children.last_mut() {
                    *parent = true;
                }
                self.has_children.push(false);
            }
            Event::EndElement(_) => {
                passed.append(&mut self.texts);
                self.has_children.pop();
            }
            Event::XmlDeclaration(..) => {}
        }
        passed.push(event);
    }
}

/// Reads whatever text an element has as nothing.
#[derive(Debug)]
pub(in crate::wire) struct PassOver;

impl TextCodec<()> for PassOver {
    fn decode(&self, _: String) -> Result<(), Error> {
        Ok(())
    }

    fn encode<'x>(&self, (): &'x ()) -> Result<Option<Cow<'x, str>>, Error> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use crate::wire::decode::tests::read;
    use crate::wire::xml::frame::Frame;

    /// One of everything that has elements within elements, as a client that indents nothing writes
    /// it.
    const STANZAS: &[&str] = &[
        "<presence from='a@b/c' to='coven@chat.shakespeare.lit/d'><x xmlns='http://jabber.org/protocol/muc'>\
         <history maxstanzas='3'></history><password>p</password></x></presence>",
        "<message from='a@b/c' to='coven@chat.shakespeare.lit'><x xmlns='http://jabber.org/protocol/muc#user'>\
         <invite to='e@f'><reason>r</reason><continue thread='t'></continue></invite></x></message>",
        "<message from='a@b/c' to='coven@chat.shakespeare.lit'><x xmlns='http://jabber.org/protocol/muc#user'>\
         <decline to='e@f'><reason>r</reason></decline></x></message>",
        "<message from='a@b/c' to='coven@chat.shakespeare.lit'><x xmlns='jabber:x:data' type='submit'>\
         <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#request</value></field>\
         <field var='muc#role'><value>participant</value></field></x></message>",
        "<message from='a@b/c' to='coven@chat.shakespeare.lit'><x xmlns='jabber:x:data' type='submit'>\
         <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#register</value></field>\
         <field var='muc#register_allow'><value>1</value></field><field var='{urn:lyceum:0}jid'><value>e@f</value>\
         </field><field var='muc#register_roomnick'><value>n</value></field></x></message>",
        "<iq from='a@b/c' to='coven@chat.shakespeare.lit' type='set' id='1'>\
         <query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'>\
         <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>\
         <field var='muc#roomconfig_presencebroadcast'><value>moderator</value><value>participant</value></field>\
         <field var='muc#roomconfig_maxusers'></field></x></query></iq>",
        "<iq from='a@b/c' to='coven@chat.shakespeare.lit' type='set' id='1'>\
         <query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'></x></query></iq>",
        "<iq from='a@b/c' to='coven@chat.shakespeare.lit' type='set' id='1'>\
         <query xmlns='http://jabber.org/protocol/muc#owner'><destroy jid='e@f'><reason>r</reason></destroy>\
         </query></iq>",
        "<iq from='a@b/c' to='coven@chat.shakespeare.lit' type='set' id='1'>\
         <query xmlns='http://jabber.org/protocol/muc#admin'><item jid='e@f' affiliation='member'><reason>r</reason>\
         </item><item nick='n' affiliation='none'></item></query></iq>",
        "<iq from='a@b/c' to='coven@chat.shakespeare.lit' type='set' id='1'><query xmlns='jabber:iq:register'>\
         <x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>\
         <value>http://jabber.org/protocol/muc#register</value></field>\
         <field var='muc#register_roomnick'><value>n</value></field></x></query></iq>",
        "<iq from='a@b/c' to='coven@chat.shakespeare.lit' type='set' id='1'><query xmlns='jabber:iq:register'>\
         <username>n</username></query></iq>",
        "<iq from='a@b/c' to='coven@chat.shakespeare.lit' type='set' id='1'><query xmlns='urn:xmpp:mam:2'>\
         <x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field>\
         <field var='ids'><value>1</value><value>2</value></field></x>\
         <set xmlns='http://jabber.org/protocol/rsm'><max>3</max></set></query></iq>",
        "<iq from='a@b/c' to='coven@chat.shakespeare.lit' type='set' id='1'><vCard xmlns='vcard-temp'><PHOTO>\
         <TYPE>image/png</TYPE></PHOTO></vCard></iq>",
        "<iq from='a@b/c' to='coven@chat.shakespeare.lit' type='set' id='1'>\
         <moderate xmlns='urn:xmpp:message-moderate:1' id='s1'><retract xmlns='urn:xmpp:message-retract:1'/>\
         <reason>r</reason></moderate></iq>",
        "<iq from='a@b/c' to='chat.shakespeare.lit' type='get' id='1'><unread xmlns='urn:lyceum:0'>\
         <item xmlns='http://jabber.org/protocol/pubsub' id='coven@chat.shakespeare.lit'>\
         <displayed xmlns='urn:xmpp:mds:displayed:0'><stanza-id xmlns='urn:xmpp:sid:0' id='s1'/></displayed></item>\
         </unread></iq>",
    ];

    #[test]
    fn text_between_the_elements_of_a_request_is_passed_over_in_every_one() {
        for stanza in STANZAS {
            let plain = format!("{:?}", read(stanza));
            assert!(!plain.starts_with("Refused"), "{stanza}: {plain}");
            for text in [",", "\n  ", "words &amp; more"] {
                let between = stanza.replace("><", &format!(">{text}<"));
                assert_eq!(format!("{:?}", read(&between)), plain, "{between}");
            }
        }
    }

    #[test]
    fn the_text_of_an_element_without_children_is_its_content() {
        let xml = "<message>t<a xmlns='urn:x'> 1 <b>2</b> 3 <b> <c>4</c>5</b></a></message>";
        let frame = Frame::from_xml(xml.as_bytes()).unwrap();
        let element = frame.children().next().unwrap();
        let element: xmpp_parsers::minidom::Element = element.parse().unwrap();
        let texts: Vec<_> = element.children().map(|child| child.text()).collect();
        assert_eq!(
            (element.text(), texts),
            (String::new(), vec!["2".into(), String::new()])
        );
    }
}
