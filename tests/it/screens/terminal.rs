//! The program in a real terminal: how it comes, what keys do, and that it leaves the terminal as it was, however it has
//! to go. Needs tmux; says so loudly where there is none.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::capture;

/// How long anything may take on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A shell in a terminal of its own.
pub(super) struct Terminal {
    socket: String,
}

impl Terminal {
    /// `None` where there is no tmux.
    pub(super) fn new(width: u16, height: u16) -> Option<Self> {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let terminal = Self { socket: format!("rdpwhy-{}-{number}", std::process::id()) };
        let size = [width.to_string(), height.to_string()];
        let shell = "env -u NO_COLOR PS1='ready> ' LC_ALL=C.UTF-8 TZ=UTC TERM=screen-256color sh";
        let words = ["new-session", "-d", "-s", "t", "-x", &size[0], "-y", &size[1], shell];
        if terminal.tmux(&words).is_none() {
            eprintln!("SKIPPED: tmux is missing; nothing is known about a real terminal");
            return None;
        }
        terminal.tmux(&["set", "-g", "status", "off"]);
        terminal.tmux(&["set", "-g", "escape-time", "10"]);
        terminal.wait("ready>");
        Some(terminal)
    }

    pub(super) fn tmux(&self, words: &[&str]) -> Option<String> {
        let output = Command::new("tmux").args(["-L", &self.socket, "-f", "/dev/null"]).args(words).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Types a line into the shell.
    pub(super) fn run(&self, line: &str) {
        self.tmux(&["send-keys", "-t", "t", "-l", line]);
        self.key("Enter");
    }

    /// Types text, without a line's end.
    pub(super) fn run_keys(&self, text: &str) {
        self.tmux(&["send-keys", "-t", "t", "-l", text]);
    }

    pub(super) fn key(&self, key: &str) {
        self.tmux(&["send-keys", "-t", "t", key]);
    }

    pub(super) fn text(&self) -> String {
        self.tmux(&["capture-pane", "-p", "-t", "t"]).unwrap_or_default()
    }

    /// Waits until the screen shows `wanted`.
    #[track_caller]
    pub(super) fn wait(&self, wanted: &str) -> String {
        self.until(wanted, |text| text.contains(wanted))
    }

    #[track_caller]
    pub(super) fn until(&self, wanted: &str, fits: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let text = self.text();
            if fits(&text) {
                return text;
            }
            assert!(start.elapsed() < PATIENCE, "never came: {wanted}\n{text}");
            sleep(Duration::from_millis(30));
        }
    }

    /// Whether the alternate screen is on.
    pub(super) fn is_alternate(&self) -> bool {
        self.tmux(&["display-message", "-p", "-t", "t", "#{alternate_on}"]).is_some_and(|text| text.trim() == "1")
    }

    /// The shell must be back on a terminal that echoes, breaks lines and shows its cursor.
    #[track_caller]
    pub(super) fn is_clean(&self) {
        // What is typed while the program still reads keys would be its own.
        self.until("its end", |_| self.running().is_empty());
        self.run("stty -a | tr ';' '\\n' | tr ' ' '\\n' | grep -xE 'echo|icanon|isig|opost' | sort | tr '\\n' +; echo");
        self.wait("echo+icanon+isig+opost+");
        assert!(!self.is_alternate());
        let cursor = self.tmux(&["display-message", "-p", "-t", "t", "#{cursor_flag}"]).unwrap_or_default();
        assert_eq!(cursor.trim(), "1", "the cursor is visible");
    }

    /// Ids of the programs of ours that run in this terminal.
    pub(super) fn programs(&self) -> Vec<String> {
        let tty = self.tmux(&["display-message", "-p", "-t", "t", "#{pane_tty}"]).unwrap_or_default();
        let tty = tty.trim().trim_start_matches("/dev/").to_owned();
        let output = Command::new("ps").args(["-t", &tty, "-o", "pid=,comm="]).output().expect("ps");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let ours = text.lines().filter(|line| line.trim().ends_with("rdpwhy"));
        ours.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
    }

