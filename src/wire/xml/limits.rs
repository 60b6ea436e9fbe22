//! How much of a stanza is read, and why one is not read at all.

/// How much of a stanza is read before it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StanzaLimits {
    /// Levels of nesting, the stanza itself being the first. ejabberd is known to
    /// die of 5,000.
    pub depth_max: usize,
    /// Bytes of the stanza as we would relay it. The default leaves headroom below
    /// the 256 KiB that Prosody lets a client receive, for what a room adds.
    pub stanza_size_max: usize,
}

impl Default for StanzaLimits {
    fn default() -> Self {
        Self {
            depth_max: 100,
            stanza_size_max: (256 - 8) * 1024,
        }
    }
}

/// Why a stanza is refused before anybody looks at its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Unreadable {
    /// More levels of nesting than [`StanzaLimits::depth_max`].
    #[error("nested too deeply")]
    TooDeep,
    /// More bytes than [`StanzaLimits::stanza_size_max`].
    #[error("too large")]
    TooLarge,
    /// An absurd number of attributes, namespace declarations or children.
    #[error("too many attributes, namespaces or children")]
    TooComplex,
    /// Well-formed XML that breaks the rules of Namespaces in XML: a prefix nobody
    /// declared, or an attribute given twice.
    #[error("not namespace-well-formed")]
    Malformed,
    /// More elements than its sender may send at present.
    #[error("more elements than may be sent at present")]
    Overspent,
    /// More stanzas are waiting for the service than it is willing to queue.
    #[error("the service is overloaded")]
    Busy,
}

/// The longest name or attribute value the stream survives, in bytes. Servers let no
/// stanza through that comes near it.
pub(in crate::wire) const TOKEN_LENGTH_MAX: usize = 4 * 1024 * 1024;
