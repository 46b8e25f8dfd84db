//! Names from strangers on the screen: none leaves its cell.

use std::sync::Arc;

use rdpwhy::capture::{Source, open_one};
use rdpwhy::wire::text::deceives;

use super::{Screen, inside};
use crate::hostile::{STRANGE, capture};

#[test]
fn no_cell_holds_what_could_steer_a_terminal() {
    let place = tempfile::tempdir().expect("a directory");
    for name in STRANGE {
        let path = place.path().join("a.pcapng");
        std::fs::write(&path, capture(name, name.as_bytes())).expect("written");
        let mut source = open_one(&path, &Default::default()).expect("opens");
        let seen = inside::look(&mut source, Default::default());
        let mut inputs = source.inputs().to_vec();
        inputs.iter_mut().for_each(|input| input.path = format!("{name}.pcapng").into());
        for (width, height) in [(200, 50), (80, 24), (34, 10)] {
            let mut screen = Screen::empty(name, width, height);
            screen.end(seen.cases.iter().cloned().map(Arc::new).collect(), inputs.clone());
            for keys in ["", "<Enter>", "1", "2", "3", "4", "5", "?", "<Esc>", "<Esc>", "/"] {
                screen.keys(keys);
                let buffer = screen.buffer();
                for cell in &buffer.content {
                    assert!(!cell.symbol().chars().any(deceives), "{name:?} {keys}: {:?}", cell.symbol());
                }
            }
        }
    }
}
