//! Other keys than the usual ones, by the names of what they do.

use crossterm::event::KeyCode;

use super::action::Action;
use super::keys::{BINDINGS, Binding, Key};

/// What an action is called where keys are configured: `trouble-after`.
#[must_use]
pub fn name(action: Action) -> String {
    let mut name = String::new();
    for c in format!("{action:?}").chars() {
        if c.is_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.extend(c.to_lowercase());
    }
    name
}

/// The registry with other keys: the name of an action, and what its keys are called. For the life of the program, so
/// wanted once.
///
/// # Errors
/// When there is no such action or key, or a key would mean two things; in a line.
pub fn remapped(wanted: &[(String, Vec<String>)]) -> Result<&'static [Binding], String> {
    let mut bindings = BINDINGS.to_vec();
    for (action, words) in wanted {
        let Some(binding) = bindings.iter_mut().find(|binding| name(binding.action) == *action) else {
            let near = BINDINGS
                .iter()
                .map(|binding| name(binding.action))
                .min_by_key(|known| strsim::damerau_levenshtein(known, action));
            let near = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            let all: Vec<String> = BINDINGS.iter().map(|binding| name(binding.action)).collect();
            return Err(format!("no such action: {action}{near} There are {}", all.join(", ")));
        };
        let keys: Result<Vec<Key>, String> =
            words.iter().map(|word| key(word).ok_or_else(|| format!("no such key: {word}"))).collect();
        binding.keys = Vec::leak(keys?);
        binding.shown = String::leak(words.join(" "));
    }
    for (index, one) in bindings.iter().enumerate() {
        for other in &bindings[..index] {
            if let Some(both) = one.keys.iter().find(|key| other.keys.contains(key)) {
                let (one, other) = (name(one.action), name(other.action));
                return Err(format!("the key {} is both {other} and {one}", shown(*both)));
            }
        }
    }
    Ok(Vec::leak(bindings))
}

const NAMED: [(&str, KeyCode); 13] = [
    ("Enter", KeyCode::Enter),
    ("Esc", KeyCode::Esc),
    ("Tab", KeyCode::Tab),
    ("Backspace", KeyCode::Backspace),
    ("Up", KeyCode::Up),
    ("Down", KeyCode::Down),
    ("Left", KeyCode::Left),
    ("Right", KeyCode::Right),
    ("PgUp", KeyCode::PageUp),
    ("PgDn", KeyCode::PageDown),
    ("Home", KeyCode::Home),
    ("End", KeyCode::End),
    ("Delete", KeyCode::Delete),
];

/// `x`, `Ctrl-x`, `F5`, `Space`, `Enter`.
fn key(word: &str) -> Option<Key> {
    let one = |text: &str| Some(text.chars().next()?).filter(|_| text.chars().count() == 1);
    if let Some(c) = one(word) {
        return (!c.is_control()).then_some(Key::Char(c));
    }
    if word == "Space" {
        return Some(Key::Char(' '));
    }
    if let Some(letter) = word.strip_prefix("Ctrl-") {
        return one(letter).filter(char::is_ascii_alphabetic).map(|c| Key::Ctrl(c.to_ascii_lowercase()));
    }
    if let Some(number) = word.strip_prefix('F') {
        return number.parse().ok().filter(|number| (1..=12).contains(number)).map(Key::F);
    }
    NAMED.iter().find(|(name, _)| *name == word).map(|(_, code)| Key::Code(*code))
}

fn shown(key: Key) -> String {
    match key {
        Key::Char(' ') => "Space".into(),
        Key::Char(c) => c.to_string(),
        Key::Ctrl(c) => format!("Ctrl-{c}"),
        Key::F(number) => format!("F{number}"),
        Key::Code(code) => NAMED.iter().find(|(_, known)| *known == code).map_or("?", |(name, _)| name).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<String> = BINDINGS.iter().map(|binding| name(binding.action)).collect();
        assert_eq!(names.len(), BINDINGS.len());
        assert!(names.contains("trouble-after"));
    }
}
