//! The catalogue: everything an owner can set, each once. XEP-0045 §16.5.3
//! (#registrar-formtype-owner).
//!
//! [`Configuration`](configuration::Configuration) is typed, for the code that decides. Everybody
//! else *loops* over [`Setting::ALL`]: the configuration form, the configuration file, the
//! database, exports, and the compliance log have a setting under its one
//! [`name`](Setting::name), with values of its [`kind`](Setting::kind), and read and write it by
//! `get` and `set`. A new setting is a row of the catalogue in [`configuration`], a row of the form
//! in `wire`, a column in `schema/`, and a line of the example of a configuration file.

pub mod addin;
pub mod configuration;
pub(super) mod password;
mod privacy;
mod room_type;
mod value;
pub(super) mod whois;
mod word;

pub use configuration::Setting;
pub use privacy::Privacy;
pub use room_type::RoomType;
pub use value::{Assignment, Kind, Unfit, Value};
pub use word::Word;

#[cfg(test)]
mod tests {
    use super::configuration::Configuration;
    use super::*;
    use crate::room::Role;
    use crate::room::role::Roles;

    /// Another value of the same kind than the one given.
    fn another(setting: Setting, value: &Value) -> Value {
        match setting.kind() {
            Kind::Flag => Value::Flag(*value == Value::Flag(false)),
            Kind::Text { .. } => Value::Text("another".into()),
            Kind::Secret { .. } => Value::Secret(Some("another".into())),
            Kind::Number { .. } => Value::Number(7),
            Kind::Limit { .. } => Value::Limit(Some(7)),
            Kind::Roles => Value::Roles(Roles::from([Role::Visitor])),
            Kind::AddIn => Value::AddIn(Some(addin::AddInId(7))),
            Kind::Word(names) => {
                let other = names.iter().find(|name| *value != Value::Word(name));
                Value::Word(other.expect("more than one word"))
            }
        }
    }

    #[test]
    fn what_is_set_is_got_and_nothing_else_changes() {
        let default = Configuration::default();
        for setting in Setting::ALL {
            let mut configuration = default.clone();
            let value = another(setting, &default.get(setting));
            configuration.set(setting, value.clone()).unwrap();
            assert_eq!(configuration.get(setting), value, "{}", setting.name());
            assert_eq!(
                configuration.differences(&default).collect::<Vec<_>>(),
                [setting]
            );
        }
    }

    #[test]
    fn no_setting_is_forgotten_and_none_has_two_names() {
        // The last variant closes the enum, so a list with all of them is as long as its number
        // says.
        assert_eq!(Setting::ALL.len(), Setting::AddIn as usize + 1);
        for setting in Setting::ALL {
            assert_eq!(Setting::from_name(setting.name()), Some(setting));
        }
        for (number, setting) in Setting::ALL.into_iter().enumerate() {
            assert_eq!(setting as usize, number);
        }
    }

    #[test]
    fn a_value_of_another_kind_is_refused() {
        let mut configuration = Configuration::default();
        for setting in Setting::ALL {
            for wrong in [
                Value::Word("unheard of"),
                Value::Flag(true),
                Value::Limit(None),
                Value::Number(1),
            ] {
                let fits = matches!(
                    (setting.kind(), &wrong),
                    (Kind::Flag, Value::Flag(_))
                        | (Kind::Limit { .. }, Value::Limit(_))
                        | (Kind::Number { .. }, Value::Number(_))
                );
                let before = configuration.clone();
                if !fits {
                    assert_eq!(configuration.set(setting, wrong), Err(Unfit));
                    assert_eq!(configuration, before);
                }
            }
        }
    }
}
