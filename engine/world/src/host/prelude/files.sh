
# Never set again: other functions have variables of their own.
hl_newline='
'

# PATH… -> a line each
hl_stat() {
    hl_out=
    if [ $# -gt 1 ] && hl_stat_all "$@"; then
        printf %s "$hl_out"
        return 0
    fi
    for hl_path; do
        hl_stat_one "$hl_path" || return
    done
}

# PATH… -> sets hl_out, with one program for all modes, one for all sums, one for all targets; fails where it takes one each
hl_stat_all() {
    hl_all=$(hl_stat_with any "stat -c '%a %s %U %G' --" "$@" 2>/dev/null) &&
        hl_sums=$(hl_stat_with file 'sha256sum --' "$@" 2>/dev/null) &&
        hl_targets=$(hl_stat_with link 'readlink --' "$@" 2>/dev/null) || return
    hl_lines hl_all_ "$hl_all"
    hl_numbers=$hl_number
    hl_lines hl_sum_ "$hl_sums"
    hl_numbers="$hl_numbers $hl_number"
    hl_lines hl_target_ "$hl_targets"
    hl_numbers="$hl_numbers $hl_number"
    hl_at=0
    hl_file_at=0
    hl_link_at=0
    for hl_path; do
        if [ -L "$hl_path" ] || [ -e "$hl_path" ]; then
            hl_at=$((hl_at + 1))
            eval "hl_mode=\${hl_all_$hl_at-}"
            hl_owner=${hl_mode#* }
            hl_mode=${hl_mode%% *}
            if [ -L "$hl_path" ]; then
                hl_link_at=$((hl_link_at + 1))
                eval "hl_one=\"link \${hl_owner#* } \${hl_target_$hl_link_at-}\""
            elif [ -f "$hl_path" ]; then
                hl_file_at=$((hl_file_at + 1))
                eval "hl_sum=\${hl_sum_$hl_file_at-}"
                hl_sum=${hl_sum#\\}
                hl_one="file $hl_mode ${hl_owner%% *} ${hl_sum%% *} ${hl_owner#* }"
            elif [ -d "$hl_path" ]; then
                hl_one="directory $hl_mode ${hl_owner#* }"
            else
                hl_one="other $hl_mode ${hl_owner#* }"
            fi
        else
            hl_within "$hl_path" 2>/dev/null || return
            hl_one=absent
        fi
        hl_out=$hl_out$hl_one$hl_newline
    done
    # Else something came or went meanwhile, or a target has a line's end in it.
    [ "$hl_at $hl_file_at $hl_link_at" = "$hl_numbers" ]
}

# PREFIX TEXT: sets PREFIX1, PREFIX2, … to the lines of the text, and hl_number to how many there are. To take lines off a
# long text one by one takes a shell far longer.
hl_lines() {
    hl_number=0
    hl_ifs=$IFS
    IFS=$hl_newline
    set -f
    for hl_word in $2; do
        hl_number=$((hl_number + 1))
        eval "$1$hl_number=\$hl_word"
    done
    set +f
    IFS=$hl_ifs
}

# any|file|link COMMAND PATH…: runs the command with those of the paths
hl_stat_with() {
    hl_wanted=$1
    hl_command=$2
    shift 2
    hl_number=0
    hl_chosen=
    for hl_path; do
        hl_number=$((hl_number + 1))
        if [ -L "$hl_path" ]; then
            [ "$hl_wanted" != file ] || continue
        else
            case $hl_wanted in
            any) [ -e "$hl_path" ] || continue ;;
            file) [ -f "$hl_path" ] || continue ;;
            link) continue ;;
            esac
        fi
        hl_chosen="$hl_chosen \"\${$hl_number}\""
    done
    [ -z "$hl_chosen" ] || eval "$hl_command$hl_chosen"
}

hl_stat_one() {
    if [ -L "$1" ]; then
        hl_target=$(readlink "$1" && echo .) || return
        hl_owner=$(stat -c '%U %G' "$1") || return
        printf 'link %s %s\n' "$hl_owner" "${hl_target%??}"
        return 0
    elif [ -f "$1" ]; then hl_type=file
    elif [ -d "$1" ]; then hl_type=directory
    elif [ -e "$1" ]; then hl_type=other
    else
        hl_within "$1" || return
        echo absent
        return 0
    fi
    hl_numbers=$(stat -c '%a %s %U %G' "$1" 2>/dev/null || stat -f '%Lp %z %Su %Sg' "$1") || return
    set -- "$1" $hl_numbers
    if [ "$hl_type" != file ]; then
        echo "$hl_type $2 $4 $5"
        return 0
    fi
    hl_sum=$(sha256sum <"$1" 2>/dev/null || shasum -a 256 <"$1") || return
    echo "file $2 $3 ${hl_sum%% *} $4 $5"
}

