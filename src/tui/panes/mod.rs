//! Everything that is drawn, one file each. A pane is a pure function of the model.

pub mod answer;
pub mod card;
pub mod causes;
pub mod certificate;
pub mod digest;
pub mod head;
pub mod header;
pub mod hex;
pub mod hints;
pub mod ladder;
pub mod list;
pub mod live;
pub mod net;
pub mod over;
pub mod packet;
pub mod tabs;
pub mod under;
pub mod why;

use super::pane::Pane;

/// The tabbed panes, by the digit that opens them.
pub const PANES: [&Pane; 5] = [&why::PANE, &packet::PANE, &hex::PANE, &certificate::PANE, &net::PANE];
