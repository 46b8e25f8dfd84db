//! Keys and news to states: cursors, jumps, filters, what arrives while one looks.

use std::sync::Arc;

use rdpwhy::diagnose::Case;
use rdpwhy::session::SessionId;
use rdpwhy::tui::feed::{News, Packet, Packets, Request};
use rdpwhy::tui::model::Screen as On;
use rdpwhy::tui::update::{Effect, Message};

use super::{Screen, capture, read};

/// Answers the request for packets that the screen made last.
pub(super) fn packets(screen: &mut Screen) {
    let asked = screen.effects.iter().rev().find_map(|effect| match effect {
        Effect::Ask(Request::Packets { id, files, ends, .. }) => Some((*id, files.clone(), *ends)),
        _ => None,
    });
    let (id, files, ends) = asked.expect("it asked");
    let mut source =
        rdpwhy::capture::open_one(&capture(&files[0].1.to_string_lossy()), &Default::default()).expect("opens");
    let mut decoder = rdpwhy::tcp::Decoder::default();
    let mut found = Vec::new();
    while let rdpwhy::capture::Next::Frame(frame) = rdpwhy::capture::Source::next(&mut source).expect("reads") {
        let rdpwhy::tcp::segment::Packet::Tcp(segment) = decoder.decode(&frame) else { continue };
        found.push(Packet {
            frame: frame.number,
            time: frame.time,
            link: frame.link,
            from_client: segment.net.source == ends.0.ip,
            length: frame.original_length,
            payload: segment.length,
            sequence: segment.sequence,
            flags: Some(segment.flags),
            acknowledgment: segment.acknowledgment,
            id: segment.net.id,
            bytes: frame.bytes.into(),
        });
    }
    screen.tell(Message::News(News::Packets(Box::new(Packets { id, found: Ok(found) }))));
}

/// Several sessions: the same ones under other numbers.
pub(super) fn many(names: &[&str], times: usize) -> Vec<Arc<Case>> {
    let cases: Vec<Arc<Case>> = names.iter().flat_map(|name| read(name).0).collect();
    let copies = (0..times).flat_map(|_| cases.iter());
    copies
        .zip(1..)
        .map(|(case, number)| {
            let mut case = Case::clone(case);
            case.session.id = SessionId(number);
            Arc::new(case)
        })
        .collect()
}

const MIX: [&str; 4] = [
    "healthy--nla-tls12.pcapng",
    "tls.cert-expired--alert-45.pcap",
    "path.mtu-black-hole--near-server.pcap",
    "neg.hybrid-required--ssl-only.pcap",
];

fn mixed(width: u16, height: u16) -> Screen {
    let mut screen = Screen::empty("mixed.pcap", width, height);
    screen.end(many(&MIX, 3), Vec::new());
    screen
}

#[test]
fn three_keys_to_the_death() {
    let mut screen = Screen::of("tls.cert-expired--alert-45.pcap", 80, 24);
    screen.keys("<Enter>");
    let view = screen.model.opened.as_ref().expect("open");
    assert_eq!(view.frame().map(|frame| frame.number()), Some(8));
    screen.keys("gd");
    assert_eq!(screen.model.frame().map(|frame| frame.number()), Some(8));
    screen.keys("<BS>");
    assert_eq!(screen.model.frame().map(|frame| frame.number()), Some(1));
    screen.keys("<Esc><Esc>");
    assert_eq!(screen.model.screen, On::List);
    assert!(!screen.effects.contains(&Effect::Quit), "once too often is no reason to leave");
    screen.keys("q");
    assert_eq!(screen.effects.last(), Some(&Effect::Quit));
}

#[test]
fn evidence_leads_to_its_packet_and_back() {
    let mut screen = Screen::of("tls.cert-expired--alert-45.pcap", 80, 24);
    screen.keys("<Enter><Tab>j<Enter>");
    assert_eq!(screen.model.frame().map(|frame| frame.number()), Some(7), "{}", screen.text());
    screen.keys("<BS>");
    assert_eq!(screen.model.frame().map(|frame| frame.number()), Some(8));
    screen.keys("j<Enter>");
    assert!(screen.last_line().contains("no packet of its own"), "{}", screen.last_line());
}

