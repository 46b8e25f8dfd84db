//! Where the cursor is: in the ladder, in a pane, and how one comes back.

use rdpwhy::tui::model::Screen as On;
use rdpwhy::tui::opened::Focus;

use super::Screen;

#[test]
fn the_cursor_is_in_nothing_that_cannot_be_seen() {
    let where_is_it = |screen: &Screen| {
        let view = screen.model.opened.as_ref().expect("open");
        (screen.model.screen, view.focus, view.is_zoomed)
    };
    // Where the ladder leaves no room, a pane takes the whole screen, and every way back leads into the ladder.
    for back in ["<Esc>", "h", "z", "<Tab>"] {
        let mut screen = Screen::of("tls.cert-expired--alert-45.pcap", 60, 15);
        screen.keys("<Enter>1");
        assert_eq!(where_is_it(&screen), (On::Session, Focus::Pane, true));
        screen.keys(back);
        assert_eq!(where_is_it(&screen), (On::Session, Focus::Ladder, false), "{back}");
        assert!(!screen.text().contains("Enter go there"), "{back}: {}", screen.text());
        screen.keys("h");
        assert_eq!(screen.model.screen, On::List, "{back}");
    }
    // Beside the ladder it is one step from the pane, and one more to the list; a larger pane becomes small again first.
    let mut screen = Screen::of("tls.cert-expired--alert-45.pcap", 80, 24);
    screen.keys("<Enter><Tab>h");
    assert_eq!(where_is_it(&screen), (On::Session, Focus::Ladder, false));
    screen.keys("zh");
    assert_eq!(where_is_it(&screen), (On::Session, Focus::Ladder, false));
    screen.keys("h");
    assert_eq!(screen.model.screen, On::List);
    // A terminal that shrinks takes nobody out of the pane that he reads.
    screen.keys("<Enter><Tab>");
    screen.resize(60, 15);
    assert_eq!(where_is_it(&screen), (On::Session, Focus::Pane, true));
}
