//! Which keys a host is known by. These verbs are answered on this side of the connection: none of them is sent.

super::verbs! { TRUST:
    /// The keys that the host is known by; it isn't asked.
    KNOWN_KEYS = Read() "known_keys" "" => "a SHA-256 fingerprint a line, or `pinned` where docs give one";
    /// The key that the host shows now, known or not, to a new connection.
    SHOWN_KEY = Read() "shown_key" "" => "its SHA-256 fingerprint";
    /// Has the host known by the key that `shown_key` gave last, and by no other.
    TRUST_KEY = Write(ALL) "trust_key" "" => "nothing";
}
