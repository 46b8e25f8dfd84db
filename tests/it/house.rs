//! The house rules: who may know whom, and how large a file may get. Reads the source as text.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms in order: one may use only those before it.
const ORDER: &[&str] = &[
    "frame",
    "knowledge",
    "wire",
    "tcp",
    "decrypt",
    "session",
    "dissect",
    "engine",
    "diagnose",
    "report",
    "tui",
    "capture",
    "pump",
    "cli",
    "run",
    "main",
];

/// Neither wing knows the other; the doors (capture, cli) know only what they hand in.
const APART: &[(&[&str], &[&str])] = &[
    (&["diagnose", "report", "tui"], &["decrypt", "dissect", "engine"]),
    (
        &["capture"],
        &["knowledge", "wire", "tcp", "decrypt", "session", "dissect", "engine", "diagnose", "report", "tui"],
    ),
    (&["cli"], &["frame", "wire", "tcp", "session", "engine", "diagnose", "report", "tui", "capture", "pump"]),
];

/// Which rooms use which crates; what is not named here is used nowhere.
const CRATES: &[(&str, &[&str])] = &[
    ("base64", &["report", "tui"]),
    ("caps", &["capture", "run"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("crossterm", &["tui"]),
    ("etherparse", &["tcp"]),
    ("flate2", &["capture"]),
    ("foldhash", &["diagnose", "dissect", "engine"]),
    ("hashbrown", &["dissect", "engine"]),
    ("indicatif", &["run"]),
    ("ipnet", &["report"]),
    ("itoa", &["report"]),
    ("jiff", &["report", "tui", "cli", "run"]),
    ("landlock", &["run"]),
    ("libc", &["capture"]),
    ("lz4_flex", &["capture"]),
    ("md5", &["wire"]),
    ("mimalloc", &["main"]),
    ("nix", &["capture", "run"]),
    ("nom", &["wire", "capture"]),
    ("pcap", &["capture"]),
    ("pcap_parser", &["capture"]),
    ("ratatui", &["tui"]),
    ("ring", &["wire"]),
    ("ruzstd", &["capture"]),
    ("serde", &["report"]),
    ("serde_json", &["report"]),
    ("sha1", &["report"]),
    ("sha2", &["wire"]),
    ("signal_hook", &["tui", "run"]),
    ("smallvec", &["diagnose"]),
    ("strsim", &["capture", "cli", "report", "tui"]),
    // In capture only its tests.
    ("tempfile", &["capture", "run"]),
    ("terminal_size", &["run"]),
    ("textwrap", &["report", "cli", "run"]),
    ("thiserror", &["capture", "cli"]),
    ("tls_parser", &["wire"]),
    ("toml", &["run"]),
    ("tui_input", &["tui"]),
    ("unicode_width", &["report", "tui"]),
    ("x509_parser", &["wire"]),
];

/// Crates whose name in code differs from that of the package.
const RENAMED: &[(&str, &str)] = &[("md_5", "md5")];

/// Lines of a file, at most.
const LINES: usize = 450;

/// The one file that maps memory.
const UNSAFE: &str = "capture/mapping.rs";

/// Names that members may take from their room's door: what stands there is the room's own type, not a roster.
const AT_THE_DOOR: &[(&str, &str)] = &[("engine", "Engine"), ("session", "Session"), ("report", "SCHEMA")];

/// A source file.
struct Source {
    /// Relative to `src`, with slashes.
    name: String,
    /// Module path: `["wire", "x224"]`.
    module: Vec<String>,
    text: String,
    /// Without comments.
    code: Vec<String>,
}

impl Source {
    fn room(&self) -> &str {
        self.module.first().map_or("lib", String::as_str)
    }

    /// Whether it is the door of its room or of a room within.
    fn is_door(&self) -> bool {
        self.name.ends_with("/mod.rs") || self.module.len() == 1
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    files.into_iter().map(|path| source(&root, &path)).collect()
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn source(root: &Path, path: &Path) -> Source {
    let name = path.strip_prefix(root).expect("below").to_string_lossy().replace('\\', "/");
    let text = fs::read_to_string(path).expect("text");
    let stem = name.trim_end_matches(".rs").trim_end_matches("/mod");
    let module = if stem == "lib" { Vec::new() } else { stem.split('/').map(str::to_owned).collect() };
    let code = text.lines().map(without_comment).collect();
    Source { name, module, text, code }
}

/// A line up to its comment; `//` in a string stays, because no blank stands before it.
fn without_comment(line: &str) -> String {
    let trimmed = line.trim_start();
    if trimmed.starts_with("//") {
        return String::new();
    }
    line.split(" // ").next().unwrap_or_default().to_owned()
}

/// Every module path below `crate` that a file names: in imports, in groups, inline, and by way of `super`.
fn references(source: &Source) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    let mut inner: Vec<(usize, String)> = Vec::new();
    let code = source.code.join("\n");
    let mut offset = 0;
    for line in &source.code {
        let indent = line.len() - line.trim_start().len();
        // rustfmt closes an inline module at the column where it was opened
        if line.trim() == "}" && inner.last().is_some_and(|(opened, _)| *opened == indent) {
            inner.pop();
        }
        let mut here = source.module.clone();
        here.extend(inner.iter().map(|(_, name)| name.clone()));
        for (start, base) in starts(line, &here) {
            collect_paths(&code[offset + start..], base, &mut found);
        }
        if let Some(name) =
            line.trim().strip_suffix(" {").and_then(|line| line.rsplit_once("mod ")).map(|(_, name)| name)
            && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
        {
            inner.push((indent, name.to_owned()));
        }
        offset += line.len() + 1;
    }
    found
}

/// Where paths begin in a line (behind their `crate::` or `super::`), and what they are relative to.
fn starts(line: &str, here: &[String]) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    let is_word =
        |text: &str| text.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':');
    for (at, _) in line.match_indices("crate::").filter(|(at, _)| !is_word(&line[..*at])) {
        found.push((at + "crate::".len(), Vec::new()));
    }
    for (at, _) in line.match_indices("super::").filter(|(at, _)| !is_word(&line[..*at])) {
        let mut end = at;
        let mut base = here.to_vec();
        while line[end..].starts_with("super::") {
            end += "super::".len();
            base.pop();
        }
        found.push((end, base));
    }
    found
}

/// `a::b::{c, d::e}` and `a::b` as module paths below `base`.
fn collect_paths(text: &str, base: Vec<String>, found: &mut BTreeSet<Vec<String>>) -> usize {
    if let Some(group) = text.strip_prefix('{') {
        let mut at = 1;
        loop {
            let rest = &group[at - 1..];
            at += rest.len() - rest.trim_start().len();
            let rest = &group[at - 1..];
            match rest.chars().next() {
                None => return at,
                Some('}') => return at + 1,
                Some(',') => at += 1,
                // `Trait as _` and the like: another name is no path
                Some(_) if rest.starts_with("as ") => at += rest.find([',', '}']).unwrap_or(rest.len()),
                Some(_) => at += collect_paths(rest, base.clone(), found).max(1),
            }
        }
    }
    let end = text.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(text.len());
    let mut path = base;
    if end > 0 {
        path.push(text[..end].to_owned());
    }
    if end > 0 && text[end..].starts_with("::") {
        return end + 2 + collect_paths(&text[end + 2..], path, found);
    }
    found.insert(path);
    end
}

fn place(room: &str) -> Option<usize> {
    ORDER.iter().position(|known| *known == room)
}

#[test]
fn every_room_has_its_place() {
    for source in sources() {
        assert!(source.room() == "lib" || place(source.room()).is_some(), "{}: not in the order of rooms", source.name);
    }
}

#[test]
fn nothing_walks_down_again_and_the_wings_do_not_know_each_other() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| source.room() != "lib") {
        let room = source.room();
        for path in references(source) {
            let Some(used) = path.first().map(String::as_str).filter(|used| place(used).is_some()) else { continue };
            let upward = place(used) > place(room);
            let across = APART.iter().any(|(these, those)| these.contains(&room) && those.contains(&used));
            if used != room && (upward || across) {
                wrong.push(format!("{}: {room} must not know {}", source.name, path.join("::")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn members_import_the_contract_and_never_the_roster() {
    let all = sources();
    let mut wrong = Vec::new();
    // A room's tests stand before its door, as its users do.
    let is_test = |source: &Source| source.module.iter().any(|part| part == "tests");
    for source in all.iter().filter(|source| !source.is_door() && !is_test(source)) {
        let room = source.room();
        for path in references(source) {
            // `crate::room::Name` or `super::Name`: what the door itself defines or gathers.
            if path.len() != 2 || path[0] != room {
                continue;
            }
            let is_module = all.iter().any(|other| other.module.starts_with(&path));
            if !is_module && !AT_THE_DOOR.contains(&(room, &path[1])) {
                wrong.push(format!("{}: imports {} from the door of its own room", source.name, path.join("::")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The names of the packages that the program is built with.
fn dependencies() -> Vec<String> {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).expect("a manifest");
    // "[dependencies]" and "[target.'cfg(unix)'.dependencies]", not "[dev-dependencies]"
    let is_wanted = |line: &str| line == "[dependencies]" || line.ends_with(".dependencies]");
    let mut wanted = false;
    let lines = manifest.lines().filter(move |line| {
        wanted = if line.starts_with('[') { is_wanted(line) } else { wanted };
        wanted && !line.starts_with('[')
    });
    lines
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| {
            let name = name.trim().replace('-', "_");
            RENAMED.iter().find(|(package, _)| *package == name).map_or(name, |(_, code)| (*code).to_owned())
        })
        .collect()
}

#[test]
fn crates_stay_in_the_rooms_that_need_them() {
    let mut wrong = Vec::new();
    for name in dependencies() {
        let Some((_, rooms)) = CRATES.iter().find(|(known, _)| *known == name) else {
            wrong.push(format!("{name}: belongs to no room; give it one, or leave it out"));
            continue;
        };
        let path = format!("{name}::");
        for source in sources().iter().filter(|source| !rooms.contains(&source.room())) {
            let is_own = source.module.contains(&name);
            let uses = source.code.iter().any(|line| {
                line.match_indices(&path).any(|(at, _)| {
                    !line[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':')
                })
            });
            if uses && !is_own {
                wrong.push(format!("{}: uses {name}, which belongs to {rooms:?}", source.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_grows_beyond_what_can_be_read_at_a_sitting() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|source| source.text.lines().count() > LINES)
        .map(|source| format!("{}: {} lines", source.name, source.text.lines().count()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn only_the_mapping_is_unsafe() {
    for source in sources().iter().filter(|source| source.name != UNSAFE) {
        let is_unsafe = source.code.iter().any(|line| {
            ["unsafe {", "unsafe fn", "unsafe impl", "allow(unsafe_code)"].iter().any(|word| line.contains(word))
        });
        assert!(!is_unsafe, "{}", source.name);
    }
}

#[test]
fn paths_are_read_in_all_their_forms() {
    let source = |text: &str| Source {
        name: "wire/x224.rs".into(),
        module: vec!["wire".into(), "x224".into()],
        text: text.into(),
        code: text.lines().map(without_comment).collect(),
    };
    let read = |text: &str| references(&source(text)).into_iter().map(|path| path.join("::")).collect::<Vec<_>>();
    assert_eq!(read("use crate::{\n    frame::{Frame, Place},\n    tcp,\n};"), ["frame::Frame", "frame::Place", "tcp"]);
    assert_eq!(read("use super::super::engine::Engine;"), ["engine::Engine"]);
    assert_eq!(
        read("use super::describe::{Describe as _, Field};"),
        ["wire::describe::Describe", "wire::describe::Field"]
    );
    assert_eq!(
        read("mod tests {\n    use super::super::text;\n    fn f() -> crate::tcp::Side {}\n}"),
        ["tcp::Side", "wire::text"]
    );
    assert_eq!(read("// use crate::engine::Engine;\nlet x = 1; // see crate::engine"), Vec::<String>::new());
}
