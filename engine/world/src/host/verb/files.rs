//! Files, folders and links.

super::verbs! { FILES:
    /// What is at a path; what is behind a link isn't looked at.
    STAT = Read(FILES) by Lines "stat" "PATH…" => "a line a path: `file MODE SIZE SHA256 OWNER GROUP`, `directory MODE OWNER GROUP`, `link OWNER GROUP TARGET`, `other MODE OWNER GROUP` or `absent`";
    /// When paths were last changed, their content or their attributes.
    CHANGED = Read(FILES) by Lines "changed" "PATH…" => "a line a path: seconds since 1970 with six decimals, or `absent`";
    /// The bytes of a file; status 66 if there is none, 73 if it's no file.
    READ = Read(FILES) "read" "PATH" => "its bytes";
    /// The names in a folder; status 66 if there is none.
    LIST = Read(FILES) "list" "PATH" => "a line a name, sorted";
    /// A new file takes the old one's place whole or not at all. Owner and group may be `-`: the caller's own.
    WRITE = Write(FILES) "write" "PATH MODE OWNER GROUP <BYTES" => "nothing";
    /// Changes mode, owner and group of a file or folder; `-` leaves one as it is.
    ATTRIBUTES = Write(FILES) "attributes" "PATH MODE OWNER GROUP" => "nothing";
    /// Makes a folder; the one above it has to be there.
    MKDIR = Write(FILES) "mkdir" "PATH MODE OWNER GROUP" => "nothing";
    /// Makes a symbolic link, in place of another one.
    SYMLINK = Write(FILES) "symlink" "PATH TARGET" => "nothing";
    /// Removes a file, a link or an empty folder; nothing happens if there is none.
    REMOVE = Write(FILES) "remove" "PATH" => "nothing";
    /// Removes a folder with all that is in it, but nothing of other file systems; nothing happens if there is none.
    REMOVE_TREE = Tracked(FILES) "remove_tree" "PATH" => "nothing";
}
