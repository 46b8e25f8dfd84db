//! Cases to a screen: model, action, update, view. Reads no file and judges nothing: what it shows comes over a channel
//! as plain data, and what it needs more it asks for.
//!
//! ```text
//! key ─▶ keys ─▶ action ─▶ update ─▶ model ─▶ view ─▶ panes
//! news ───────────────────▶ update
//! ```

pub mod action;
mod arriving;
pub mod facts;
pub mod feed;
pub mod flow;
pub mod keymap;
pub mod keys;
pub mod ladder;
pub mod layout;
pub mod list;
pub mod live;
pub mod model;
pub mod opened;
pub mod overlay;
pub mod paint;
pub mod stream;
pub mod summary;
pub mod theme;
pub mod tree;

pub mod pane;
pub mod panes;
pub mod view;

pub mod update;

mod screen;
mod terminal;

pub use model::{Model, Start};
pub use screen::{Farewell, show};
