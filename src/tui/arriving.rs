//! What arrives: sessions while reading goes on, and what came of everything in the end.

use std::collections::HashSet;
use std::sync::Arc;

use super::feed::Whole;
use super::model::{Model, Reading};
use crate::diagnose::Case;
use crate::diagnose::verdict::Outcome;
use crate::frame::FrameNumber;
use crate::session::SessionId;

impl Model {
    /// Takes in sessions that are new or have changed.
    pub fn take(&mut self, cases: impl IntoIterator<Item = Arc<Case>>) {
        for case in cases {
            if let Some(view) = self.opened.as_mut().filter(|view| view.case.session.id == case.session.id) {
                view.case = case.clone();
                view.rebuild();
            }
            match self.places.get(&case.session.id) {
                Some(place) => self.cases[*place] = case,
                None => {
                    self.places.insert(case.session.id, self.cases.len());
                    self.cases.push(case);
                }
            }
        }
        self.list.is_stale = true;
    }

    /// Lets go of sessions that memory has no room for; they go on being counted.
    pub fn leave(&mut self, left: &[(SessionId, Outcome)]) {
        if left.is_empty() {
            return;
        }
        let ids: HashSet<SessionId> = left.iter().map(|(id, _)| *id).collect();
        for (_, outcome) in left {
            *self.gone.entry(*outcome).or_default() += 1;
        }
        let selected = self.list.selected().and_then(|index| self.cases.get(index)).map(|case| case.session.id);
        self.cases.retain(|case| !ids.contains(&case.session.id));
        self.places = self.cases.iter().enumerate().map(|(place, case)| (case.session.id, place)).collect();
        let at = selected.and_then(|id| self.places.get(&id).copied());
        self.list.order.clear();
        self.list.arrange_at(&self.cases, at);
        self.list.marked.retain(|number| self.places.contains_key(&SessionId(*number)));
    }

    /// Takes in what came of the capture in the end: final numbers and verdicts. Cursor and open session stay with the
    /// same connection.
    pub fn finish(&mut self, whole: Whole) {
        let key = |case: &Case| (case.session.first.frame, case.session.client);
        let selected = self.list.selected().and_then(|index| self.cases.get(index)).map(|case| key(case));
        self.cases = whole.cases;
        self.places = self.cases.iter().enumerate().map(|(place, case)| (case.session.id, place)).collect();
        self.inputs = whole.inputs;
        self.elsewhere = whole.elsewhere;
        self.let_go = whole.let_go;
        self.reading = Reading::Done;
        self.progress.frames = self.inputs.iter().map(|input| input.packets).sum();
        if let Some(error) = whole.errors.into_iter().next() {
            self.message = Some(error);
        }
        let find = |wanted: (FrameNumber, _)| self.cases.iter().position(|case| key(case) == wanted);
        let stays = self.is_touched || self.live.is_some();
        self.follows = false;
        let at = selected.filter(|_| stays).and_then(find);
        let opened = self.opened.as_ref().and_then(|view| find(key(&view.case))).map(|place| self.cases[place].clone());
        self.list.order.clear();
        self.list.cursor = if stays { self.list.cursor } else { 0 };
        self.list.arrange_at(&self.cases, at);
        if let Some((view, case)) = self.opened.as_mut().zip(opened) {
            view.case = case;
            view.rebuild();
        }
        self.packets = None;
        self.flow = None;
        self.asked = None;
        self.preview = None;
    }
}
