//! A file's bytes as memory: the only unsafe code of the program.
//!
//! Three things make a mapping of a file that others may write to harmless here. Its bytes are only ever read as plain
//! `u8`, where no value is invalid, and nothing is decided by reading the same byte twice. What is given back to the system
//! behind the reader comes back from the file when it is asked for again. And where the file has become shorter than its
//! mapping, the system's SIGBUS is answered by putting zeros there and noting where that was, instead of dying.
#![allow(unsafe_code)]

use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::ptr::{self, NonNull};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Files mapped at the same time; whoever finds no place reads.
const PLACES: usize = 16;

/// Nothing has faulted.
const NOWHERE: usize = usize::MAX;

/// What the signal handler has to know of a mapping. Lives for ever, so the handler never meets a dangling one.
struct Place {
    /// First address; 0 when the place is free, 1 while it is taken.
    start: AtomicUsize,
    /// Address behind the last one.
    end: AtomicUsize,
    /// Offset of the first page that was not there.
    fault: AtomicUsize,
}

static TABLE: [Place; PLACES] =
    [const { Place { start: AtomicUsize::new(0), end: AtomicUsize::new(0), fault: AtomicUsize::new(NOWHERE) } };
        PLACES];

/// Whom to ask about a SIGBUS that is none of ours; set before the handler is.
static BEFORE: OnceLock<libc::sigaction> = OnceLock::new();

/// The system's page size; bytes.
static PAGE: AtomicUsize = AtomicUsize::new(4096);

/// The first `length` bytes of a file.
pub(super) struct Mapping {
    start: NonNull<u8>,
    length: usize,
    /// Bytes before this were given back; a multiple of the page size.
    released: usize,
    place: &'static Place,
}

// SAFETY: the memory belongs to the mapping alone and is only read; `place` is shared through atomics.
unsafe impl Send for Mapping {}

