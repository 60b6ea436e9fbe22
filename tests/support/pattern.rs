//! Whether what came is what was expected.
//!
//! A pattern is an element of a scenario. It fits what came when the element's name, namespace,
//! attributes, text and children are the same, the children in any order. Everything that came
//! must be in the pattern, so that a leak or a code too many is a failure; the exceptions are
//! [`TOLERATED`] (which `exactly` revokes), and elements that hold a text `...`: those may have
//! more attributes and children than the pattern names.
//!
//! In place of a value a pattern can have
//! - `*`: any value that isn't empty;
//! - `*stamp`: a time of XEP-0082 in UTC;
//! - `?`: any value of an attribute, or no such attribute;
//! - `{name}`: any value at first, and the same one wherever the name comes again.

use std::collections::BTreeMap;

use super::xml::Element;

/// What the names in braces stand for.
pub type Bindings = BTreeMap<String, String>;

/// How much more may come than a pattern names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// What is in [`TOLERATED`].
    Tolerant,
    /// Nothing but the stanza's `to`, `id` and `xml:lang`.
    Exact,
}

/// What may come with any stanza, without being expected: the name of the element in which it
/// comes (`*` for the stanza itself), and its own, `@` marking attributes. As soon as a pattern
/// has one of that name, all that come must be expected.
pub const TOLERATED: [(&str, &str); 15] = [
    ("*", "occupant-id"),
    ("*", "hats"),
    ("*", "stanza-id"),
    ("error", "@by"),
    ("error", "@code"),
    ("error", "text"),
    ("field", "@label"),
    ("field", "@type"),
    ("field", "option"),
    ("field", "required"),
    ("field", "desc"),
    ("option", "@label"),
    ("x", "title"),
    ("x", "instructions"),
    ("query", "instructions"),
];

/// Fits a pattern to a stanza, and binds the names in it.
///
/// # Errors
/// The first thing found that doesn't fit.
pub fn fit_stanza(
    pattern: &Element,
    came: &Element,
    strictness: Strictness,
    bindings: &mut Bindings,
) -> Result<(), String> {
    let mut bound = bindings.clone();
    let fit = Fit { strictness };
    fit.element(pattern, came, Place::Stanza, &mut bound)?;
    *bindings = bound;
    Ok(())
}

/// Fits patterns to as many stanzas, each to another one.
///
/// # Errors
/// Which pattern fits none of those that are left to it, and why not.
pub fn fit_in_any_order(
    patterns: &[&Element],
    came: &[&Element],
    strictness: Strictness,
    bindings: &mut Bindings,
) -> Result<(), String> {
    let fit = Fit { strictness };
    fit.assign(patterns, came, Place::Stanza, bindings)
        .map_err(|(index, reasons)| format!("nothing fits\n        {}\n{reasons}", patterns[index]))
}

#[derive(Clone, Copy)]
struct Fit {
    strictness: Strictness,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Stanza,
    Inside,
}

impl Fit {
    fn element(
        self,
        pattern: &Element,
        came: &Element,
        place: Place,
        bindings: &mut Bindings,
    ) -> Result<(), String> {
        if pattern.name != came.name || pattern.namespace != came.namespace {
            return Err(format!(
                "<{} xmlns='{}'> came instead of <{} xmlns='{}'>",
                came.name, came.namespace, pattern.name, pattern.namespace
            ));
        }
        let text = pattern.text();
        let open = text == "..." || text == "…";
        self.attributes(pattern, came, place, open, bindings)
            .and_then(|()| match open {
                true => Ok(()),
                false => fit_value(&text, &came.text(), bindings)
                    .map_err(|reason| format!("its text: {reason}")),
            })
            .and_then(|()| self.children(pattern, came, place, open, bindings))
            .map_err(|reason| format!("in <{}>: {reason}", pattern.name))
    }

    fn attributes(
        self,
        pattern: &Element,
        came: &Element,
        place: Place,
        open: bool,
        bindings: &mut Bindings,
    ) -> Result<(), String> {
        for (name, expected) in &pattern.attributes {
            match came.attribute(name) {
                Some(_) if expected == "?" => {}
                Some(value) => fit_value(expected, value, bindings)
                    .map_err(|reason| format!("{name}: {reason}"))?,
                None if expected == "?" => {}
                None => return Err(format!("{name}={expected:?} is missing")),
            }
        }
        for (name, value) in &came.attributes {
            let expected = pattern.attribute(name).is_some();
            if !expected && !open && !self.may_have_attribute(pattern, name, place) {
                return Err(format!("{name}={value:?} was not expected"));
            }
        }
        Ok(())
    }

