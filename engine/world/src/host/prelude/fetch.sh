
# URL PATH SHA256 MODE OWNER GROUP
hl_download() {
    hl_file "$2" || return
    hl_new=$2.homelab-$$
    rm -f "$hl_new" || return
    hl_fetch "$1" "$hl_new" && hl_same "$1" "$hl_new" "$3" && hl_attributes "$hl_new" "$4" "$5" "$6" &&
        hl_sync "$hl_new" && mv -f "$hl_new" "$2"
    hl_end=$?
    [ "$hl_end" -eq 0 ] || rm -f "$hl_new"
    return "$hl_end"
}

# URL PATH
hl_fetch() (
    umask 077
    if command -v curl >/dev/null 2>&1; then
        curl --fail --silent --show-error --location --retry 3 --connect-timeout 30 --output "$2" -- "$1"
    elif command -v wget >/dev/null 2>&1; then
        wget -q -O "$2" -- "$1" || {
            hl_end=$?
            [ -s "$2" ] || wget -O /dev/null -- "$1" 2>&1 | tail -n 3 >&2
            return "$hl_end"
        }
    else
        echo "neither curl nor wget is there" >&2
        return 69
    fi
)

# URL PATH SHA256
hl_same() {
    hl_sum=$(sha256sum <"$2" 2>/dev/null || shasum -a 256 <"$2") || return
    if [ "${hl_sum%% *}" != "$3" ]; then
        echo "$1 has the checksum ${hl_sum%% *}, and $3 is expected" >&2
        return 65
    fi
}