impl Mapping {
    /// Maps the first `length` bytes of `file`; `None` where that cannot be done, and the file has to be read.
    pub(super) fn new(file: &File, length: u64) -> Option<Self> {
        let length = usize::try_from(length).ok().filter(|length| *length > 0 && isize::try_from(*length).is_ok())?;
        install()?;
        let taken = |place: &&Place| place.start.compare_exchange(0, 1, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        let place = TABLE.iter().find(taken)?;
        // SAFETY: a new mapping at an address of the system's choice touches no other memory.
        let start =
            unsafe { libc::mmap(ptr::null_mut(), length, libc::PROT_READ, libc::MAP_SHARED, file.as_raw_fd(), 0) };
        let start = if start == libc::MAP_FAILED { None } else { NonNull::new(start.cast::<u8>()) };
        let Some(start) = start else {
            place.start.store(0, Ordering::Release);
            return None;
        };
        place.fault.store(NOWHERE, Ordering::Relaxed);
        place.end.store(start.as_ptr().addr() + length, Ordering::Relaxed);
        place.start.store(start.as_ptr().addr(), Ordering::Release);
        Some(Self { start, length, released: 0, place })
    }

    /// All of its bytes. What stands behind the end of a file that was cut reads as zero.
    #[inline]
    pub(super) const fn bytes(&self) -> &[u8] {
        // SAFETY: `length` bytes from `start` are mapped as long as `self` lives: giving pages back leaves them mapped,
        // and the signal handler puts others in the place of those that are gone.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }

    /// Where the first page was asked for that the file does not have any more.
    #[inline]
    pub(super) fn fault(&self) -> Option<u64> {
        let fault = self.place.fault.load(Ordering::Relaxed);
        (fault != NOWHERE).then_some(fault as u64)
    }

    /// Gives the memory of all whole pages before `offset` back to the system.
    pub(super) fn release(&mut self, offset: usize) {
        let until = offset.min(self.length) / page() * page();
        if until > self.released {
            // SAFETY: the range lies within the mapping and begins and ends with a page. The pages stay mapped, and are
            // read from the file again when somebody looks at them.
            unsafe {
                libc::madvise(
                    self.start.as_ptr().add(self.released).cast(),
                    until - self.released,
                    libc::MADV_DONTNEED,
                );
            }
            self.released = until;
        }
    }

    /// Whether the page of the byte at `offset` is in memory. INVARIANT: offset < length.
    #[cfg(target_os = "linux")]
    fn is_in_memory(&self, offset: usize) -> bool {
        let mut is_there = 0_u8;
        // SAFETY: the page lies within the mapping, and one byte takes the answer for one page.
        let answer = unsafe {
            let page = self.start.as_ptr().add(offset / page() * page());
            libc::mincore(page.cast(), 1, &raw mut is_there)
        };
        answer == 0 && is_there & 1 == 1
    }

    #[cfg(not(target_os = "linux"))]
    fn is_in_memory(&self, _offset: usize) -> bool {
        false
    }

    /// Asks the system to read `length` bytes at `offset` from the disk soon, if they are not in memory already: asking
    /// means that it looks for each page of them.
    pub(super) fn will_need(&self, offset: usize, length: usize) {
        let from = offset.min(self.length) / page() * page();
        let length = length.min(self.length - from);
        if length == 0 || (self.is_in_memory(from) && self.is_in_memory(from + length - 1)) {
            return;
        }
        // SAFETY: the range lies within the mapping; the advice changes nothing that can be seen.
        unsafe {
            libc::madvise(self.start.as_ptr().add(from).cast(), length, libc::MADV_WILLNEED);
        }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: mapped by `new` with this length, and no borrow of it outlives `self`. The place is freed after it, so
        // a fault in between still finds it.
        unsafe {
            libc::munmap(self.start.as_ptr().cast(), self.length);
        }
        self.place.start.store(0, Ordering::Release);
    }
}

/// Asks the processor to bring `byte` into its cache, and does not wait.
#[inline]
pub(super) fn prefetch(byte: &u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every x86-64 has the instruction, and it changes nothing that can be seen.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T1>(ptr::from_ref(byte).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    std::hint::black_box(*byte);
}

fn page() -> usize {
    PAGE.load(Ordering::Relaxed)
}

/// Puts the handler in place, once; `None` when the system refuses.
fn install() -> Option<()> {
    static DONE: OnceLock<bool> = OnceLock::new();
    let done = DONE.get_or_init(|| {
        // SAFETY: asks for a number.
        let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        let Ok(size) = usize::try_from(size) else { return false };
        PAGE.store(size.max(1), Ordering::Relaxed);
        // SAFETY: both structures are plain data that zeros are valid for; the handler has the signature that
        // SA_SIGINFO promises.
        unsafe {
            let mut before: libc::sigaction = std::mem::zeroed();
            if libc::sigaction(libc::SIGBUS, ptr::null(), &raw mut before) != 0 || BEFORE.set(before).is_err() {
                return false;
            }
            let mut action: libc::sigaction = std::mem::zeroed();
            let handler: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) = on_bus_error;
            action.sa_sigaction = handler as libc::sighandler_t;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESTART;
            libc::sigemptyset(&raw mut action.sa_mask);
            libc::sigaction(libc::SIGBUS, &raw const action, ptr::null_mut()) == 0
        }
    });
    done.then_some(())
}

/// A page could not be brought in. If it is one of ours, zeros take its place and that of all behind it, and its offset is
/// noted. Calls nothing but the system, and touches nothing but atomics: it may interrupt anything.
extern "C" fn on_bus_error(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the system hands over a valid structure.
    let address = unsafe { (*info).si_addr() }.addr();
    for place in &TABLE {
        let start = place.start.load(Ordering::Acquire);
        let end = place.end.load(Ordering::Relaxed);
        if start <= 1 || !(start..end).contains(&address) {
            continue;
        }
        let first = address / page() * page();
        // SAFETY: from `first` to `end` there is nothing but this mapping, of which nothing can be read any more: the
        // file ends before it, or the disk fails.
        let zeros = unsafe {
            libc::mmap(
                ptr::with_exposed_provenance_mut(first),
                end - first,
                libc::PROT_READ,
                libc::MAP_PRIVATE | libc::MAP_ANON | libc::MAP_FIXED,
                -1,
                0,
            )
        };
        if zeros != libc::MAP_FAILED {
            place.fault.fetch_min(first - start, Ordering::Relaxed);
            return;
        }
    }
    someone_elses(signal, info, context);
}

/// Hands a SIGBUS on to whoever handled it before, or lets it end the process.
fn someone_elses(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    if let Some(before) = BEFORE.get()
        && before.sa_flags & libc::SA_SIGINFO != 0
        && before.sa_sigaction > libc::SIG_IGN
    {
        // SAFETY: SA_SIGINFO says that the address is that of a function of this type.
        let handler: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) =
            unsafe { std::mem::transmute(before.sa_sigaction) };
        handler(signal, info, context);
        return;
    }
    // SAFETY: back to the system's own answer; the access is tried again and ends the process as it would have.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
    }
}
