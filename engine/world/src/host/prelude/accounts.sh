
# DATABASE NAME… -> its lines; all of them without a name, or where there is no getent
hl_database() {
    if command -v getent >/dev/null 2>&1; then
        getent "$@"
        [ $? -le 2 ]
    else
        cat "/etc/$1"
    fi
}

# NAME… -> a line each
hl_users() {
    hl_passwd=$(hl_database passwd "$@") && hl_group=$(hl_database group) || return
    hl_shadow=$(hl_database shadow "$@" 2>/dev/null)
    for hl_user; do
        hl_user_line "$hl_user" || return
    done
}

hl_user_line() {
    while IFS=: read -r hl_name hl_x hl_uid hl_gid hl_comment hl_home hl_shell; do
        [ "$hl_name" != "$1" ] || break
    done <<EOT
$hl_passwd
EOT
    if [ "$hl_name" != "$1" ]; then
        echo "$1"
        return 0
    fi
    hl_own=$hl_gid
    hl_others=
    while IFS=: read -r hl_name hl_x hl_number hl_members; do
        [ "$hl_number" != "$hl_gid" ] || hl_own=$hl_name
        case ,$hl_members, in
        *,"$1",*) hl_others=$hl_others,$hl_name ;;
        esac
    done <<EOT
$hl_group
EOT
    hl_password "$1" || return
    echo "$1:$hl_uid:$hl_own:${hl_others#,}:$hl_comment:$hl_home:$hl_shell:$hl_state"
}

# NAME: what its password is
hl_password() {
    hl_state=-
    while IFS=: read -r hl_name hl_hash hl_x; do
        [ "$hl_name" = "$1" ] || continue
        hl_bare=$hl_hash
        while :; do
            case $hl_bare in
            '!'*) hl_bare=${hl_bare#?} ;;
            *) break ;;
            esac
        done
        case $hl_bare in
        \$* | _* | ?????????????) hl_sum=$(printf %s "$hl_bare" | sha256sum) && hl_sum=" ${hl_sum%% *}" || return ;;
        *) hl_sum= ;;
        esac
        case $hl_hash in
        '') hl_state=none ;;
        '!'*) hl_state=locked$hl_sum ;;
        *) [ -n "$hl_sum" ] && hl_state=set$hl_sum || hl_state=locked ;;
        esac
    done <<EOT
$hl_shadow
EOT
}

# NAME… -> a line each
hl_groups() {
    hl_group=$(hl_database group "$@") || return
    for hl_user; do
        hl_found=$hl_user
        while IFS=: read -r hl_name hl_x hl_number hl_members; do
            [ "$hl_name" != "$hl_user" ] || hl_found=$hl_name:$hl_number:$hl_members
        done <<EOT
$hl_group
EOT
        echo "$hl_found"
    done
}

# -> passwd UID…, group GID…
hl_used_ids() {
    for hl_base in passwd group; do
        hl_all=$(hl_database "$hl_base") || return
        hl_used=$hl_base
        while IFS=: read -r hl_name hl_x hl_number hl_members; do
            case $hl_number in
            '' | *[!0-9]*) continue ;;
            esac
            hl_used="$hl_used $hl_number"
        done <<EOT
$hl_all
EOT
        echo "$hl_used"
    done
}

# NAME OPTION…: the program takes its options first
hl_user_add() {
    hl_user=$1
    shift
    useradd "$@" -- "$hl_user"
}

hl_user_change() {
    hl_user=$1
    shift
    usermod "$@" -- "$hl_user"
}

hl_user_remove() {
    hl_user=$1
    shift
    userdel "$@" -- "$hl_user"
}

# NAME, the hash as input
hl_password_set() {
    hl_hash=$(cat) && printf '%s:%s\n' "$1" "$hl_hash" | chpasswd -e
}

# NAME OPTION…
hl_group_add() {
    hl_name=$1
    shift
    groupadd "$@" -- "$hl_name"
}

hl_group_change() {
    hl_name=$1
    shift
    groupmod "$@" -- "$hl_name"
}

# NAME MEMBERS
hl_group_members() {
    gpasswd --members "$2" "$1" >/dev/null
}

# NAME
hl_group_remove() {
    groupdel -- "$1"
}