    /// Those among them that are not stopped.
    pub(super) fn running(&self) -> Vec<String> {
        let is_stopped = |id: &String| {
            let state = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            state.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with(['T', 'Z', 'X']))
        };
        self.programs().into_iter().filter(|id| !is_stopped(id)).collect()
    }

    pub(super) fn kill(&self, signal: &str) {
        for program in self.programs() {
            Command::new("kill").args([signal, &program]).status().expect("kill");
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.tmux(&["kill-server"]);
    }
}

pub(super) fn program() -> String {
    assert_cmd::cargo::cargo_bin!("rdpwhy").display().to_string()
}

pub(super) fn expired() -> String {
    capture("tls.cert-expired--alert-45.pcap").display().to_string()
}

#[test]
fn it_comes_shows_the_death_and_leaves_two_lines() {
    let Some(terminal) = Terminal::new(80, 24) else { return };
    terminal.run(&format!("{} tui {}", program(), expired()));
    terminal.wait("× died");
    assert!(terminal.is_alternate());
    terminal.key("Enter");
    terminal.wait("× died here: frame 8, in TLS, by the client");
    terminal.key("2");
    terminal.wait("description certificate_expired (45)");
    terminal.key("3");
    terminal.wait("02[2d]");
    terminal.key("4");
    terminal.wait("expired 2 d 4 h before this packet");
    terminal.key("5");
    terminal.wait("round trip, ms");
    terminal.key("Escape");
    terminal.wait("sort: worst first");
    terminal.key("q");
    let text = terminal.wait("again: rdpwhy tui");
    assert!(text.contains("#1 died at frame 8: client refused the server certificate"), "{text}");
    terminal.is_clean();
}

#[test]
fn keys_come_from_the_terminal_when_standard_input_is_the_capture() {
    let Some(terminal) = Terminal::new(80, 24) else { return };
    terminal.run(&format!("cat {} | {} tui -", expired(), program()));
    terminal.wait("standard input");
    terminal.wait("× died");
    terminal.key("Enter");
    terminal.wait("died here: frame 8");
    terminal.key("2");
    terminal.wait("packets from standard input are not kept");
    terminal.key("Q");
    terminal.is_clean();
}

#[test]
fn it_goes_to_the_shell_and_comes_back() {
    let Some(terminal) = Terminal::new(80, 24) else { return };
    terminal.run(&format!("{} tui {}", program(), expired()));
    terminal.wait("× died");
    terminal.key("Enter");
    terminal.wait("died here");
    terminal.key("C-z");
    terminal.until("the shell", |_| !terminal.is_alternate());
    terminal.is_clean();
    terminal.run("fg");
    terminal.wait("died here: frame 8");
    terminal.kill("-TSTP");
    terminal.until("the shell", |_| !terminal.is_alternate());
    terminal.run("fg");
    terminal.wait("died here: frame 8");
    terminal.key("C-c");
    terminal.wait("again: rdpwhy tui");
    terminal.is_clean();
}

#[test]
fn signals_end_it_and_the_terminal_is_as_it_was() {
    for (signal, code) in [("-TERM", 143), ("-HUP", 129), ("-INT", 130)] {
        let Some(terminal) = Terminal::new(80, 24) else { return };
        terminal.run(&format!("{} tui {}; echo code $?", program(), expired()));
        terminal.wait("× died");
        terminal.kill(signal);
        terminal.wait(&format!("code {code}"));
        terminal.is_clean();
    }
}

