//! Which interfaces there are, for a list and for those who mistype one.

use std::net::IpAddr;

use pcap::Device;

use crate::capture::live::failure;
use crate::capture::source::CaptureError;

/// One that can be named after `-i`.
#[derive(Clone, Debug)]
pub struct Interface {
    /// As the system calls it.
    pub name: String,
    /// It is up, where it is one that can be.
    pub is_up: Option<bool>,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// What libpcap says about it.
    pub about: Option<String>,
}

impl Interface {
    /// `eth0    up    10.20.4.2`.
    #[must_use]
    pub fn line(&self) -> String {
        let state = match self.is_up {
            Some(true) => "up",
            Some(false) => "down",
            None => "",
        };
        let mut what: Vec<String> = self.addresses.iter().map(ToString::to_string).collect();
        if self.name == "any" {
            what = vec!["all of them at once".to_owned()];
        } else if what.is_empty() {
            what.extend(self.about.clone());
        }
        format!("{:<15} {state:<5} {}", self.name, what.join(" ")).trim_end().to_owned()
    }
}

/// All of them that carry IP; `any` last.
///
/// # Errors
/// When libpcap cannot tell.
pub fn interfaces() -> Result<Vec<Interface>, CaptureError> {
    let devices = Device::list().map_err(|error| failure::cannot_list(&error))?;
    let mut found: Vec<Interface> = devices.into_iter().filter(carries_ip).map(interface).collect();
    found.sort_by_key(|interface| interface.name == "any");
    Ok(found)
}

/// libpcap also offers buses and logs.
fn carries_ip(device: &Device) -> bool {
    const OTHERS: &[&str] = &["nflog", "nfqueue", "dbus-", "usbmon", "bluetooth"];
    !OTHERS.iter().any(|other| device.name.starts_with(other))
}

fn interface(device: Device) -> Interface {
    let is_real = device.name != "any";
    Interface {
        is_up: is_real.then(|| device.flags.is_up()),
        addresses: device.addresses.iter().map(|address| address.addr).collect(),
        about: device.desc,
        name: device.name,
    }
}