#[test]
fn repeats_unfold_here_and_everywhere() {
    let mut screen = Screen::of("path.mtu-black-hole--near-server.pcap", 80, 40);
    screen.keys("<Enter>");
    let count = |screen: &Screen| screen.model.opened.as_ref().expect("open").rungs.len();
    let folded = count(&screen);
    assert!(screen.text().contains("again, 6 ×"), "{}", screen.text());
    assert!(screen.text().contains("11.0 s of silence"), "{}", screen.text());
    // The cursor is on the death; the nearest fold is meant.
    screen.keys("r");
    assert_eq!(count(&screen), folded + 5, "{}", screen.text());
    screen.keys("r");
    assert_eq!(count(&screen), folded, "{}", screen.text());
    screen.keys("]r");
    assert_eq!(count(&screen), folded + 5, "{}", screen.text());
    screen.keys("r");
    assert_eq!(count(&screen), folded);
    screen.keys("R");
    assert!(count(&screen) > folded + 4);
}

#[test]
fn the_worst_first_and_every_other_order() {
    let mut screen = mixed(80, 24);
    let words = |screen: &Screen| -> Vec<String> {
        let text = screen.text();
        let rows = text.lines().skip(3).take(12);
        rows.filter_map(|row| row.split_whitespace().find(|word| ["died", "ok"].contains(word)))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(words(&screen)[0], "died");
    assert_eq!(words(&screen)[11], "ok");
    screen.keys("S");
    assert_eq!(words(&screen)[0], "ok");
    screen.keys("sn");
    assert!(screen.line(1).contains("sort: number"), "{}", screen.line(1));
    assert_eq!(screen.model.list.order.len(), 12);
    screen.keys(">");
    assert!(screen.line(1).contains("sort: start"), "{}", screen.line(1));
    screen.keys("<<");
    assert!(screen.line(1).contains("sort: worst first"), "{}", screen.line(1));
}

#[test]
fn the_filter_narrows_while_typing_and_escape_restores() {
    let mut screen = mixed(80, 24);
    screen.keys("/died");
    assert_eq!(screen.model.list.order.len(), 9);
    assert!(screen.last_line().contains("9 of 12"), "{}", screen.last_line());
    screen.keys(" clent:1");
    assert!(screen.last_line().contains("^^^^^"), "{}", screen.text());
    assert_eq!(screen.model.list.order.len(), 9, "a filter that makes no sense leaves the list as it is");
    screen.keys("<Esc>");
    assert_eq!(screen.model.list.order.len(), 12);
    screen.keys("/ok<Enter>");
    assert_eq!(screen.model.list.order.len(), 3);
    assert!(screen.line(1).contains("filter: ok"), "{}", screen.line(1));
    screen.keys("/<C-u><Enter>");
    assert_eq!(screen.model.list.order.len(), 12);
    screen.keys("/<Up><Enter>");
    assert_eq!(screen.model.list.order.len(), 3, "the history knows it");
}

#[test]
fn causes_and_quick_filters_keep_what_is_meant() {
    let mut screen = mixed(80, 24);
    screen.keys("c");
    assert_eq!(screen.model.screen, On::Causes);
    assert!(screen.text().contains("tls.cert-expired"), "{}", screen.text());
    screen.keys("<Enter>");
    assert_eq!((screen.model.screen, screen.model.list.order.len()), (On::List, 3));
    screen.keys("/<C-u><Enter>fw");
    assert_eq!(screen.model.list.order.len(), 3);
    screen.keys("/<C-u><Enter>fno");
    assert!(screen.line(1).contains("not died"), "{}", screen.line(1));
}

#[test]
fn sessions_are_walked_inside_the_ladder() {
    let mut screen = mixed(80, 24);
    screen.keys("<Enter>4tJ");
    let view = screen.model.opened.as_ref().expect("open");
    assert_eq!((view.pane, screen.model.list.cursor), (3, 1));
    screen.keys("KK");
    assert!(screen.last_line().contains("the first session"), "{}", screen.last_line());
}

#[test]
fn a_resize_keeps_the_cursor() {
    let mut screen = mixed(200, 60);
    screen.keys("jjj");
    let before = screen.model.list.selected();
    screen.resize(34, 10).resize(1, 1).resize(80, 24);
    assert_eq!(screen.model.list.selected(), before);
}

#[test]
fn five_thousand_scans_are_one_row() {
    let mut screen = Screen::empty("night.pcap", 80, 24);
    screen.end(many(&["scan.negotiation--300-addresses.pcap"], 17), Vec::new());
    assert!(screen.model.cases.len() >= 5000);
    assert!(screen.model.list.order.len() < 5, "{}", screen.text());
    assert!(screen.text().contains("scans"), "{}", screen.text());
    screen.keys("r");
    assert!(screen.model.list.order.len() >= 5000);
}

#[test]
fn what_arrives_shows_follows_and_waits_while_frozen() {
    let mut screen = Screen::empty("growing.pcap", 80, 24);
    let all = many(&MIX, 3);
    let arrive = |screen: &mut Screen, from: usize, to: usize| {
        screen.tell(Message::News(News::Cases(all[from..to].to_vec())));
    };
    arrive(&mut screen, 0, 2);
    assert_eq!(screen.model.list.order.len(), 2);
    screen.keys("F");
    arrive(&mut screen, 2, 5);
    assert_eq!(screen.model.list.cursor, 4, "it stays with the newest");
    assert!(screen.line(1).contains("FOLLOW"), "{}", screen.line(1));
    screen.keys("k");
    arrive(&mut screen, 5, 6);
    assert_eq!(screen.model.list.cursor, 3, "whoever moves is not moved");
    screen.keys("p");
    arrive(&mut screen, 6, 9);
    arrive(&mut screen, 6, 9);
    assert_eq!(screen.model.list.order.len(), 6);
    assert!(screen.line(1).contains("FROZEN, +3 held back"), "{}", screen.line(1));
    screen.keys("p");
    assert_eq!(screen.model.list.order.len(), 9);
    screen.keys("p");
    screen.end(all.clone(), Vec::new());
    assert_eq!(screen.model.list.order.len(), 9, "the end waits too");
    screen.keys("p");
    assert_eq!(screen.model.list.order.len(), 12);
}

#[test]
fn the_cursor_is_on_the_worst_until_somebody_moves_it() {
    let mut screen = Screen::empty("growing.pcap", 80, 24);
    let all = many(&MIX, 3);
    for from in 0..6 {
        screen.tell(Message::News(News::Cases(all[from..from + 2].to_vec())));
        assert_eq!(screen.model.list.cursor, 0);
    }
    screen.keys("jj");
    let selected = screen.model.subject().expect("one").session.id;
    screen.tell(Message::News(News::Cases(all[6..].to_vec())));
    assert_eq!(screen.model.subject().expect("one").session.id, selected);
    screen.end(all, Vec::new());
    assert!(screen.model.subject().is_some());
}

#[test]
fn the_end_does_not_take_an_open_session_away() {
    let mut screen = Screen::empty("growing.pcap", 80, 24);
    let all = many(&MIX, 1);
    screen.tell(Message::News(News::Cases(all.clone())));
    screen.keys("/expired<Enter><Enter>");
    assert_eq!(screen.model.screen, On::Session);
    screen.end(all, Vec::new());
    assert_eq!(screen.model.screen, On::Session);
    assert!(screen.line(0).contains("× died"), "{}", screen.text());
}

#[test]
fn texts_to_take_away() {
    let mut screen = Screen::of("tls.cert-expired--alert-45.pcap", 80, 24);
    let copied = |screen: &mut Screen, keys: &str| -> String {
        screen.effects.clear();
        screen.keys(keys);
        match screen.effects.last() {
            Some(Effect::Copy(text)) => text.clone(),
            other => panic!("{keys}: {other:?}"),
        }
    };
    assert_eq!(
        copied(&mut screen, "yv"),
        "#1 died at frame 8: client refused the server certificate, 2 days too old (proven)"
    );
    assert_eq!(copied(&mut screen, "o"), "wireshark -r tls.cert-expired--alert-45.pcap -g 8");
    assert!(copied(&mut screen, "yj").starts_with("{\"type\":\"session\""));
    assert!(copied(&mut screen, "ya").starts_with("died[tls.cert-expired]"));
    assert_eq!(copied(&mut screen, "<Enter>gyf"), "1");
    screen.keys(":write out.json<Enter>");
    let Some(Effect::Ask(Request::Write { path, text })) = screen.effects.last() else { panic!("nothing to write") };
    assert_eq!(path.to_string_lossy(), "out.json");
    assert!(text.starts_with("{\"type\":\"session\""));
}

#[test]
fn commands() {
    let mut screen = mixed(80, 24);
    screen.keys(":#2<Enter>");
    assert!(screen.line(0).starts_with(" #2 "), "{}", screen.line(0));
    screen.keys(":3<Enter>");
    assert_eq!(screen.model.frame().map(|frame| frame.number()), Some(3));
    screen.keys(":filter ok<Enter>");
    assert_eq!(screen.model.list.order.len(), 3);
    screen.keys(":set theme=mono<Enter>:nonsense<Enter>");
    assert!(screen.last_line().contains("no command nonsense"), "{}", screen.last_line());
    screen.keys(":q<Enter>");
    assert_eq!(screen.effects.last(), Some(&Effect::Quit));
}

#[test]
fn names_from_the_wire_steer_nothing() {
    let mut cases = many(&["tls.cert-expired--alert-45.pcap"], 1);
    let mut case = Case::clone(&cases[0]);
    case.verdict.headline = "\u{1b}[2Jred \u{202e}txet".into();
    cases[0] = Arc::new(case);
    let mut screen = Screen::empty("\u{1b}]0;evil\u{7}.pcap", 80, 24);
    screen.end(cases, Vec::new());
    for keys in ["", "<Enter>", "1", "<Esc>"] {
        let text = screen.keys(keys).text();
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()) && !text.contains('\u{202e}'), "{text}");
    }
}

