//! What a user of the screen counts on, tried in a real terminal. Needs tmux; says so loudly where there is none.

use std::time::{Duration, Instant};

use super::capture;
use super::terminal::{Terminal, expired, program};

const FILES: [&str; 5] = [
    "healthy--nla-tls12.pcapng",
    "tls.cert-expired--alert-45.pcap",
    "path.mtu-black-hole--near-server.pcap",
    "neg.hybrid-required--ssl-only.pcap",
    "cap.starts-mid-session--freerdp.pcapng",
];

fn files() -> String {
    FILES.map(|name| capture(name).display().to_string()).join(" ")
}

#[test]
fn the_row_says_what_matters_at_every_size() {
    for (width, height) in [(80, 24), (60, 20), (34, 10)] {
        let Some(terminal) = Terminal::new(width, height) else { return };
        terminal.run(&format!("{} tui {}", program(), files()));
        let text = terminal
            .until("all of it", |text| text.contains("died") && !text.contains("read") && text.contains("of 5"));
        let rows: Vec<&str> = text.lines().collect();
        assert!(text.trim_end().lines().last().is_some_and(|line| line.ends_with("? help")), "{text}");
        if width == 34 {
            // One session: its sentence, broken into lines, and where to look.
            assert!(text.contains("frame") && text.contains("→"), "{text}");
            continue;
        }
        let row = rows.iter().find(|row| row.contains("cert-expired")).unwrap_or_else(|| panic!("{text}"));
        for wanted in ["× died", "10.20.4.17", "■■×···"] {
            assert!(row.contains(wanted), "{wanted}: {text}");
        }
        assert_eq!(row.contains("10.20.1.9 "), width == 80, "{text}");
        let place = |word: &str| rows.iter().position(|row| row.contains(word));
        assert!(place("× died") < place("? unsure") && place("? unsure") < place("√ ok"), "worst first: {text}");
        assert!(text.contains(", in TLS, proven") && text.contains("client refused the server"), "{text}");
    }
}

#[test]
fn gaps_and_repeats_are_folded_and_unfold() {
    let Some(terminal) = Terminal::new(80, 40) else { return };
    terminal.run(&format!("{} tui {}", program(), capture(FILES[2]).display()));
    // The word also stands in the command line, where Enter would be the shell's.
    terminal.wait("1-1 of 1");
    terminal.key("Enter");
    // A picture may be looked at while it is drawn.
    terminal.until("folded rows", |text| text.contains("again, 6 ×") && text.contains("11.0 s of silence"));
    let text = terminal.wait("died here: frame 7");
    let again = |text: &str| text.lines().filter(|line| line.contains("again")).count();
    let folded = again(&text);
    terminal.key("r");
    terminal.until("six rows", |text| again(text) >= folded + 5);
    terminal.key("Escape");
    terminal.wait("sort: worst first");
    terminal.key("q");
    terminal.wait("again: rdpwhy tui");
    terminal.is_clean();
}

#[test]
fn finding_and_narrowing() {
    let Some(terminal) = Terminal::new(80, 24) else { return };
    terminal.run(&format!("{} tui {}", program(), files()));
    terminal.wait("of 5");
    terminal.run_keys("/died");
    terminal.wait("3 of 5");
    terminal.run_keys(" clent:10");
    let text = terminal.wait("^^^^^");
    assert!(text.contains("did you mean client?") && text.contains("cert-expired"), "{text}");
    terminal.key("Escape");
    terminal.wait("1-5 of 5");
    terminal.run_keys("fs");
    terminal.wait("filter: server:");
    terminal.run_keys("/");
    terminal.key("C-u");
    terminal.key("Enter");
    terminal.wait("1-5 of 5");
    terminal.run_keys("c");
    terminal.wait("tls.cert-expired");
    terminal.key("Enter");
    terminal.wait("1-1 of 1");
    terminal.run_keys("/");
    terminal.key("C-u");
    terminal.key("Enter");
    terminal.wait("1-5 of 5");
    terminal.key("Home");
    terminal.key("Enter");
    let first = terminal.wait(" died here").lines().next().unwrap_or_default().to_owned();
    terminal.run_keys("J");
    terminal.until("the next one", |text| !text.starts_with(&first) && text.contains("died here"));
    terminal.run_keys("K");
    terminal.until("the first one", |text| text.starts_with(&first));
    terminal.key("Q");
    terminal.is_clean();
}

