use super::super::options::{Kept, Ring};
use super::*;

fn parse(line: &str) -> Result<Command, Usage> {
    let words = std::iter::once("rdpwhy").chain(line.split_whitespace());
    command(words.map(OsString::from).collect())
}

fn judge(line: &str) -> Options {
    match parse(line) {
        Ok(Command::Judge(options)) => *options,
        other => panic!("{line}: {other:?}"),
    }
}

fn refusal(line: &str) -> String {
    match parse(line) {
        Err(usage) => {
            usage.notes.iter().fold(usage.what.clone(), |text, (label, note)| format!("{text}\n{label}: {note}"))
        }
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn after_r_words_are_an_expression() {
    let options = judge("-r day.pcap host 10.20.4.17 and port 3389");
    assert_eq!(options.inputs, [PathBuf::from("day.pcap")]);
    assert_eq!(options.packets.as_deref(), Some("host 10.20.4.17 and port 3389"));
    assert_eq!(judge("a.pcap b.pcap").inputs.len(), 2);
    assert_eq!(judge("-r a.pcap -r b.pcap").inputs.len(), 2);
    assert!(refusal("-f tcp -r a.pcap udp").contains("two BPF expressions"));
    assert!(refusal("-r a.pcap Cargo.toml").contains("rdpwhy FILE Cargo.toml"));
}

#[test]
fn letters_of_tcpdump_that_change_nothing() {
    for line in ["-nn -l -U f", "-nnlUr f", "-n f -s0", "f -s 0", "-s 262144 f"] {
        assert_eq!(judge(line).inputs, [PathBuf::from("f")], "{line}");
    }
    assert_eq!(judge("-c1 f").stop.packets, Some(1));
    assert_eq!(judge("-nnvvr f").view.verbose, 2);
}

#[test]
fn letters_that_cannot_mean_here_what_they_mean_there() {
    for letter in "tXxAeESTzdCGWFILyjJOQkgRNKMHPum".chars() {
        let text = refusal(&format!("-{letter} f"));
        assert!(text.starts_with(&format!("-{letter}: ")), "{text}");
        assert!(!text.contains('\n'), "one line: {text}");
    }
    assert!(refusal("-ttttnnvvXr f").starts_with("-t: "));
    assert!(refusal("-i eth0 -w f -C10 -W 3").starts_with("-C: the next file"));
    assert!(refusal("-Tfields -e frame.number f").starts_with("-T: "), "who asks for fields is answered about fields");
    assert!(refusal("-e -Tfields f").starts_with("-T: "));
    assert!(refusal("-s 96 f").contains("read whole"));
}

#[test]
fn what_later_versions_will_do_is_answered_honestly() {
    let others = [
        "probe host",
        "carve f -o g",
        "annotate f",
        "-i eth0 --ts-type adapter",
        "--keylog k f",
        "--redact f",
        "--redact=addr f",
    ];
    for line in others {
        assert!(refusal(line).contains("not in this version") || line.contains("keylog"), "{line}");
    }
    assert!(judge("./tui").inputs == [PathBuf::from("./tui")]);
}

#[test]
fn the_screen_takes_the_same_options_but_none_about_reports() {
    for line in ["tui f -Y died --theme mono", "--tui f -Y died --theme mono", "-Y died --theme=mono tui f"] {
        let words = std::iter::once("rdpwhy").chain(line.split(' ')).map(OsString::from).collect();
        let Ok(Command::Screen(options)) = command(words) else { panic!("{line}: no screen") };
        assert_eq!(options.inputs, [PathBuf::from("f")]);
        assert_eq!(options.selection.filter.as_deref(), Some("died"));
        assert_eq!(options.look.theme.as_deref(), Some("mono"));
    }
    assert!(refusal("tui").contains("tui wants captures to show"));
    assert!(refusal("tui f --json").starts_with("--json and --format: the terminal UI writes no report by itself"));
    assert!(refusal("tui f -1").starts_with("--brief: "));
    assert!(refusal("tui --theme pink f").contains("pink"));
}

#[test]
fn slips_get_a_suggestion() {
    assert_eq!(refusal("explian neg:5"), "no such command: explian; did you mean explain?");
    assert_eq!(judge("probbe").inputs, [PathBuf::from("probbe")], "what does not work is not suggested");
    assert!(refusal("--jsn f").contains("did you mean --json?"));
    assert!(refusal("--whre x f").contains("did you mean --where?"));
    assert!(refusal("--nope f").starts_with("no such option: --nope"));
    assert!(refusal("--format jsn f").contains("did you mean --format json?"));
    assert!(refusal("--color sometimes f").contains("known: auto, always, never"));
    assert!(refusal("--width 40 f").starts_with("--width 40: cannot be used\nnote: 40 is not in 60..=1000"));
    assert!(refusal("--memory lots f").contains("512M"));
    assert!(refusal("-c").starts_with("-c wants a value"), "{}", refusal("-c"));
    assert!(refusal("--session 9-3 f").contains("backwards"));
    assert!(refusal("-a moons:3 f").contains("duration:S"));
}

#[test]
fn forms_of_output() {
    assert_eq!(judge("f").view.form, Form::Text);
    assert_eq!(judge("-1 f").view.form, Form::Brief);
    assert_eq!(judge("-q f").view.form, Form::Totals);
    assert_eq!(judge("--json f").view.form, Form::Json);
    assert_eq!(judge("--format json f").view.form, Form::Json);
    assert!(judge("-qq f").view.silent);
    assert!(judge("-q -q --json f").view.silent);
    assert_eq!(judge("--json -1 f").view.form, Form::BriefJson);
    assert_eq!(judge("--brief --format json f").view.form, Form::BriefJson);
    for line in ["--json -q f", "--each -1 f", "--utc --tz UTC f", "--json --format text f"] {
        assert!(refusal(line).contains("exclude each other"), "{line}: {}", refusal(line));
    }
    for form in ["plain", "md", "html", "csv"] {
        assert!(refusal(&format!("--format {form} f")).contains("text and json"));
        assert!(form == "plain" || refusal(&format!("-o r.{form} f")).contains(".txt and .json"));
    }
}

#[test]
fn the_ending_of_the_report_picks_its_form() {
    let form = |line: &str| judge(line).view.file.map(|(_, form)| form);
    assert_eq!(form("-o r.json f"), Some(Form::Json));
    assert_eq!(form("-o r.txt f"), Some(Form::Text));
    assert_eq!(form("-o r.txt -1 f"), Some(Form::Brief));
    assert_eq!(form("-o r -1 f"), Some(Form::Brief));
    assert_eq!(form("-o r --json f"), Some(Form::Json));
    assert_eq!(form("-o - f"), None);
    assert_eq!(judge("-o r.json f").view.form, Form::Totals);
    for name in ["f.pcap", "f.pcapng", "f.pcap.gz", "F.CAP.ZST"] {
        assert!(refusal(&format!("-o {name} f")).contains("a report is not a capture"), "{name}");
    }
    assert_eq!(form("-o report.gz f"), Some(Form::Text));
}

#[test]
fn filters_may_begin_with_a_hyphen() {
    let options = judge("-Y -scan --fail-on -ok f");
    assert_eq!(options.selection.filter.as_deref(), Some("-scan"));
    assert_eq!(options.fail_on, FailOn::Matching("-ok".to_owned()));
    assert_eq!(judge("--fail-on never f").fail_on, FailOn::Never);
    assert_eq!(judge("--session 1,3-9 f").selection.numbers, [(1, 1), (3, 9)]);
    assert_eq!(judge("--port 3390,13389 f").ports, [3390, 13389]);
}

#[test]
fn help_and_other_texts() {
    for line in ["-h", "--help", "-V", "--version", "man", "completions bash", "-h -X", "--color never man"] {
        assert!(matches!(parse(line), Ok(Command::Print(_))), "{line}");
    }
    assert!(matches!(parse(""), Ok(Command::Nothing(_))));
    assert!(refusal("completions").contains("known: bash"));
    assert!(refusal("completions tcsh").contains("no completions for tcsh"));
}

fn live(line: &str) -> Options {
    match parse(line) {
        Ok(Command::Live(options)) => *options,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn after_i_words_are_an_expression() {
    let options = live("-i eth0 -i any -i eth0 tcp port 3390");
    assert_eq!(options.live.interfaces, ["eth0", "any"]);
    assert_eq!(options.packets.as_deref(), Some("tcp port 3390"));
    assert!(options.inputs.is_empty());
    assert_eq!(live("-i eth0").packets, None);
    assert!(refusal("-i eth0 -f tcp udp").contains("two BPF expressions"));
    assert!(refusal("-i eth0 Cargo.toml").contains("not both"));
    assert!(matches!(parse("-D"), Ok(Command::Interfaces)));
    assert!(matches!(parse("ifaces"), Ok(Command::Interfaces)));
}

#[test]
fn letters_of_a_running_capture() {
    let options = live("-nn -p -s 96 -B 4096 -Z nobody -w out.pcapng -c 9 -a deaths:1 -a sessions:7 -i eth0");
    let asked = options.live;
    assert_eq!((asked.modest, asked.snap, asked.buffer), (true, Some(96), Some(4096 * 1024)));
    assert_eq!((asked.user.as_deref(), asked.keep), (Some("nobody"), Some(PathBuf::from("out.pcapng"))));
    assert_eq!(options.stop, Stop { packets: Some(9), deaths: Some(1), sessions: Some(7), ..Stop::default() });
    assert_eq!(live("-i eth0 -s 0").live.snap, None);
}

#[test]
fn letters_of_a_running_capture_mean_nothing_to_a_file() {
    for line in ["-p f", "-B 4096 f", "-Z nobody f", "-a deaths:1 f"] {
        assert!(refusal(line).contains("-i"), "{line}");
    }
    assert!(refusal("-w out f").contains("tcpdump -r IN -w OUT"));
    assert!(refusal("-i eth0 -w -").contains("tcpdump -U -w -"));
    assert!(refusal("-i eth0 --separate").contains("about files"));
}

#[test]
fn a_running_capture_has_a_screen_too() {
    for words in ["tui -i eth0 -w a.pcapng tcp port 3390", "-i eth0 --tui tcp port 3390"] {
        let Ok(Command::Screen(options)) = parse(words) else { panic!("{words}") };
        assert_eq!(options.live.interfaces, ["eth0"], "{words}");
        assert_eq!(options.packets.as_deref(), Some("tcp port 3390"), "{words}");
    }
    assert!(refusal("tui -i eth0 --json").contains("--json"));
}

#[test]
fn how_packets_are_kept() {
    let options = live("-i eth0 -w r.pcapng -b filesize:51200 -b files:4 -a deaths:1");
    let ring = Ring { bytes: Some(51_200_000), files: Some(4), ..Ring::default() };
    assert_eq!((options.live.ring, options.live.kept), (Some(ring), Kept::All));
    let options = live("-i eth0 -w r.pcapng -a filesize:100 -b files:2");
    assert_eq!((options.live.ring.and_then(|ring| ring.bytes), options.stop.bytes), (Some(100_000), None));
    assert_eq!(live("-i eth0 -w r.pcapng -a filesize:100").stop.bytes, Some(100_000));
    assert_eq!(live("-i eth0 -w r.pcapng --keep died").live.kept, Kept::Died);
    for line in ["-b files:4", "-b duration:1", "--keep died", "-a filesize:9", "-a files:9"] {
        assert!(refusal(&format!("-i eth0 {line}")).contains("add -w rdp.pcapng"), "{line}");
    }
    assert!(refusal("-i eth0 -w r -b files:4").contains("when does the next file begin?"));
    assert!(refusal("-i eth0 -w r -a files:4").contains("several are made with -b"));
    assert!(refusal("-i eth0 -w r -b moons:4").contains("known: filesize:KB"));
    for line in ["-b files:4 f", "--keep died f", "-a filesize:9 f"] {
        assert!(refusal(line).contains("-i"), "{line}");
    }
}