#[test]
fn texts_are_found_in_the_ladder_and_in_panes() {
    let mut screen = Screen::of("tls.cert-expired--alert-45.pcap", 80, 24);
    let at = |screen: &Screen| screen.model.frame().map(|frame| frame.number());
    screen.keys("<Enter>/clienthello<Enter>");
    assert_eq!(at(&screen), Some(6), "{}", screen.text());
    screen.keys("/fin<Enter>");
    assert_eq!(at(&screen), Some(9));
    screen.keys("n");
    assert_eq!(at(&screen), Some(11));
    screen.keys("nN");
    assert_eq!(at(&screen), Some(11));
    screen.keys("/nowhere<Enter>");
    assert!(screen.last_line().contains("nowhere is not there"), "{}", screen.last_line());
    packets(&mut screen);
    screen.keys("d3<Tab>/jdoe<Enter>");
    assert!(screen.last_line().contains("jdoe is not there"), "{}", screen.last_line());
    screen.keys("<Tab>:4<Enter><Tab>n");
    assert!(screen.text().contains("mstshash: jdoe"), "{}", screen.text());
}

#[test]
fn a_message_over_several_frames_is_put_together_and_the_certificate_taken_away() {
    let mut screen = Screen::of("tls.cert-expired--alert-45.pcap", 80, 24);
    screen.keys("yc");
    assert!(screen.last_line().contains("no certificate at hand"), "{}", screen.last_line());
    screen.keys("<Enter>");
    packets(&mut screen);
    screen.keys(":7<Enter>x");
    assert!(screen.text().contains("message, frame 7"), "{}", screen.text());
    screen.keys("yc");
    let Some(Effect::Copy(pem)) = screen.effects.last() else { panic!("{}", screen.text()) };
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----\nMII"), "{pem}");
    assert!(pem.ends_with("\n-----END CERTIFICATE-----\n"), "{pem}");
    screen.keys("yx");
    let Some(Effect::Copy(hex)) = screen.effects.last() else { panic!("{}", screen.text()) };
    assert!(hex.len() > 2000 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
    // One byte a segment: what a frame completes began in an earlier one.
    let mut screen = Screen::of("healthy--one-byte-segments.pcap", 80, 24);
    screen.keys("<Enter>");
    packets(&mut screen);
    let first =
        screen.model.opened.as_ref().expect("open").rungs.iter().position(|rung| rung.label.contains("Request"));
    screen.model.opened.as_mut().expect("open").cursor = first.expect("a request");
    screen.keys("x");
    assert!(screen.last_line().contains("the whole message: frames"), "{}", screen.text());
}

#[test]
fn the_terminals_cursor_is_where_the_selection_is() {
    let mut screen = Screen::of("tls.cert-expired--alert-45.pcap", 80, 24);
    let at = |screen: &Screen| {
        let mut buffer = screen.buffer();
        rdpwhy::tui::view::draw(&screen.model, &mut buffer).map(|at| (at.x, at.y))
    };
    assert_eq!(at(&screen), Some((0, 3)));
    screen.keys("<Enter>");
    let (x, y) = at(&screen).expect("a row");
    assert!(x == 0 && screen.line(usize::from(y)).starts_with("►×"), "{y}");
    screen.keys("<Tab>j");
    let (_, y) = at(&screen).expect("a row");
    assert!(screen.line(usize::from(y)).starts_with('►') && y > 16, "{y}");
    screen.keys("/die");
    assert_eq!(at(&screen), Some((10, 23)), "behind what was typed");
    screen.keys("<Esc><Esc><Esc><C-l>");
    screen.resize(30, 8);
    assert!(at(&screen).is_none_or(|(x, y)| x < 30 && y < 8));
}

#[test]
fn the_name_proposed_for_a_session_is_its_own() {
    let mut screen = mixed(80, 24);
    for (key, ending) in [("p", ".pcapng"), ("r", ".txt"), ("j", ".jsonl"), ("l", "-ladder.txt"), ("c", ".pem")] {
        screen.keys("gd<Enter>");
        let number = screen.model.opened.as_ref().expect("open").case.session.id.0;
        screen.keys("w").keys(key);
        let proposed = format!("write to: session-{number}{ending}");
        assert!(screen.last_line().contains(&proposed), "{key}: {}", screen.last_line());
        screen.keys("<Esc><Esc><Esc>");
    }
}

#[test]
fn packets_of_marked_sessions_are_asked_to_be_written() {
    let mut screen = Screen::of("scan.negotiation--300-addresses.pcap", 80, 24);
    screen.keys("r  wp");
    assert!(screen.last_line().contains("write to: sessions.pcapng"), "{}", screen.last_line());
    screen.keys("<Enter>");
    let Some(Effect::Ask(Request::Carve { path, files, spans })) = screen.effects.last() else { panic!("not asked") };
    assert_eq!((path.to_string_lossy().as_ref(), files.len(), spans.len()), ("sessions.pcapng", 1, 2));
    let mut screen = Screen::empty("growing.pcap", 80, 24);
    screen.tell(Message::News(News::Cases(many(&MIX, 1))));
    screen.keys(":write a.pcapng<Enter>");
    assert!(screen.last_line().contains("nothing was written"), "{}", screen.last_line());
}

#[test]
fn commands_and_files_are_completed() {
    let mut screen = mixed(80, 24);
    let line = |screen: &Screen| screen.last_line().split("  ").next().unwrap_or_default().trim().to_owned();
    screen.keys(":se<Tab>");
    assert_eq!(line(&screen), ": set");
    assert!(screen.last_line().contains("set ascii"), "{}", screen.last_line());
    screen.keys("th<Tab>");
    assert_eq!(line(&screen), ": set theme=");
    screen.keys("hi<Tab><Enter>");
    assert_eq!(screen.model.look.theme, rdpwhy::tui::theme::Theme::HighContrast);
    screen.keys("wr<C-u>o<Tab>");
    assert_eq!(line(&screen), "write to: old/");
    screen.keys("<C-u>r<Tab>");
    assert!(screen.last_line().contains("report.txt  rdp.pcapng"), "{}", screen.last_line());
    screen.keys("zzz<Tab>");
    assert!(screen.last_line().contains("nothing begins so"), "{}", screen.last_line());
}

#[test]
fn texts_are_found_in_what_is_explained() {
    let mut screen = mixed(80, 24);
    screen.model.explain = |word, _| (0..90).map(|line| format!("{word} line {line}\n")).collect();
    screen.keys("e/line 41<Enter>");
    assert!(screen.line(1).contains("line 41"), "{}", screen.text());
    screen.keys("/line 5<Enter>n");
    assert!(screen.line(1).contains("line 51"), "{}", screen.text());
    screen.keys("N/nowhere<Enter>");
    assert!(screen.text().contains("nowhere is not there"), "{}", screen.text());
    screen.keys("q");
    assert!(screen.model.overlay.is_none());
}

#[test]
fn a_moment_of_the_charts_leads_to_its_packet() {
    let mut screen = Screen::of("path.mtu-black-hole--near-server.pcap", 80, 40);
    screen.keys("<Enter>5");
    packets(&mut screen);
    screen.keys("<Tab>z");
    assert!(screen.text().contains("at 0.000 s: "), "{}", screen.text());
    screen.keys(&"<Right>".repeat(200));
    screen.keys("<Enter>");
    let view = screen.model.opened.as_ref().expect("open");
    // Two packets are in the last cell; the first of them is meant.
    let frame = screen.model.frame().map(|frame| frame.number());
    assert_eq!((view.focus, frame), (rdpwhy::tui::opened::Focus::Ladder, Some(16)));
}

#[test]
fn the_mouse_selects_opens_sorts_and_runs() {
    use ratatui::layout::Position;
    use rdpwhy::tui::update::Mouse;
    let mut screen = mixed(80, 24);
    let click = |screen: &mut Screen, x: u16, y: u16, again: bool| {
        screen.tell(Message::Mouse(Mouse::Click(Position { x, y }, again)));
    };
    let find = |screen: &Screen, y: u16, word: &str| {
        let line = screen.line(usize::from(y));
        let at = line.find(word).unwrap_or_else(|| panic!("{word}: {line}"));
        line[..at].chars().count() as u16
    };
    click(&mut screen, 30, 6, false);
    assert_eq!((screen.model.list.cursor, screen.model.screen), (3, On::List));
    let x = find(&screen, 2, "Client");
    click(&mut screen, x, 2, false);
    assert!(screen.line(1).contains("sort: client"), "{}", screen.line(1));
    click(&mut screen, x, 2, false);
    assert!(screen.line(1).contains("reversed"), "{}", screen.line(1));
    screen.tell(Message::Mouse(Mouse::Wheel(1)));
    screen.tell(Message::Mouse(Mouse::Wheel(-1)));
    click(&mut screen, 30, 4, false);
    click(&mut screen, 30, 4, true);
    assert_eq!(screen.model.screen, On::Session);
    let y = (0..24).find(|y| screen.line(usize::from(*y)).contains("1 Why")).expect("tabs");
    let x = find(&screen, y, "4 Cert");
    click(&mut screen, x, y, false);
    assert_eq!(screen.model.opened.as_ref().expect("open").pane, 3);
    click(&mut screen, 20, 6, false);
    let view = screen.model.opened.as_ref().expect("open");
    assert!(screen.line(6).starts_with('►'), "{} {}", view.cursor, screen.text());
    let x = find(&screen, 23, "Esc");
    click(&mut screen, x, 23, false);
    assert_eq!(screen.model.screen, On::List);
    screen.tell(Message::Mouse(Mouse::Drag));
    assert!(screen.last_line().contains("hold Shift to select text, or M"), "{}", screen.last_line());
    screen.keys("M");
    assert_eq!(screen.effects.last(), Some(&Effect::Mouse(true)));
    // Anywhere on any screen: nothing breaks.
    for keys in ["", "<Enter>", "z", "<Esc><Esc><Esc>c", "?", "<Esc>s"] {
        screen.keys(keys);
        for (x, y) in (0..90).zip((0..30).cycle()) {
            click(&mut screen, x, y, x % 3 == 0);
            screen.text();
        }
    }
}

#[test]
fn other_keys_are_dispatched_hinted_and_helped() {
    let wanted = [("death".to_owned(), vec!["D".to_owned()]), ("help".to_owned(), vec!["F5".to_owned()])];
    let bindings = rdpwhy::tui::keymap::remapped(&wanted).expect("no conflict");
    let mut screen = mixed(80, 24);
    screen.model.bindings = bindings;
    screen.keys("Gd");
    assert_eq!(screen.model.list.cursor, 11, "d means nothing now");
    screen.keys("D");
    assert_eq!(screen.model.list.cursor, 0);
    assert!(screen.text().contains("D death") && screen.text().contains("F5 help"), "{}", screen.text());
    screen.tell(Message::Key(crossterm::event::KeyEvent::new(
        crossterm::event::KeyCode::F(5),
        crossterm::event::KeyModifiers::NONE,
    )));
    assert!(screen.text().contains("Help: the list"), "{}", screen.text());
    screen.keys("where it died");
    assert!(screen.text().contains(" D    "), "{}", screen.text());
}

#[test]
fn a_file_that_grew_is_read_again_on_demand() {
    let mut screen = mixed(80, 24);
    screen.keys("jj");
    let selected = screen.model.subject().map(|case| case.session.id);
    screen.effects.clear();
    screen.keys(":e<Enter>");
    assert!(matches!(screen.effects.as_slice(), [Effect::Ask(Request::Again)]), "{:?}", screen.effects);
    assert!(screen.model.is_reading());
    screen.effects.clear();
    screen.keys(":e<Enter>");
    assert!(screen.effects.is_empty());
    assert!(screen.text().contains("it is being read"), "{}", screen.text());
    // What was there stays until everything was read; the cursor stays on its session.
    assert_eq!(screen.model.cases.len(), many(&MIX, 3).len());
    screen.end(many(&MIX, 4), Vec::new());
    assert!(!screen.model.is_reading());
    assert_eq!(screen.model.cases.len(), many(&MIX, 4).len());
    assert_eq!(screen.model.subject().map(|case| case.session.id), selected);
    screen.model.again = None;
    screen.keys(":e<Enter>");
    assert!(screen.text().contains("standard input cannot be read again"), "{}", screen.text());
}