#[test]
fn plain_and_contrasting_looks() {
    let Some(terminal) = Terminal::new(120, 40) else { return };
    terminal.run(&format!("{} tui --ascii {}", program(), files()));
    terminal.wait("X died");
    for key in ["Enter", "1", "2", "3", "4", "5", "?", "Escape", "y", "Escape"] {
        terminal.key(key);
        std::thread::sleep(Duration::from_millis(150));
        let text = terminal.text();
        assert!(text.is_ascii(), "{key}: {text}");
    }
    terminal.key("Q");
    terminal.is_clean();
    terminal.run(&format!("clear; {} tui --theme high-contrast {}", program(), files()));
    terminal.wait("× died");
    let colors = terminal.tmux(&["capture-pane", "-p", "-e", "-t", "t"]).unwrap_or_default();
    assert!(colors.contains("48;5;1m") || colors.contains("41m"), "white on red: {colors:?}");
    terminal.key("Q");
    terminal.is_clean();
}

#[test]
fn the_help_narrows_and_runs() {
    let Some(terminal) = Terminal::new(80, 24) else { return };
    terminal.run(&format!("{} tui {}", program(), files()));
    terminal.wait("× died");
    terminal.run_keys("?");
    terminal.wait("Help: the list");
    terminal.run_keys("how many sessions");
    terminal.until("one line", |text| text.contains("causes and how many") && !text.contains("leave at once"));
    terminal.key("Enter");
    terminal.wait("tls.cert-expired");
    terminal.run_keys("?");
    terminal.wait("Help: the causes");
    terminal.key("Escape");
    terminal.key("Escape");
    terminal.key("Enter");
    terminal.wait("? help");
    terminal.run_keys("yv");
    terminal.wait("to the terminal's clipboard (OSC 52)");
    terminal.key("Q");
    terminal.is_clean();
}

#[test]
fn a_bug_leaves_the_terminal_clean_and_says_so() {
    let Some(terminal) = Terminal::new(80, 24) else { return };
    terminal.run(&format!("RDPWHY_TEST_BUG=1 {} tui {}; echo code $?", program(), expired()));
    terminal.wait("× died");
    terminal.key("C-l");
    let text = terminal.wait("code 3");
    assert!(text.contains("rdpwhy has a bug") && text.contains("a bug on purpose"), "{text}");
    terminal.is_clean();
}

#[test]
fn a_file_that_grows_underneath_changes_nothing() {
    let Some(terminal) = Terminal::new(80, 24) else { return };
    let place = tempfile::tempdir().expect("a directory");
    let file = place.path().join("a.pcap");
    std::fs::copy(expired(), &file).expect("copied");
    terminal.run(&format!("{} tui {}", program(), file.display()));
    terminal.wait("× died");
    let mut bytes = std::fs::read(&file).expect("read");
    let records = bytes[24..].to_vec();
    bytes.extend(&records);
    bytes.extend(&records[..20]);
    std::fs::write(&file, bytes).expect("written");
    terminal.key("Enter");
    terminal.key("2");
    terminal.wait("description certificate_expired (45)");
    terminal.key("Q");
    terminal.is_clean();
}

#[test]
fn packets_are_written_and_never_over_anything() {
    let Some(terminal) = Terminal::new(100, 30) else { return };
    let place = tempfile::tempdir().expect("a directory");
    terminal.run(&format!("cd {} && {} tui {}", place.path().display(), program(), files()));
    terminal.wait("of 5");
    terminal.run_keys("/expired");
    terminal.key("Enter");
    terminal.wait("1-1 of 1");
    for expected in ["wrote 12 packets", "is there already; nothing was written"] {
        terminal.run_keys("wp");
        terminal.wait("write to: session-");
        terminal.key("C-u");
        terminal.run_keys("one.pcapng");
        terminal.key("Enter");
        terminal.wait(expected);
    }
    terminal.run_keys("w");
    terminal.run_keys("p");
    terminal.key("C-u");
    terminal.run_keys("on");
    terminal.key("Tab");
    terminal.wait("write to: one.pcapng");
    terminal.key("Escape");
    // An Escape with a letter on its heels is Alt and that letter, as everywhere.
    terminal.until("no prompt", |screen| !screen.contains("write to:"));
    terminal.key("Q");
    terminal.is_clean();
    let output = std::process::Command::new(program()).current_dir(place.path()).args(["-1", "one.pcapng"]).output();
    let text = String::from_utf8_lossy(&output.expect("it runs").stdout).into_owned();
    assert!(text.contains("tls.cert-expired"), "{text}");
}

