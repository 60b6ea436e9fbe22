//! What secrets the configuration has, and where each may be written.

/// Where a secret may be written, and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretKeys {
    /// The part of the file that it belongs to, in words.
    pub(super) of: &'static str,
    /// The key with the secret itself.
    pub(super) written: &'static str,
    /// The key with the path of a file.
    pub(super) file: &'static str,
    /// The variable of the environment.
    pub(super) variable: &'static str,
    /// What it is called.
    pub(super) noun: &'static str,
    /// What it has to be.
    pub(super) expected: &'static str,
}

/// The secret of a pool.
pub(super) const OF_COMPONENT: SecretKeys = SecretKeys {
    of: "this pool",
    written: "secret",
    file: "secret_file",
    variable: super::SECRET_VARIABLE,
    noun: "secret",
    expected: "what the server has for this component",
};

/// The password for the LDAP directory of a pool.
pub(super) const OF_LDAP: SecretKeys = SecretKeys {
    of: "[pool.ldap]",
    written: "password",
    file: "password_file",
    variable: super::LDAP_PASSWORD_VARIABLE,
    noun: "password",
    expected: "what the directory has for `bind`",
};
