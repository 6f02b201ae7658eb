//! Users and groups.

super::verbs! { ACCOUNTS:
    /// What is known of users. Of a password only its state is told, and the SHA-256 of its hash.
    USERS = Read(FILES) by Lines "users" "NAME…" => "a line a user: `NAME:UID:GROUP:GROUPS:COMMENT:HOME:SHELL:PASSWORD`, PASSWORD being `set SHA256`, `locked`, `locked SHA256`, `none`, or `-` where it may not be read; of one that isn't there its name alone";
    /// What is known of groups.
    GROUPS = Read(FILES) by Lines "groups" "NAME…" => "a line a group: `NAME:GID:MEMBERS`; of one that isn't there its name alone";
    /// The ids that are taken.
    USED_IDS = Read(FILES) "used_ids" "" => "two lines: `passwd UID…`, `group GID…`";
    /// Makes a user. The options are `useradd`'s.
    USER_ADD = Write(FILES) "user_add" "NAME OPTION…" => "nothing";
    /// Changes a user. The options are `usermod`'s.
    USER_CHANGE = Write(FILES) "user_change" "NAME OPTION…" => "nothing";
    /// Removes a user. The options are `userdel`'s.
    USER_REMOVE = Write(FILES) "user_remove" "NAME [OPTION]" => "nothing";
    /// Sets the hash of a user's password.
    PASSWORD_SET = Write(FILES) "password_set" "NAME <HASH>" => "nothing";
    /// Makes a group. The options are `groupadd`'s.
    GROUP_ADD = Write(FILES) "group_add" "NAME OPTION…" => "nothing";
    /// Changes a group. The options are `groupmod`'s.
    GROUP_CHANGE = Write(FILES) "group_change" "NAME OPTION…" => "nothing";
    /// Says who is in a group beside those whose own group it is: a comma list.
    GROUP_MEMBERS = Write(FILES) "group_members" "NAME MEMBERS" => "nothing";
    /// Removes a group.
    GROUP_REMOVE = Write(FILES) "group_remove" "NAME" => "nothing";
}