/// Keys that do not end the program, with the names that tmux gives them.
const KEYS: [&str; 64] = [
    "j", "k", "g", "G", "d", "J", "K", "[", "]", "1", "2", "3", "4", "5", "z", "t", "m", "r", "R", "x", "/", "n", "N",
    "f", "s", "S", "<", ">", "c", "Space", "*", "y", "w", "e", "o", ":", "p", "F", "M", "?", "a", "l", "h", "u", "0",
    ",", ".", "Enter", "Escape", "Tab", "BTab", "BSpace", "Up", "Down", "Left", "Right", "PPage", "NPage", "Home",
    "End", "C-u", "C-d", "C-f", "C-l",
];

/// Any keys while it loads and while the window changes: the program goes on, and the terminal is clean afterwards. How
/// long for each seed is said by RDPWHY_TEST_SECONDS.
#[test]
fn random_keys_break_nothing() {
    let seconds = std::env::var("RDPWHY_TEST_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    for seed in [1_u64, 2, 3] {
        let Some(terminal) = Terminal::new(80, 24) else { return };
        let place = tempfile::tempdir().expect("a directory");
        let captures = capture("");
        // What keys may end is begun anew; what a bug ends is not.
        terminal.run(&format!(
            "cd {}; while [ ! -e stop ]; do {} tui {} 2>error || [ -e stop ] || break; done; echo over",
            place.path().display(),
            program(),
            captures.display()
        ));
        let start = Instant::now();
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut next = |count: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % count as u64) as usize
        };
        let mut typed = Vec::new();
        while start.elapsed() < Duration::from_secs(seconds) {
            let keys: Vec<&str> = (0..1 + next(12)).map(|_| KEYS[next(KEYS.len())]).collect();
            let mut words = vec!["send-keys", "-t", "t"];
            words.extend(&keys);
            terminal.tmux(&words);
            typed.extend(keys);
            if next(6) == 0 {
                let size = [(20 + next(200)).to_string(), (5 + next(60)).to_string()];
                terminal.tmux(&["resize-window", "-t", "t", "-x", &size[0], "-y", &size[1]]);
            }
            std::thread::sleep(Duration::from_millis(30));
        }
        let tail = &typed[typed.len().saturating_sub(60)..];
        let error = std::fs::read_to_string(place.path().join("error")).unwrap_or_default();
        assert!(!error.contains("bug"), "seed {seed}: {error}\n{tail:?}");
        assert_eq!(terminal.programs().len(), 1, "seed {seed}: {}\n{tail:?}", terminal.text());
        terminal.tmux(&["resize-window", "-t", "t", "-x", "80", "-y", "24"]);
        // It still listens.
        for _ in 0..5 {
            terminal.key("Escape");
        }
        terminal.key("?");
        terminal.wait("type to search");
        std::fs::write(place.path().join("stop"), "").expect("written");
        terminal.key("C-c");
        terminal.wait("over");
        terminal.is_clean();
    }
}

#[test]
fn what_comes_through_a_pipe_is_shown_while_the_pipe_is_open() {
    let Some(terminal) = Terminal::new(80, 24) else { return };
    terminal.run(&format!("(cat {}; exec sleep 600) | {} tui -", expired(), program()));
    terminal.wait("× died");
    assert!(terminal.text().contains("reading, 12 packets"), "{}", terminal.text());
    terminal.key("Enter");
    terminal.wait("died here: frame 8");
    terminal.key("Q");
    terminal.until("its end", |_| terminal.programs().is_empty());
    assert!(!terminal.is_alternate());
}
