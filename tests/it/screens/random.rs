//! Any keys at any size: nothing panics, nothing is drawn outside, cursors stay on rows.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;
use rdpwhy::tui::feed::News;
use rdpwhy::tui::update::Message;

use super::Screen;
use super::states::many;

#[derive(Clone, Debug)]
enum Step {
    Key(KeyEvent),
    Resize(u16, u16),
    Arrive(usize),
    End,
}

fn step() -> impl Strategy<Value = Step> {
    let typed = "[ -~äé日]".prop_map(|text| KeyCode::Char(text.chars().next().unwrap_or(' ')));
    let named = prop::sample::select(vec![
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::Backspace,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::PageUp,
        KeyCode::PageDown,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::F(3),
    ]);
    let commands =
        "[jkGgdJKrRztm12345?/:fscwypF \\[\\]]".prop_map(|text| KeyCode::Char(text.chars().next().unwrap_or('j')));
    let plain =
        prop_oneof![2 => typed, 4 => named, 6 => commands].prop_map(|code| KeyEvent::new(code, KeyModifiers::NONE));
    let control = "[a-z]"
        .prop_map(|text| KeyEvent::new(KeyCode::Char(text.chars().next().unwrap_or('a')), KeyModifiers::CONTROL));
    prop_oneof![
        20 => plain.prop_map(Step::Key),
        2 => control.prop_map(Step::Key),
        3 => (1..250u16, 1..70u16).prop_map(|(width, height)| Step::Resize(width, height)),
        2 => (0..8usize).prop_map(Step::Arrive),
        1 => Just(Step::End),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_keys_at_any_size(width in 1..250u16, height in 1..70u16, steps in prop::collection::vec(step(), 1..60)) {
        let all = sessions();
        let mut screen = Screen::empty("any.pcap", width, height);
        screen.tell(Message::News(News::Cases(all[..3].to_vec())));
        for step in steps {
            match step {
                Step::Key(event) => screen.tell(Message::Key(event)),
                Step::Resize(width, height) => { screen.resize(width, height); }
                Step::Arrive(index) => screen.tell(Message::News(News::Cases(vec![all[index % all.len()].clone()]))),
                Step::End => screen.end(all.to_vec(), Vec::new()),
            }
            let buffer = screen.buffer();
            prop_assert_eq!(buffer.area.width, screen.model.size.width);
            prop_assert!(screen.model.list.cursor < screen.model.list.order.len().max(1));
        }
    }
}

fn sessions() -> &'static [std::sync::Arc<rdpwhy::diagnose::Case>] {
    static SESSIONS: std::sync::OnceLock<Vec<std::sync::Arc<rdpwhy::diagnose::Case>>> = std::sync::OnceLock::new();
    SESSIONS.get_or_init(|| {
        many(
            &[
                "tls.cert-expired--alert-45.pcap",
                "path.mtu-black-hole--near-server.pcap",
                "healthy--nla-tls13.pcapng",
                "healthy--udp-side-channel.pcap",
                "scan.syn--sweep.pcap",
                "cap.starts-mid-session--freerdp.pcapng",
            ],
            1,
        )
    })
}
