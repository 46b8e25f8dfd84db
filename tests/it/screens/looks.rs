//! Pictures of screens, and rules for all of them.

use rdpwhy::frame::Input;
use rdpwhy::report::NotRdp;
use rdpwhy::tui::feed::{News, Whole};
use rdpwhy::tui::update::Message;

use super::Screen;
use rdpwhy::tui::theme::{Role, Theme};

/// Captures that have a picture: what it is called, the capture.
const PICTURES: [(&str, &str); 6] = [
    ("expired", "tls.cert-expired--alert-45.pcap"),
    ("forged", "tcp.rst-injected--office.pcap"),
    ("mtu", "path.mtu-black-hole--near-server.pcap"),
    ("healthy", "healthy--nla-tls12.pcapng"),
    ("hidden", "healthy--nla-tls13.pcapng"),
    ("cut", "cap.ends-mid-session--cut-file.pcap"),
];

const SIZES: [(u16, u16); 5] = [(80, 24), (120, 40), (200, 60), (60, 20), (34, 10)];

/// The text, and beside it the role of every cell: so that a theme may change without changing pictures.
pub(super) fn picture_with_roles(name: &str, screen: &Screen) {
    let buffer = screen.buffer();
    let theme = screen.model.look.theme;
    let letter = |cell: &ratatui::buffer::Cell| {
        use ratatui::style::Modifier;
        let is_reversed = cell.modifier.contains(Modifier::REVERSED);
        let style = |role: Role| {
            let mut plain = ratatui::buffer::Cell::default();
            plain.set_style(theme.base()).set_style(theme.style(role));
            plain
        };
        // What is drawn over a rule keeps the rule's weight; then the colour tells.
        let same = |role: Role| (style(role).fg, style(role).bg) == (cell.fg, cell.bg);
        let exactly = |role: Role| same(role) && style(role).modifier == cell.modifier;
        let found =
            ROLES.iter().find(|(_, role)| exactly(*role)).or_else(|| ROLES.iter().find(|(_, role)| same(*role)));
        match found {
            _ if is_reversed && !exactly(Role::Marked) => '#',
            Some((letter, _)) => *letter,
            None => '?',
        }
    };
    let width = usize::from(buffer.area.width);
    let roles: Vec<String> = buffer.content.chunks(width).map(|line| line.iter().map(letter).collect()).collect();
    let text = screen.text();
    let lines: Vec<String> = text
        .lines()
        .zip(&roles)
        .map(|(line, roles)| {
            let room = width.saturating_sub(line.chars().count());
            format!("{line}{:room$} ¦ {}", "", roles.trim_end_matches('.'))
        })
        .collect();
    assert!(!roles.iter().any(|line| line.contains('?')), "a cell has no role:\n{}", roles.join("\n"));
    keep(name, &lines.join("\n"));
}

/// A letter for each role.
const ROLES: [(char, Role); 11] = [
    ('.', Role::Text),
    ('B', Role::Bold),
    ('d', Role::Dim),
    ('X', Role::Died),
    ('W', Role::Warn),
    ('U', Role::Unsure),
    ('O', Role::Open),
    ('C', Role::Client),
    ('S', Role::Server),
    ('L', Role::Likely),
    ('M', Role::Marked),
];

#[test]
fn every_cell_has_a_role() {
    for (name, capture) in PICTURES {
        for (width, height) in [(80, 24), (120, 40)] {
            let mut screen = Screen::of(capture, width, height);
            screen.model.look.theme = Theme::Dark;
            picture_with_roles(&format!("roles-{name}-list-{width}x{height}"), &screen);
            screen.keys("<Enter>");
            picture_with_roles(&format!("roles-{name}-session-{width}x{height}"), &screen);
        }
    }
}

pub(super) fn picture(name: &str, screen: &Screen) {
    keep(name, &screen.text());
}

