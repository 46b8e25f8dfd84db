//! From Client Info to the end by sizes: licence, capabilities, finalization, logon notification.
//!
//! Source: MS-RDPBCGR 1.3.1.1, 2.2.1.12 to 2.2.1.22, 2.2.10.1. FreeRDP writes short PDUs a byte longer than Windows.

use super::reader::{Meaning, Reader, Step};
use super::size::Size;
use super::{License, name};
use crate::session::{Direction, Event, Phase};

/// Server records after Client Info that make a session running: licence, capabilities, finalization, first picture.
const ACTIVE_RECORDS: usize = 8;
/// Capabilities are longer than this, and what else is said before them is shorter, licences apart.
const LONG: u16 = 250;
/// What client and server say about a licence is not shorter, errors apart.
const ANSWER: u16 = 60;
/// Save Session Info with its padding of 570 or 576 bytes (2.2.10.1): the plain notification, and the extended one
/// with nothing, logon errors, a reconnect cookie, both.
const LOGON: [u16; 4] = [613, 625, 645, 657];
/// The same, where only logon errors or notifications are in it: somebody is at the logon screen.
const LOGON_ERRORS: u16 = 625;

impl Reader {
    pub(super) fn session(&mut self, event: &Event, size: Size, later: &[&Event]) -> Meaning {
        let farewell = self.farewell(event, size, later);
        let (name, exact) = farewell.unwrap_or_else(|| match (self.step, event.direction) {
            (Step::Licensing, Direction::ServerToClient) => self.licensing(size, later),
            (Step::Licensing, Direction::ClientToServer) => (self.license_answer(size), false),
            (Step::Activating, Direction::ServerToClient) => self.server_finalizes(size, later),
            (Step::Activating, Direction::ClientToServer) => self.client_finalizes(size),
            (_, direction) => self.running(direction, size, later),
        });
        // A path may be measured for long before there is a licence.
        if event.direction == Direction::ServerToClient && name == name::AUTO_DETECT {
            self.server_records -= 1;
        }
        self.shape.active |= self.server_records > ACTIVE_RECORDS;
        (Phase::Rdp, name, exact)
    }

    /// Whether the client answers with its capabilities: a long record, and Synchronize soon after it. What it says about its
    /// licence is as long, and its capabilities come behind that.
    fn is_confirmed(&mut self, later: &[&Event]) -> bool {
        // The same answer is asked for by each record before it.
        if let Some((left, is_confirmed)) = self.answer
            && left <= later.len()
        {
            return is_confirmed;
        }
        let place = self.place_of_answer(later);
        let mut client = self.sizes_of(&later[place..], Direction::ClientToServer);
        let is_confirmed = client.next().is_some_and(|size| size.most >= LONG)
            && client.take(3).take_while(|size| size.most < LONG).any(|size| size.fits(36, 37));
        self.answer = Some((later.len() - place, is_confirmed));
        is_confirmed
    }

    /// Where in `later` the client says something that is no mere measurement.
    fn place_of_answer(&self, later: &[&Event]) -> usize {
        let is_long = |event: &&Event| {
            event.direction == Direction::ClientToServer
                && event.encrypted().is_some_and(|length| self.size(length).most >= 100)
        };
        later.iter().position(is_long).unwrap_or(later.len())
    }

    /// Whether a long record of the server is its capabilities, which the client confirms: the last one before that.
    fn is_demand(&mut self, later: &[&Event]) -> bool {
        let before = &later[..self.place_of_answer(later)];
        self.is_confirmed(later) && !self.sizes_of(before, Direction::ServerToClient).any(|size| size.most >= LONG)
    }

    /// Whether it is the licence that the client asked for, and told of its machine for.
    fn is_licence(&self, size: Size) -> bool {
        let answers = self.shape.records.iter().filter(|record| record.name == name::LICENSE_ANSWER);
        self.shape.license == License::Asked && size.is_exact() && size.most >= LONG && answers.count() >= 2
    }

    /// A server that asked for a licence says no more until it is answered, but for measurements and the like (MS-RDPELE
    /// 1.3.3). One that does was taken for something that it is not.
    fn is_out_of_turn(&self, size: Size) -> bool {
        let said =
            |name: &'static str| matches!(name, name::LICENSE_REQUEST | name::LICENSE_NEXT | name::LICENSE_ANSWER);
        let last = self.shape.records.iter().rev().find(|record| said(record.name));
        let is_own = last.is_some_and(|last| last.direction == Direction::ServerToClient);
        self.shape.license == License::Asked && size.is_exact() && size.most >= ANSWER && is_own
    }

