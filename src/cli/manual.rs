//! The manual page, in roff: options from their definition, the rest as `--help` has it.

use clap_mangen::Man;

use super::definition::shown;
use super::help::{COMMANDS, EPILOGUE, EXIT_CODES};

/// The manual page.
#[must_use]
pub fn manual() -> String {
    // Commands are words of this program, without pages or options of their own.
    let mut command = shown();
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in names {
        command = command.mut_subcommand(name, |sub| sub.hide(true));
    }
    let man = Man::new(command);
    let mut bytes = Vec::new();
    // INVARIANT: writing to a Vec does not fail.
    let _ = man.render_title(&mut bytes).and_then(|()| man.render_name_section(&mut bytes));
    section(&mut bytes, "SYNOPSIS", COMMANDS);
    prose(&mut bytes, "DESCRIPTION", DESCRIPTION);
    let _ = man.render_options_section(&mut bytes);
    section(&mut bytes, "EXIT STATUS", without_heading(EXIT_CODES));
    section(&mut bytes, "ENVIRONMENT", without_heading(EPILOGUE));
    section(&mut bytes, "EXAMPLES", EXAMPLES);
    section(&mut bytes, "SEE ALSO", "tcpdump(8), pcap-filter(7), wireshark(1), dumpcap(1)\n");
    String::from_utf8_lossy(&bytes).into_owned()
}

const DESCRIPTION: &str = "\
rdpwhy reads network captures and says why Remote Desktop (RDP) sessions died,
at which packet, and how sure that is. It needs no keys and no access to client
or server. Every claim names the frames that show it, by Wireshark's numbers.

pcap and pcapng are read, also compressed with gzip, zstd or lz4, from files,
directories and pipes. RDP is recognised on any port.
";

const EXAMPLES: &str = "\
rdpwhy capture.pcapng
rdpwhy -Y 'died -scan (cause:tls.* or cause:neg.*)' day.pcapng
rdpwhy --json day.pcapng | jq -r 'select(.type==\"session\") | .cause'
ssh fw2 tcpdump -U -s 0 -w - tcp port 3389 | rdpwhy -
sudo rdpwhy -i eth0 -w rdp.pcapng -b filesize:51200 -b files:4 -a deaths:1
rdpwhy explain 0x904 0x7 capture.pcapng
";

fn without_heading(text: &str) -> &str {
    text.split_once('\n').map_or(text, |(_, rest)| rest)
}

/// A section of prose, which falls into lines where it is shown.
fn prose(page: &mut Vec<u8>, title: &str, text: &str) {
    page.extend(format!(".SH {title}\n{}", escaped(text).replace("\n\n", "\n.PP\n")).bytes());
}

/// A section whose lines stay as they are, where `--help` has them: pages are set in further, and 80 columns are full.
fn section(page: &mut Vec<u8>, title: &str, text: &str) {
    let title = if title.contains(' ') { format!("\"{title}\"") } else { title.to_owned() };
    let lines: Vec<&str> = text.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
    page.extend(format!(".SH {title}\n.nf\n.in 2n\n{}\n.in\n.fi\n", escaped(&lines.join("\n"))).bytes());
}

/// What roff would take for its own.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_every_option_that_works_and_no_other() {
        let manual = manual();
        assert!(manual.contains("fail\\-on"));
        assert!(!manual.contains("keylog"));
    }

    #[test]
    fn it_has_what_a_manual_page_has() {
        let manual = manual();
        for title in ["NAME", "SYNOPSIS", "DESCRIPTION", "\"EXIT STATUS\"", "ENVIRONMENT", "EXAMPLES"] {
            assert_eq!(manual.matches(&format!("\n.SH {title}\n")).count(), 1, "{title}: {manual}");
        }
        assert!(manual.contains("\nrdpwhy tui FILE..."), "{manual}");
        assert!(!manual.contains("\n. "), "no line is taken for a request");
        assert!(!manual.contains("rdpwhy\\-explain") && !manual.contains("SUBCOMMANDS"), "there are no such pages");
    }
}