    fn may_have_attribute(self, pattern: &Element, name: &str, place: Place) -> bool {
        let addressing = name == "to" || (name == "id" && pattern.name != "iq");
        name == "xml:lang"
            || (place == Place::Stanza && addressing)
            || self.tolerates(pattern, place, &format!("@{name}"))
    }

    fn tolerates(self, pattern: &Element, place: Place, name: &str) -> bool {
        let inside = if place == Place::Stanza {
            "*"
        } else {
            pattern.name.as_str()
        };
        self.strictness == Strictness::Tolerant && TOLERATED.contains(&(inside, name))
    }

    /// An error may repeat what it answers. RFC 6120 §8.3.1.
    fn may_have_child(self, pattern: &Element, child: &Element, place: Place) -> bool {
        let named = pattern
            .elements()
            .any(|expected| expected.name == child.name);
        let repeats = place == Place::Stanza && pattern.attribute("type") == Some("error");
        !named && (repeats || self.tolerates(pattern, place, &child.name))
    }

    fn children(
        self,
        pattern: &Element,
        came: &Element,
        place: Place,
        open: bool,
        bindings: &mut Bindings,
    ) -> Result<(), String> {
        let expected: Vec<_> = pattern.elements().collect();
        let came: Vec<_> = came
            .elements()
            .filter(|child| !self.may_have_child(pattern, child, place))
            .collect();
        self.assign(&expected, &came, Place::Inside, bindings)
            .map_err(|(index, reasons)| format!("no {}\n{reasons}", expected[index]))?;
        if open || expected.len() == came.len() {
            return Ok(());
        }
        // Which one is too many can't be told when several fit; the first that fits nothing is.
        let surplus = came.iter().find(|child| {
            let fits = |pattern| {
                self.element(pattern, child, Place::Inside, &mut bindings.clone())
                    .is_ok()
            };
            !expected.iter().any(|pattern| fits(pattern))
        });
        match surplus.or(came.last()) {
            Some(child) => Err(format!("{child} was not expected")),
            None => Ok(()),
        }
    }

    /// Finds an own element for each pattern. On failure gives the first pattern that had none,
    /// with a line for each element of its name.
    fn assign(
        self,
        patterns: &[&Element],
        came: &[&Element],
        place: Place,
        bindings: &mut Bindings,
    ) -> Result<(), (usize, String)> {
        let mut taken = vec![false; came.len()];
        let mut deepest = (0, String::new());
        if self.assign_from(0, patterns, came, place, &mut taken, bindings, &mut deepest) {
            Ok(())
        } else {
            Err(deepest)
        }
    }

    #[allow(clippy::too_many_arguments, reason = "the state of one search")]
    fn assign_from(
        self,
        index: usize,
        patterns: &[&Element],
        came: &[&Element],
        place: Place,
        taken: &mut [bool],
        bindings: &mut Bindings,
        deepest: &mut (usize, String),
    ) -> bool {
        let Some(pattern) = patterns.get(index) else {
            return true;
        };
        let mut reasons = String::new();
        for (number, candidate) in came.iter().enumerate() {
            if taken[number] {
                continue;
            }
            let mut bound = bindings.clone();
            match self.element(pattern, candidate, place, &mut bound) {
                Ok(()) => {
                    taken[number] = true;
                    if self.assign_from(
                        index + 1,
                        patterns,
                        came,
                        place,
                        taken,
                        &mut bound,
                        deepest,
                    ) {
                        *bindings = bound;
                        return true;
                    }
                    taken[number] = false;
                }
                Err(reason) if candidate.name == pattern.name => {
                    reasons.push_str(&format!("        {reason}\n"));
                }
                Err(_) => {}
            }
        }
        if index >= deepest.0 {
            *deepest = (index, reasons.trim_end().to_owned());
        }
        false
    }
}

fn fit_value(expected: &str, came: &str, bindings: &mut Bindings) -> Result<(), String> {
    match expected {
        "*" if !came.is_empty() => return Ok(()),
        "*stamp" if is_stamp(came) => return Ok(()),
        "?" => return Ok(()),
        _ => {}
    }
    if let Some(name) = variable(expected) {
        if let Some(value) = bindings.get(name) {
            return match value == came {
                true => Ok(()),
                false => Err(format!(
                    "{came:?} instead of {value:?}, which {expected} is"
                )),
            };
        }
        if !came.is_empty() {
            bindings.insert(name.to_owned(), came.to_owned());
            return Ok(());
        }
    }
    if expected == came {
        Ok(())
    } else {
        Err(format!("{came:?} instead of {expected:?}"))
    }
}

