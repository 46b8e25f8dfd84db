//! Two machines with one address.

use rdpwhy::diagnose::Case;
use rdpwhy::diagnose::verdict::{By, Outcome, Sure};

use super::super::beside::{arp_reply, arp_reply_from, arp_request};
use super::super::talk::{Side, Talk, Who};
use super::{Made, classic_until_work, file, fixed, judged, work};

pub(super) const ROSTER: &[Made] = &[fixed("link.address-conflict--two-answer.pcap", two_answer)];

/// Whose address it is, and whose not.
const OWNER: [u8; 6] = [2, 0, 10, 20, 4, 9];
const PRINTER: [u8; 6] = [0x0c, 0xc4, 0x7a, 0x11, 0x22, 0x33];
/// The gateway that two routers are (VRRP).
const VIRTUAL: [u8; 6] = [0, 0, 0x5e, 0, 1, 7];

/// Client and server on one link.
fn neighbours() -> Talk {
    Talk::new(Side::windows("10.20.4.17", 51_544).hops(0), Side::windows("10.20.4.9", 3389).hops(0))
}

/// The client asks who has the server's address, and these machines answer.
fn asks(talk: &mut Talk, machines: &[[u8; 6]]) {
    let (client, server) = ([10, 20, 4, 17].into(), [10, 20, 4, 9].into());
    talk.link(arp_request(client, server));
    for machine in machines {
        talk.link(arp_reply_from(*machine, server, client));
    }
}

/// A session runs; a minute later the client asks again who its server is, and from then on speaks to a machine that knows
/// nothing of it.
fn broken(machines: &[[u8; 6]]) -> Talk {
    let mut talk = neighbours();
    asks(&mut talk, &machines[..1]);
    work(classic_until_work(&mut talk)).wait(20.0);
    asks(&mut talk, machines);
    talk.client(&super::mcs::fast_path(Who::Client, 7, 15)).bare_rst(Who::Server);
    talk
}

fn two_answer() -> Vec<u8> {
    file(&broken(&[OWNER, PRINTER, OWNER, PRINTER]))
}

fn only(talk: &Talk) -> Case {
    let mut cases = judged(std::slice::from_ref(talk));
    assert_eq!(cases.len(), 1);
    cases.remove(0)
}

fn told(talk: &Talk) -> (Option<&'static str>, Sure) {
    let case = only(talk);
    (case.verdict.cause, case.verdict.sure)
}

#[test]
fn who_knows_nothing_of_a_session_may_have_its_servers_address() {
    let conflict = Some("link.address-conflict");
    assert_eq!(told(&broken(&[OWNER, PRINTER, OWNER, PRINTER])), (conflict, Sure::Strong));
    assert_eq!(only(&broken(&[OWNER, PRINTER, OWNER])).verdict.death.map(|death| death.by), Some(By::Network));
    // Handed over once: a cluster, perhaps.
    assert_eq!(told(&broken(&[OWNER, PRINTER])), (conflict, Sure::Likely));
    // Who is one machine, or the two routers of a gateway, is in no conflict with itself.
    assert_eq!(told(&broken(&[OWNER, OWNER])).0, Some("end.server-reset"));
    assert_eq!(told(&broken(&[OWNER, VIRTUAL, OWNER])).0, Some("end.server-reset"));
}

#[test]
fn a_machine_that_refuses_may_be_the_wrong_one() {
    let mut talk = neighbours();
    asks(&mut talk, &[OWNER, PRINTER, OWNER]);
    talk.syn().refuse();
    assert_eq!(told(&talk), (Some("link.address-conflict"), Sure::Strong));
    let mut talk = neighbours();
    asks(&mut talk, &[OWNER]);
    talk.syn().refuse();
    assert_eq!(told(&talk).0, Some("tcp.refused"));
}

/// What a peer said is why it ended, whoever else has its address; but it is worth a word.
#[test]
fn a_goodbye_is_the_end_and_a_conflict_a_finding() {
    let mut talk = neighbours();
    asks(&mut talk, &[OWNER, PRINTER, OWNER, PRINTER]);
    super::classic(&mut talk);
    let case = only(&talk);
    assert!(matches!(case.verdict.outcome, Outcome::Ok | Outcome::Warn), "{:?}", case.verdict);
    assert!(case.verdict.findings.iter().any(|finding| finding.id == "link.address-conflict"));
    // A dispute that was over long before is none of this session's.
    let mut talk = neighbours();
    asks(&mut talk, &[OWNER, PRINTER, OWNER, PRINTER]);
    talk.wait(300.0).link(arp_reply([10, 20, 4, 9].into(), [10, 20, 4, 17].into()));
    super::classic(&mut talk);
    assert!(only(&talk).verdict.findings.iter().all(|finding| finding.id != "link.address-conflict"));
}