# Fails if the folders above PATH can't be searched: then nobody knows whether PATH is there.
hl_within() {
    case $1 in
    */*) hl_above=${1%/*} ;;
    *) hl_above=. ;;
    esac
    [ -n "$hl_above" ] || hl_above=/
    if [ -d "$hl_above" ] && [ ! -x "$hl_above" ]; then
        echo "$hl_above: may not be searched" >&2
        return 77
    fi
}

# PATH… -> a line each
hl_changed() {
    for hl_path; do
        if [ -e "$hl_path" ] || [ -L "$hl_path" ]; then
            hl_moment "$hl_path" || return
        else
            hl_within "$hl_path" || return
            echo absent
        fi
    done
}

# When a path was last changed, with six decimals. A shell's own stat may know whole seconds alone, where the program beside
# it knows more.
hl_moment() {
    for hl_stat in stat /usr/bin/stat /bin/stat; do
        hl_time=$("$hl_stat" -c %.6Z "$1" 2>/dev/null)
        case $hl_time in
        *[!0-9.]*) ;;
        *.??????) echo "$hl_time" && return ;;
        esac
    done
    hl_time=$(stat -c %Z "$1" 2>/dev/null || stat -f %c "$1") && echo "$hl_time.000000"
}

# PATH -> the bytes of the file
hl_read() {
    if [ ! -e "$1" ] && [ ! -L "$1" ]; then
        hl_within "$1" || return
        return 66
    fi
    hl_file "$1" || return
    cat <"$1"
}

# Fails for what isn't a file, or a link to one.
hl_file() {
    if [ -d "$1" ]; then
        echo "$1: is a directory" >&2
        return 73
    elif [ -e "$1" ] && [ ! -f "$1" ]; then
        echo "$1: is no regular file" >&2
        return 73
    fi
}

# PATH -> a line a name
hl_list() {
    if [ ! -e "$1" ]; then
        hl_within "$1" || return
        return 66
    fi
    ls -A "$1"
}

# PATH MODE OWNER GROUP, the bytes as input: a new file takes the old one's place whole or not at all
hl_write() {
    hl_file "$1" || return
    hl_new=$1.homelab-$$
    rm -f "$hl_new" || return
    (umask 077 && set -C && { hl_extended "$1" "$hl_new" && hl_attributes "$hl_new" "$2" "$3" "$4" && cat; } >"$hl_new") &&
        hl_whole "$hl_new" && hl_sync "$hl_new" && mv -f "$hl_new" "$1"
    hl_end=$?
    if [ "$hl_end" -ne 0 ]; then
        rm -f "$hl_new"
        return "$hl_end"
    fi
    case $1 in
    */*) hl_sync "${1%/*}/" ;;
    *) hl_sync . ;;
    esac
}

# OLD NEW: access lists and extended attributes. What has no program for them has none to lose.
hl_extended() {
    [ ! -f "$1" ] || cp --attributes-only --preserve=mode,xattr -- "$1" "$2" 2>/dev/null ||
        ! cp --help 2>&1 | grep -q attributes-only || cp --attributes-only --preserve=mode,xattr -- "$1" "$2"
}

hl_sync() {
    sync "$1" 2>/dev/null || sync
}

# PATH MODE OWNER GROUP; `-` leaves one as it is. The owner first: a change of owner takes set-uid bits away.
hl_attributes() {
    case $3:$4 in
    -:-) ;;
    -:*) chgrp -- "$4" "$1" || return ;;
    *:-) chown -- "$3" "$1" || return ;;
    *) chown -- "$3:$4" "$1" || return ;;
    esac
    case $2:$1 in
    -:*) ;;
    # The cluster's file system takes no change of a mode, not even to one that it has already for a folder.
    *:/etc/pve/*) [ "$(stat -c %a "$1")" = "$2" ] || chmod -- "$2" "$1" ;;
    *) chmod -- "$2" "$1" ;;
    esac
}

# PATH MODE OWNER GROUP
hl_mkdir() {
    mkdir -- "$1" && hl_attributes "$@"
}

# PATH TARGET
hl_symlink() {
    if [ -e "$1" ] && [ ! -L "$1" ]; then
        echo "$1: is there and no link" >&2
        return 73
    fi
    rm -f "$1.homelab-$$" && ln -s -- "$2" "$1.homelab-$$" && mv -f "$1.homelab-$$" "$1"
}

# PATH
hl_remove() {
    if [ -d "$1" ] && [ ! -L "$1" ]; then
        rmdir -- "$1"
    else
        rm -f -- "$1"
    fi
}

# PATH
hl_remove_tree() {
    if [ -d "$1" ] && [ ! -L "$1" ]; then
        find "$1" -xdev -depth -delete
    else
        rm -f -- "$1"
    fi
}
