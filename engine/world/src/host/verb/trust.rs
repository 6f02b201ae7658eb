//! Which keys a host is known by: answered on this side of the connection.

super::asks! { TRUST:
    /// The keys that the host is known by: a SHA-256 fingerprint a line, or `pinned` where docs give one. It isn't asked.
    KNOWN_KEYS = Read() "known_keys" KnownKeys {} => Vec<String>;
    /// The SHA-256 fingerprint of the key that the host shows now, known or not, to a new connection.
    SHOWN_KEY = Read() "shown_key" ShownKey {} => String;
    /// Has the host known by the key that `shown_key` gave last, and by no other.
    TRUST_KEY = Write(ALL) "trust_key" TrustKey {} => ();
}
