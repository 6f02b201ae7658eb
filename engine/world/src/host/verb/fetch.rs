//! What a host fetches from elsewhere.

super::verbs! { FETCH:
    /// Fetches a file with the host's own curl or wget. It takes its place only if it has the checksum.
    DOWNLOAD = Tracked(FILES) "download" "URL PATH SHA256 MODE OWNER GROUP" => "nothing";
}
