//! What the floor needs of the system: a mapped file, and how long the processor worked for this process.
#![allow(unsafe_code)]

use std::fs::File;
use std::os::fd::AsRawFd as _;

/// A whole file as memory. Whoever measures does not cut it meanwhile.
pub(crate) struct Mapped {
    start: *mut libc::c_void,
    length: usize,
}

impl Mapped {
    pub(crate) fn new(path: &str) -> std::io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len() as usize;
        // SAFETY: a new mapping at an address of the system's choice touches no other memory.
        let start =
            unsafe { libc::mmap(std::ptr::null_mut(), length, libc::PROT_READ, libc::MAP_SHARED, file.as_raw_fd(), 0) };
        if start == libc::MAP_FAILED { Err(std::io::Error::last_os_error()) } else { Ok(Self { start, length }) }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: mapped above with this length, until `self` is dropped.
        unsafe { std::slice::from_raw_parts(self.start.cast(), self.length) }
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: mapped above with this length.
        unsafe {
            libc::munmap(self.start, self.length);
        }
    }
}

/// User and system time of this process so far; milliseconds.
pub(crate) fn cpu() -> f64 {
    // SAFETY: plain data that zeros are valid for, filled in by the system.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &raw mut usage);
        usage
    };
    let milliseconds = |time: libc::timeval| time.tv_sec as f64 * 1e3 + time.tv_usec as f64 / 1e3;
    milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime)
}
