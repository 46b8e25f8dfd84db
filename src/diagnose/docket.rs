//! Which rules can see anything where certain signs are. Sessions resemble each other: the same lists serve most of them.

use super::map::Map;
use super::rule::{Found, Rule, Scene};
use super::rules::{RULES, UDP_RULES};
use super::signs::Signs;
use crate::session::Transport;

/// Lists that are kept; a flood of odd sessions only costs time.
const LISTS: usize = 1024;

/// Lists of rules, kept for the next sessions.
#[derive(Default)]
pub(super) struct Docket {
    lists: Map<(bool, Signs), Vec<&'static Rule>>,
}

impl Docket {
    /// The first rule that sees something in `scene`, and what it sees.
    pub(super) fn first(&mut self, scene: &Scene<'_>) -> Option<(&'static Rule, Found)> {
        let is_udp = scene.session.transport == Transport::Udp;
        let rules = if is_udp { UDP_RULES } else { RULES };
        if self.lists.len() >= LISTS {
            self.lists.clear();
        }
        let list = self.lists.entry((is_udp, scene.signs)).or_insert_with(|| {
            let can_see = |rule: &&&Rule| scene.signs.have(rule.needs);
            rules.iter().filter(can_see).copied().collect()
        });
        let found = list.iter().find_map(|rule| Some((*rule, (rule.find)(scene)?)));
        debug_assert!(nothing_missed(rules, scene, found.as_ref().map(|(rule, _)| *rule)));
        found
    }
}

/// Whether no rule before the one that was `found` would have seen anything, whatever it says that it needs: everything
/// that is judged in tests shows that none says too much.
fn nothing_missed(rules: &[&'static Rule], scene: &Scene<'_>, found: Option<&'static Rule>) -> bool {
    let first = rules.iter().find(|rule| (rule.find)(scene).is_some());
    let is_same = first.is_none_or(|first| found.is_some_and(|found| std::ptr::eq(*first, found)));
    assert!(is_same, "{} says that it needs more than it does", first.map_or("", |rule| rule.id));
    true
}
