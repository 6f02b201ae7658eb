//! What a host reaches.

super::verbs! { REACH:
    /// Whether an address answers an echo request, from an address of the host's or `-`.
    PING = Read() "ping" "ADDRESS SECONDS SOURCE|-" => "`answers` or `silent`";
    /// Whether a TCP connection to a port can be made.
    PORT_OPEN = Read() "port_open" "ADDRESS PORT SECONDS" => "`open`, or `closed` and why";
    /// The addresses of a name, as the host resolves it.
    RESOLVE = Read() "resolve" "NAME" => "a line an address; nothing if the name isn't known";
    /// The way that packets to an address take.
    ROUTE = Read(FILES | NETWORK) "route" "ADDRESS" => "`dev INTERFACE src SOURCE` and `via GATEWAY`, if there is one; nothing if there is no way";
}
