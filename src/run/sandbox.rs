//! What strangers send is read in a room without doors: on Linux, landlock leaves only the files that are needed.

use std::path::PathBuf;

/// How far the file system and the network are closed; for who asks with `-v`.
#[cfg(target_os = "linux")]
pub(super) fn close(directories: &[PathBuf]) -> String {
    let places: Vec<String> = directories.iter().map(|place| place.display().to_string()).collect();
    let rest = if places.is_empty() { String::new() } else { format!(" but in {}", places.join(", ")) };
    match linux::close(directories) {
        Ok(linux::Closed::Fully) => format!("landlock: no file can be made or opened{rest}, and no connection"),
        Ok(linux::Closed::Partly) => format!("landlock, as far as this kernel has it: no file can be made{rest}"),
        Ok(linux::Closed::Not) => "landlock: not in this kernel; the file system stays open".to_owned(),
        Err(error) => format!("landlock: {error}; the file system stays open"),
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn close(_: &[PathBuf]) -> String {
    "the file system stays open: there is no landlock here".to_owned()
}

#[cfg(target_os = "linux")]
mod linux {
    use std::path::PathBuf;

    use landlock::{
        ABI, Access as _, AccessFs, AccessNet, Ruleset, RulesetAttr as _, RulesetCreatedAttr as _, RulesetError,
        RulesetStatus, path_beneath_rules,
    };

    /// The latest one whose meaning is known here; older kernels do what they can.
    const LATEST: ABI = ABI::V5;

    /// Zones, for times; counters of interfaces, which libpcap reads; the limits that threads are counted by.
    const READ: &[&str] =
        &["/usr/share/zoneinfo", "/etc/localtime", "/sys/class/net", "/sys/devices", "/sys/fs/cgroup", "/proc/self"];

    pub(super) enum Closed {
        Fully,
        Partly,
        Not,
    }

    /// From here on this thread, and those it starts, can open nothing else.
    pub(super) fn close(directories: &[PathBuf]) -> Result<Closed, RulesetError> {
        let make = AccessFs::MakeReg | AccessFs::RemoveFile | AccessFs::WriteFile | AccessFs::Truncate;
        let status = Ruleset::default()
            .handle_access(AccessFs::from_all(LATEST))?
            .handle_access(AccessNet::from_all(LATEST))?
            .create()?
            .add_rules(path_beneath_rules(READ, AccessFs::from_read(LATEST)))?
            .add_rules(path_beneath_rules(directories, make))?
            .restrict_self()?;
        Ok(match status.ruleset {
            RulesetStatus::FullyEnforced => Closed::Fully,
            RulesetStatus::PartiallyEnforced => Closed::Partly,
            RulesetStatus::NotEnforced => Closed::Not,
        })
    }
}
