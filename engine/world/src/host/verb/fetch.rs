//! What a host fetches from elsewhere.

use super::Attributes;

super::asks! { FETCH:
    /// Fetches a file with the host's own curl or wget. It takes its place only if it has the checksum.
    DOWNLOAD = Tracked(FILES) "download" Download { url, path, sha256, attributes: Attributes } => ();
}
