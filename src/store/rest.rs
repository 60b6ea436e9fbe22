//! Whether there is more to do of what is done slice by slice.

/// What is left of something that is done slice by slice, when nobody waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// There may be something left.
    Some,
    /// All is done.
    None,
}