#[test]
fn a_terminal_that_is_gone_ends_it() {
    let Some(terminal) = Terminal::new(80, 24) else { return };
    terminal.run(&format!("{} tui {}", program(), expired()));
    terminal.wait("× died");
    let programs = terminal.programs();
    assert_eq!(programs.len(), 1);
    terminal.tmux(&["kill-server"]);
    let start = Instant::now();
    while std::path::Path::new(&format!("/proc/{}", programs[0])).exists() {
        assert!(start.elapsed() < PATIENCE, "it goes on without a terminal");
        sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_resize_redraws_and_a_file_that_is_gone_is_told() {
    let Some(terminal) = Terminal::new(120, 40) else { return };
    let place = tempfile::tempdir().expect("a directory");
    let file = place.path().join("a.pcap");
    std::fs::copy(expired(), &file).expect("copied");
    terminal.run(&format!("{} tui {}", program(), file.display()));
    terminal.wait("died here: frame 8");
    terminal.tmux(&["resize-window", "-t", "t", "-x", "34", "-y", "10"]);
    terminal.wait("J/K session");
    terminal.tmux(&["resize-window", "-t", "t", "-x", "80", "-y", "24"]);
    terminal.wait("sort: worst first");
    std::fs::remove_file(&file).expect("removed");
    terminal.key("Enter");
    terminal.wait("died here: frame 8");
    terminal.key("2");
    terminal.wait("no file ");
    terminal.key("Q");
    terminal.is_clean();
}

#[test]
fn without_colour_no_colour_is_sent() {
    let Some(terminal) = Terminal::new(80, 24) else { return };
    terminal.run(&format!("NO_COLOR=1 {} tui {}", program(), expired()));
    terminal.wait("× died");
    terminal.key("Enter");
    terminal.wait("died here");
    let text = terminal.tmux(&["capture-pane", "-p", "-e", "-t", "t"]).unwrap_or_default();
    assert!(text.contains("\u{1b}[7m") || text.contains(";7m"), "the selection is reverse: {text:?}");
    let codes = text.split("\u{1b}[").skip(1).filter_map(|part| part.split_once('m')).map(|(codes, _)| codes);
    let is_color = |code: &str| matches!(code.parse::<u32>(), Ok(30..=37 | 40..=47 | 90..=107));
    assert!(!codes.flat_map(|codes| codes.split(';')).any(is_color), "{text:?}");
    terminal.key("Q");
    terminal.is_clean();
}

#[test]
fn it_starts_where_it_was_told_to_and_not_at_all_without_a_file() {
    let Some(terminal) = Terminal::new(80, 24) else { return };
    terminal.run(&format!("{} tui nowhere.pcap; echo code $?", program()));
    let text = terminal.wait("code 3");
    assert!(text.contains("no file nowhere.pcap") && !terminal.is_alternate(), "{text}");
    terminal.run(&format!("{} tui {} --session 1 --theme mono", program(), expired()));
    terminal.wait("died here: frame 8");
    terminal.key("Escape");
    terminal.wait("filter: none");
    terminal.key("Q");
    terminal.is_clean();
    terminal.run(&format!("{} tui {} -Y ok", program(), expired()));
    terminal.wait("no session is what the filter asks for");
    terminal.key("Q");
    terminal.is_clean();
}

#[test]
fn a_file_that_grows_is_told_of_and_read_again() {
    use std::io::Write as _;
    let Some(terminal) = Terminal::new(80, 24) else { return };
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("growing.pcap");
    std::fs::copy(capture("tls.cert-expired--alert-45.pcap"), &file).expect("copies");
    terminal.run(&format!("{} tui {}", program(), file.display()));
    terminal.wait("1-1 of 1");
    let more = std::fs::read(capture("neg.hybrid-required--ssl-only.pcap")).expect("reads");
    // Behind the header of the file, records follow each other.
    let mut end = std::fs::OpenOptions::new().append(true).open(&file).expect("opens");
    end.write_all(&more[24..]).expect("writes");
    terminal.key("Enter");
    terminal.wait(&format!("growing.pcap grew by {} bytes since; :e reads it again", more.len() - 24));
    terminal.run_keys(":e");
    terminal.key("Enter");
    terminal.key("q");
    terminal.wait("1-2 of 2");
    terminal.key("Q");
    terminal.is_clean();
}
