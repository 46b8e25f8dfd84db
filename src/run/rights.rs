//! Rights are for opening an interface; whatever strangers send is read without them.

use std::fs::File;

use nix::unistd::{Uid, User, geteuid};

use super::complaint::Complaint;

/// Who is to be from here on: `-Z`, else whoever called sudo, else nobody new.
pub(super) fn successor(asked: Option<&str>) -> Result<Option<User>, Complaint> {
    if !geteuid().is_root() {
        return match asked {
            Some(name) => Err(Complaint::new(format!("-Z {name}: only root can become somebody else"))),
            None => Ok(None),
        };
    }
    if let Some(name) = asked {
        let user = User::from_name(name).ok().flatten();
        return user.map(Some).ok_or_else(|| Complaint::new(format!("-Z {name}: no such user")));
    }
    let caller = std::env::var("SUDO_UID").ok().and_then(|uid| uid.parse().ok());
    Ok(caller.and_then(|uid| User::from_uid(Uid::from_raw(uid)).ok().flatten()).filter(|user| !user.uid.is_root()))
}

/// Who it runs as.
pub(super) fn name() -> String {
    let uid = geteuid();
    let user = User::from_uid(uid).ok().flatten();
    user.map_or_else(
        || format!("user {uid}"),
        |user| if uid.is_root() { user.name } else { format!("user {}", user.name) },
    )
}

/// The file belongs to whoever `user` is from here on.
pub(super) fn give(file: &File, user: &User) {
    // Who cannot have it can still read what the report says.
    let _ = std::os::unix::fs::fchown(file, Some(user.uid.as_raw()), Some(user.gid.as_raw()));
}

/// Becomes `user` and gives up every right that is left. Before any thread is started: rights are a thread's own.
pub(super) fn give_up(user: Option<&User>) -> Result<(), Complaint> {
    if let Some(user) = user {
        become_user(user).map_err(|error| {
            Complaint::new(format!("cannot become user {}: {}", user.name, error.desc().to_lowercase()))
                .note("help", "-Z root goes on as root")
        })?;
    }
    give_up_rest();
    Ok(())
}

#[cfg(target_os = "linux")]
fn become_user(user: &User) -> nix::Result<()> {
    use nix::unistd::{setgid, setgroups, setuid};
    if user.uid.is_root() {
        return Ok(());
    }
    setgroups(&[user.gid])?;
    setgid(user.gid)?;
    setuid(user.uid)
}

#[cfg(not(target_os = "linux"))]
fn become_user(user: &User) -> nix::Result<()> {
    nix::unistd::setgid(user.gid)?;
    nix::unistd::setuid(user.uid)
}

/// Capabilities, and the ways to new ones. What the system does not know cannot be given up.
#[cfg(target_os = "linux")]
fn give_up_rest() {
    use caps::CapSet;
    let _ = caps::clear(None, CapSet::Ambient);
    for set in [CapSet::Effective, CapSet::Permitted, CapSet::Inheritable] {
        let _ = caps::clear(None, set);
    }
    let _ = nix::sys::prctl::set_no_new_privs();
}

#[cfg(not(target_os = "linux"))]
fn give_up_rest() {}