fn keep(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("pictures");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn the_list_and_the_session_at_every_size() {
    for (name, capture) in PICTURES {
        for (width, height) in SIZES {
            let mut screen = Screen::of(capture, width, height);
            picture(&format!("{name}-list-{width}x{height}"), &screen);
            screen.keys("<Enter>");
            if (width, height) == (120, 40) {
                super::states::packets(&mut screen);
            }
            picture(&format!("{name}-session-{width}x{height}"), &screen);
        }
    }
}

#[test]
fn the_panes() {
    for (name, capture) in PICTURES {
        for key in ["1", "4", "5"] {
            let mut screen = Screen::of(capture, 80, 24);
            screen.keys("<Enter>").keys(key).keys("<Tab>z");
            picture(&format!("{name}-pane-{key}"), &screen);
        }
    }
}

#[test]
fn packet_and_hex_with_their_bytes() {
    let mut screen = Screen::of("tls.cert-expired--alert-45.pcap", 80, 24);
    screen.keys("<Enter>2");
    assert!(screen.text().contains("reading the packet again"), "{}", screen.text());
    super::states::packets(&mut screen);
    screen.keys("<Tab>z");
    picture("expired-pane-2", &screen);
    screen.keys("gl");
    picture("expired-pane-2-unfolded", &screen);
    screen.keys("3");
    picture("expired-pane-3", &screen);
    screen.keys("G");
    assert!(screen.text().contains("description: certificate_expired (45)"), "{}", screen.text());
}

#[test]
fn a_capture_without_remote_desktop_says_what_was_seen() {
    let mut screen = Screen::empty("web.pcap", 80, 24);
    picture("reading", &screen);
    let elsewhere =
        NotRdp { packets: 363, tcp_connections: 12, ports_seen_most: vec![(443, 9), (80, 3)], ..NotRdp::default() };
    let whole = Whole {
        elsewhere,
        inputs: vec![Input { path: "web.pcap".into(), packets: 363, ..Input::default() }],
        ..Whole::default()
    };
    screen.tell(Message::News(News::End(Box::new(whole))));
    picture("no-rdp", &screen);
    for keys in
        ["j", "<Enter>", "d", "c", "<Enter>", "q", "f", "s", "<Esc>", " ", "y", "<Esc>", "w", "<Esc>", "e", "o", "J"]
    {
        screen.keys(keys).text();
    }
}

#[test]
fn the_screen_in_the_readme_is_a_real_one() {
    let mut screen = Screen::of("tls.cert-expired--alert-45.pcap", 80, 24);
    let text = screen.keys("<Enter>").text();
    let readme = include_str!("../../../README.md");
    let (_, sample) = readme.split_once("<!-- screen -->\n```text\n").expect("a sample");
    let (sample, _) = sample.split_once("\n```\n<!-- /screen -->").expect("its end");
    assert_eq!(
        sample,
        text.trim_end_matches('\n'),
        "what the screen shows belongs between the screen marks of README.md"
    );
}

#[test]
fn overlays() {
    let mut screen = Screen::of("scan.negotiation--300-addresses.pcap", 80, 24);
    picture("scans-list", &screen);
    screen.keys("?");
    picture("over-help-list", &screen);
    screen.keys("sort");
    picture("over-help-narrowed", &screen);
    screen.keys("<Esc>/died and clent:10");
    picture("over-filter-error", &screen);
    screen.keys("<Esc>s");
    picture("over-sort", &screen);
    screen.keys("<Esc>f");
    picture("over-quick", &screen);
    screen.keys("<Esc>c");
    picture("causes", &screen);
    let mut screen = Screen::of("tls.cert-expired--alert-45.pcap", 80, 24);
    screen.keys("<Enter>?");
    picture("over-help-session", &screen);
    screen.keys("<Esc>y");
    picture("over-copy", &screen);
    screen.keys("<Esc>w");
    picture("over-write", &screen);
    screen.keys("<Esc>e");
    picture("over-explain", &screen);
}

#[test]
fn plain_ascii_is_complete() {
    for (name, capture) in PICTURES {
        let mut screen = Screen::of(capture, 120, 40);
        screen.model.look.ascii = true;
        assert!(screen.text().is_ascii(), "{}", screen.text());
        for keys in ["<Enter>", "1", "4", "5", "R", "?", "<Esc>y", "<Esc>"] {
            screen.keys(keys);
            assert!(screen.text().is_ascii(), "{name} {keys}: {}", screen.text());
        }
        screen.resize(80, 24);
        if name == "expired" {
            picture("ascii-session", &screen);
        }
    }
}

/// Widths and heights at which something else is drawn, and their neighbours.
const EDGES: [u16; 24] =
    [20, 33, 34, 47, 48, 57, 58, 59, 60, 71, 72, 79, 80, 99, 100, 111, 112, 119, 120, 159, 160, 179, 180, 220];

#[test]
fn every_size_is_drawn() {
    let mut screen = Screen::of("tls.cert-expired--alert-45.pcap", 80, 24);
    for keys in ["", "<Enter>", "2", "4", "5", "<Tab>z", "<Esc><Esc><Esc><Esc>c", "?"] {
        screen.keys(keys);
        for width in 20..=220 {
            // Every width and every height; at the edges every pair of them.
            let heights = if EDGES.contains(&width) { 5..=70 } else { 5 + width % 66..=5 + width % 66 };
            for height in heights {
                screen.resize(width, height);
                let buffer = screen.buffer();
                assert_eq!((buffer.area.width, buffer.area.height), (width, height));
            }
        }
    }
}

#[test]
fn themes_differ_in_colour_only() {
    use ratatui::style::Color;
    let mut texts = Vec::new();
    for (name, theme) in Theme::ALL {
        let mut screen = Screen::of("tls.cert-expired--alert-45.pcap", 80, 24);
        screen.model.look.theme = theme;
        screen.keys("<Enter>");
        let buffer = screen.buffer();
        if matches!(theme, Theme::Dark | Theme::Light) {
            assert!(buffer.content.iter().all(|cell| matches!(cell.bg, Color::Rgb(..))), "{name}: one ground for all");
            assert!(buffer.content.iter().all(|cell| matches!(cell.fg, Color::Rgb(..))), "{name}");
        }
        texts.push(screen.text());
        screen.keys("?").buffer();
    }
    assert!(texts.windows(2).all(|pair| pair[0] == pair[1]));
}

/// What every terminal font has: ASCII and Windows Glyph List 4, as far as we draw it.
const WGL4: &str = "×√►◄→←↑↓─│┌┐└┘├┤═■□░▒▓█▼▲·…•°–—‘’“”";

#[test]
fn only_glyphs_that_every_font_has() {
    for (_, capture) in PICTURES {
        for (width, height) in SIZES {
            let mut screen = Screen::of(capture, width, height);
            for keys in ["", "<Enter>", "4", "5", "?", "<Esc>s", "<Esc>c"] {
                let text = screen.keys(keys).text();
                let strange: Vec<char> = text.chars().filter(|c| !c.is_ascii() && !WGL4.contains(*c)).collect();
                assert!(strange.is_empty(), "{capture} {keys}: {strange:?}");
            }
        }
    }
}

#[test]
fn without_colour_there_is_none_and_the_death_is_still_evident() {
    let mut screen = Screen::of("tls.cert-expired--alert-45.pcap", 80, 24);
    screen.model.look.theme = Theme::Mono;
    screen.keys("<Enter>");
    let buffer = screen.buffer();
    use ratatui::style::{Color, Modifier};
    assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    let is_selected = |y: u16| buffer[(5, y)].modifier.contains(Modifier::REVERSED);
    let selected: Vec<u16> = (0..24).filter(|y| is_selected(*y)).collect();
    assert_eq!(selected.len(), 1);
    assert!(screen.line(usize::from(selected[0])).starts_with("►×"), "{}", screen.text());
    assert!(screen.text().contains("× died here: frame 8"), "{}", screen.text());
}
