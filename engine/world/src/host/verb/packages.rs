//! Packages, as dpkg and apt have them.

super::verbs! { PACKAGES:
    /// What dpkg knows of packages.
    PACKAGES = Read(PACKAGES) by Names "packages" "NAME…" => "a line a package that dpkg knows, sorted: `NAME WANT STATUS VERSION`, WANT being `install`, `hold`, `deinstall` or `purge`";
    /// Which version of packages apt would install.
    CANDIDATES = Read(FILES | PACKAGES) by Names "package_candidates" "NAME…" => "a line a package that has one: `NAME VERSION`";
    /// How old apt's lists are.
    PACKAGE_LISTS = Read(FILES) "package_lists" "" => "seconds, or `changed` if repositories changed since, or `never`";
    /// Brings apt's lists up to date. Like every verb here it waits for whoever holds the lock, and names him if it waited in vain.
    PACKAGES_UPDATE = Tracked(FILES) "packages_update" "" => "nothing";
    /// Installs packages. OPTIONS is a comma list: `held` changes held ones too, `bare` leaves recommended ones out; `-` for none.
    PACKAGES_INSTALL = Tracked(ALL) "packages_install" "OPTIONS NAME[=VERSION]…" => "what apt-get prints";
    /// Removes packages. OPTIONS is a comma list: `purge` takes their settings too, `dependents` the packages that need them, `held` held ones; `-` for none.
    PACKAGES_REMOVE = Tracked(ALL) "packages_remove" "OPTIONS NAME…" => "what apt-get prints";
    /// Holds packages at their version, or lets them go: `hold`, `unhold`.
    PACKAGES_HOLD = Write(FILES | PACKAGES) "packages_hold" "ACTION NAME…" => "nothing";
}
