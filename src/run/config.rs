//! The configuration of the screen: what it looks like, and which key does what. Nothing is ever written there.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::complaint::Complaint;
use crate::capture::reason;
use crate::cli::Look;
use crate::tui::keymap;
use crate::tui::keys::{self, Binding};
use crate::tui::theme::Theme;

const KNOWN: &str = "theme, ascii, mouse, calm, bell, and a table keys";

/// What is configured; options of the command line come first.
pub(super) struct Config {
    /// The name of a theme.
    pub(super) theme: Option<Theme>,
    /// Nothing but ASCII.
    pub(super) ascii: bool,
    /// The mouse is taken.
    pub(super) mouse: bool,
    /// By itself the picture changes rarely.
    pub(super) calm: bool,
    /// A death rings the bell.
    pub(super) bell: bool,
    /// Which key does what.
    pub(super) bindings: &'static [Binding],
}

impl Default for Config {
    fn default() -> Self {
        Self { theme: None, ascii: false, mouse: false, calm: false, bell: false, bindings: keys::BINDINGS }
    }
}

/// The configuration that `look` asks for; of the usual file only if it is there.
pub(super) fn read(look: &Look) -> Result<Config, Complaint> {
    let path = match &look.config {
        Some(path) if path.as_os_str() == "none" => return Ok(Config::default()),
        Some(path) => path.clone(),
        None => match usual().filter(|path| path.is_file()) {
            Some(path) => path,
            None => return Ok(Config::default()),
        },
    };
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Complaint::new(format!("cannot read {}: {}", path.display(), reason(&error))))?;
    parse(&path, &text)
}

fn usual() -> Option<PathBuf> {
    let of = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = of("XDG_CONFIG_HOME").or_else(|| of("HOME").map(|home| home.join(".config")));
    base.map(|base| base.join("rdpwhy/config.toml"))
}

fn parse(path: &Path, text: &str) -> Result<Config, Complaint> {
    let place = |at: usize| format!("{}, line {}", path.display(), text[..at.min(text.len())].lines().count().max(1));
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start + 1);
        Complaint::new(error.message().to_owned()).at(place(at))
    })?;
    let wrong = |what: String| Complaint::new(what).at(path.display().to_string());
    let mut config = Config::default();
    for (name, value) in &table {
        let yes = || value.as_bool().ok_or_else(|| wrong(format!("{name}: wants true or false")));
        match name.as_str() {
            "theme" => config.theme = Some(theme(value).map_err(wrong)?),
            "ascii" => config.ascii = yes()?,
            "mouse" => config.mouse = yes()?,
            "calm" => config.calm = yes()?,
            "bell" => config.bell = yes()?,
            "keys" => config.bindings = remapped(value).map_err(wrong)?,
            _ => return Err(wrong(format!("no such setting: {name}")).note("known", KNOWN)),
        }
    }
    Ok(config)
}

fn theme(value: &Value) -> Result<Theme, String> {
    let known = || Theme::ALL.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    value.as_str().and_then(Theme::named).ok_or_else(|| format!("theme: there are {}", known()))
}

/// `death = "x"` or `copy = ["y", "Ctrl-y"]`: these keys instead of the usual ones.
fn remapped(value: &Value) -> Result<&'static [Binding], String> {
    let table = value.as_table().ok_or("keys: wants a table: [keys]")?;
    let mut wanted = Vec::new();
    for (action, keys) in table {
        let words: Vec<String> = match keys {
            Value::String(key) => vec![key.clone()],
            Value::Array(all) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        if words.is_empty() {
            return Err(format!("keys.{action}: wants a key, as in \"x\", \"Ctrl-x\", \"F5\" or [\"x\", \"F5\"]"));
        }
        wanted.push((action.clone(), words));
    }
    keymap::remapped(&wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::action::Action;
    use crate::tui::keys::{Key, Where};

    fn read(text: &str) -> Result<Config, String> {
        parse(Path::new("c.toml"), text).map_err(|complaint| complaint.error(200, false))
    }

    #[test]
    fn looks_and_keys_are_read() {
        let config =
            read("theme = 'light'\nmouse = true\n[keys]\ndeath = 'D'\ncopy = ['y', 'Ctrl-Y']\n").expect("good");
        assert_eq!((config.theme, config.mouse, config.calm), (Some(Theme::Light), true, false));
        let does = |key| keys::action_of(config.bindings, key, Where::LIST);
        assert_eq!(does(Key::Char('D')), Some(Action::Death));
        assert_eq!(does(Key::Char('d')), None);
        assert_eq!(does(Key::Ctrl('y')), Some(Action::Copy));
        let death = config.bindings.iter().find(|binding| binding.action == Action::Death).expect("there");
        assert_eq!(death.shown, "D");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let wrong = |text: &str| read(text).err().expect(text);
        let both = wrong("[keys]\ndeath = 'y'\n");
        assert!(both.contains("the key y is both death and copy"), "{both}");
        assert!(wrong("[keys]\ndeath = 'x'\nsort = 'x'\n").contains("is both"), "two that are new");
        assert!(wrong("[keys]\ndeth = 'x'\n").contains("did you mean death?"));
        assert!(wrong("[keys]\ndeath = 'Hyper-x'\n").contains("no such key: Hyper-x"));
        assert!(wrong("\ntheme = 3").contains("there are auto, dark"));
        assert!(wrong("themes = 'dark'").contains("known: theme"));
        assert!(wrong("theme = 'dark'\ncalm = \n").contains("c.toml, line 2"));
    }
}