/// The name in `{name}`. A Clark name such as `{urn:x}y` is none.
fn variable(value: &str) -> Option<&str> {
    let name = value.strip_prefix('{')?.strip_suffix('}')?;
    let plain = |character: char| character.is_ascii_alphanumeric() || character == '-';
    name.chars().all(plain).then_some(name)
}

/// Puts what is bound in the place of the names, anywhere in a text.
pub fn fill(text: &str, bindings: &Bindings) -> String {
    let mut filled = text.to_owned();
    for (name, value) in bindings {
        filled = filled.replace(&format!("{{{name}}}"), value);
    }
    filled
}

/// XEP-0082 §3.2 (#sect-idm45644841929728), in UTC as XEP-0203 wants it.
fn is_stamp(value: &str) -> bool {
    let Some((date, time)) = value
        .strip_suffix('Z')
        .and_then(|value| value.split_once('T'))
    else {
        return false;
    };
    let time = time.split_once('.').map_or(time, |(whole, _)| whole);
    let digits = |part: &str, lengths: &[usize], separator: char| {
        let parts: Vec<_> = part.split(separator).collect();
        parts.len() == lengths.len()
            && parts.iter().zip(lengths).all(|(part, length)| {
                part.len() == *length && part.bytes().all(|byte| byte.is_ascii_digit())
            })
    };
    digits(date, &[4, 2, 2], '-') && digits(time, &[2, 2, 2], ':')
}

#[cfg(test)]
mod tests {
    use super::super::xml::elements;
    use super::*;

    fn fits(pattern: &str, came: &str) -> Result<Bindings, String> {
        let mut bindings = Bindings::new();
        let pattern = &elements(pattern).unwrap()[0].element;
        let came = &elements(came).unwrap()[0].element;
        fit_stanza(pattern, came, Strictness::Tolerant, &mut bindings).map(|()| bindings)
    }

    #[test]
    fn status_codes_are_a_set() {
        let came = "<presence to='b' id='1'><x xmlns='u'><status code='110'/><status code='100'/></x></presence>";
        assert!(
            fits(
                "<presence><x xmlns='u'><status code='100'/><status code='110'/></x></presence>",
                came
            )
            .is_ok()
        );
        assert!(
            fits(
                "<presence><x xmlns='u'>...<status code='110'/></x></presence>",
                came
            )
            .is_ok()
        );
        for pattern in [
            "<presence><x xmlns='u'><status code='110'/></x></presence>",
            "<presence><x xmlns='u'><status code='110'/><status code='110'/></x></presence>",
            "<presence><x xmlns='u'><status code='110'/><status code='100'/><status code='170'/></x></presence>",
            "<presence><x xmlns='v'><status code='110'/><status code='100'/></x></presence>",
        ] {
            assert!(fits(pattern, came).is_err(), "{pattern}");
        }
    }

    #[test]
    fn names_are_bound_across_children_in_any_order() {
        let came = "<a><i id='1'/><i id='2'/><j of='2'/></a>";
        let bound = fits("<a><i id='{x}'/><i id='{y}'/><j of='{x}'/></a>", came).unwrap();
        assert_eq!((bound["x"].as_str(), bound["y"].as_str()), ("2", "1"));
        assert!(fits("<a><i id='{x}'/><i id='{x}'/><j of='*'/></a>", came).is_err());
    }

    #[test]
    fn nothing_unexpected_passes_but_what_is_tolerated() {
        let came =
            "<message id='7' from='r'><body>x</body><stanza-id xmlns='s' id='1' by='r'/></message>";
        assert!(fits("<message from='r'><body>x</body></message>", came).is_ok());
        assert!(fits("<message><body>x</body></message>", came).is_err());
        assert!(fits("<message from='r'/>", came).is_err());
        assert!(
            fits(
                "<message from='r'><body>*</body><stanza-id xmlns='s' id='2' by='r'/></message>",
                came
            )
            .is_err()
        );
        let pattern = &elements("<message from='r'><body>x</body></message>").unwrap()[0].element;
        let came = &elements(came).unwrap()[0].element;
        assert!(fit_stanza(pattern, came, Strictness::Exact, &mut Bindings::new()).is_err());
    }

    #[test]
    fn stamps_are_in_utc() {
        assert!(is_stamp("2002-10-13T23:58:37Z") && is_stamp("2002-10-13T23:58:37.123Z"));
        assert!(!is_stamp("20021013T23:58:37") && !is_stamp("2002-10-13T23:58:37+02:00"));
    }
}