    /// A licence comes before the capabilities, so what is long before a licence is one (1.3.1.1).
    fn licensing(&mut self, size: Size, later: &[&Event]) -> (&'static str, bool) {
        let answered = matches!(self.shape.license, License::Answered | License::Granted);
        if size.most >= LONG && (answered || self.is_demand(later)) {
            return (self.demand(), false);
        }
        if size.fits(34, 35) && !answered {
            self.shape.license = License::Answered;
            // An error is as long as "valid client"; but behind an error comes nothing more.
            let goes_on = self.sizes_of(later, Direction::ServerToClient).any(|size| size.most >= 40);
            return (if goes_on { name::LICENSE_VALID } else { name::LICENSE_NEXT }, goes_on && size.is_exact());
        }
        if self.shape.license == License::None && size.is_exact() && size.most > 25 && self.is_measuring() {
            return (name::AUTO_DETECT, false);
        }
        if size.most >= LONG && self.shape.license == License::None {
            self.shape.license = License::Asked;
            return (name::LICENSE_REQUEST, false);
        }
        if self.is_out_of_turn(size) {
            self.step = Step::Running;
            return (name::SESSION, false);
        }
        if self.is_licence(size) {
            self.shape.license = License::Granted;
            return (name::LICENSE_NEXT, false);
        }
        let name = match size.most {
            _ if !size.is_exact() => name::SESSION,
            24..=25 => name::AUTO_DETECT,
            42..=43 => name::MULTITRANSPORT,
            _ if self.shape.license == License::Asked => name::LICENSE_NEXT,
            _ => name::SESSION,
        };
        (name, false)
    }

    /// Whether the server has begun to measure the bandwidth: it goes on without an answer, with whatever fills the line
    /// (2.2.14.1.2 to 2.2.14.1.4).
    fn is_measuring(&self) -> bool {
        self.shape.records.last().is_some_and(|last| {
            last.direction == Direction::ServerToClient && last.name == name::AUTO_DETECT && last.phase == Phase::Rdp
        })
    }

    fn license_answer(&self, size: Size) -> &'static str {
        match size.most {
            _ if !size.is_exact() => name::SESSION,
            24..=25 | 32..=33 => name::AUTO_DETECT,
            26..=27 => name::MULTITRANSPORT,
            ANSWER.. if self.shape.license == License::Asked => name::LICENSE_ANSWER,
            _ => name::SESSION,
        }
    }

    fn demand(&mut self) -> &'static str {
        self.shape.license = License::Passed;
        self.shape.demands = self.shape.demands.saturating_add(1);
        self.finals = [0; 2];
        self.owes_confirm = true;
        self.step = Step::Activating;
        name::DEMAND_ACTIVE
    }

    /// Synchronize, Control twice, Font Map (1.3.1.1, connection finalization).
    fn server_finalizes(&mut self, size: Size, later: &[&Event]) -> (&'static str, bool) {
        if size.is(36, 37) {
            return (name::SYNCHRONIZE, false);
        }
        if !size.is(40, 41) {
            return self.running(Direction::ServerToClient, size, later);
        }
        self.finals[1] += 1;
        if self.finals[1] < 3 {
            return (name::CONTROL, false);
        }
        self.step = Step::Running;
        self.shape.activated = true;
        self.shape.active = true;
        (name::FONT_MAP, true)
    }

    fn client_finalizes(&mut self, size: Size) -> (&'static str, bool) {
        let count = self.finals[0];
        if self.owes_confirm && size.most >= 200 {
            self.owes_confirm = false;
            self.shape.confirmed = true;
            return (name::CONFIRM_ACTIVE, false);
        }
        if size.is(36, 37) {
            return (name::SYNCHRONIZE, false);
        }
        if !size.is(40, 41) || count >= 3 {
            return (name::SESSION, false);
        }
        self.finals[0] += 1;
        self.shape.fonts |= count == 2;
        (if count < 2 { name::CONTROL } else { name::FONT_LIST }, count == 2)
    }

    fn running(&mut self, direction: Direction, size: Size, later: &[&Event]) -> (&'static str, bool) {
        // Where finalization overlaps, the client's last part of it comes behind the server's.
        if direction == Direction::ClientToServer && self.shape.demands > 0 && self.finals[0] < 3 && size.is(36, 41) {
            return self.client_finalizes(size);
        }
        if direction == Direction::ClientToServer {
            return (name::SESSION, false);
        }
        if size.is_exact() && LOGON.contains(&size.most) && self.shape.activated {
            self.shape.logged_on |= size.most != LOGON_ERRORS;
            return (name::SAVE_SESSION, false);
        }
        if size.is(26, 30) && self.next_is_demand(later) {
            return (name::DEACTIVATE_ALL, false);
        }
        let was_deactivated = self.shape.records.iter().rev().filter(|record| record.direction == direction);
        let is_demand = was_deactivated.take(1).any(|record| record.name == name::DEACTIVATE_ALL);
        (if is_demand { self.demand() } else { name::SESSION }, false)
    }

    /// Capabilities again, as after a change of the desktop's size (1.3.1.3).
    fn next_is_demand(&mut self, later: &[&Event]) -> bool {
        let next = self.sizes_of(later, Direction::ServerToClient).next();
        next.is_some_and(|size| size.is(LONG, 800)) && self.is_confirmed(later)
    }
}
