use rdpwhy::capture::{self, Next, Source}; use rdpwhy::engine::*; use rdpwhy::session::*; use rdpwhy::wire::describe::Describe; use rdpwhy::diagnose::*;
use serde_json::{json, Value};
fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let js = args.iter().any(|a| a == "--json");
    let path = args.iter().find(|a| !a.starts_with("--")).unwrap();
    let mut source = match capture::open(&[path.into()], &Default::default()) { Ok(s) => s, Err(e) => { eprintln!("{e}"); std::process::exit(3) } };
    let mut engine = Engine::new(Options::default());
    loop { match source.next() { Ok(Next::Frame(f)) => { engine.push(&f); } Ok(Next::End) => break, Ok(_) => {}, Err(e) => { eprintln!("{e}"); break } } }
    for case in judge_all(engine.finish(), source.inputs().iter().map(|i| i.dropped).sum()) {
        let (s, shape, v) = (&case.session, &case.shape, &case.verdict);
        if js {
            let ep = |e: &Endpoint| json!({"ip": e.ip.to_string(), "port": e.port});
            let mut o = json!({"type":"session","session": s.id.0, "client": ep(&s.client), "server": ep(&s.server), "outcome": v.outcome.word(), "sure": v.sure.word(), "headline": v.headline,
              "findings": v.findings.iter().map(|f| json!({"id": f.id})).collect::<Vec<_>>()});
            if let Some(c) = v.cause { o["cause"] = c.into(); }
            if let Some(d) = v.death { o["death"] = json!({"frame": d.frame.number(), "by": d.by.word()}); }
            let mut neg = serde_json::Map::new();
            if let Some((_, r)) = s.request() { neg.insert("requested".into(), json!(r.protocols.words())); if let Some(c) = &r.cookie { neg.insert("cookie".into(), c.raw().into()); } }
            if let Some(sel) = s.selected() { neg.insert("selected".into(), sel.words()[0].into()); }
            if let Some((_, f)) = s.negotiation_failure() { neg.insert("failure".into(), json!({"code": f.0})); }
            o["negotiation"] = Value::Object(neg);
            let mut tls = serde_json::Map::new();
            if let Some(ver) = s.tls_version() { tls.insert("version".into(), ver.number().into()); }
            if let Some((_, h)) = s.client_hello() { if let Some(n) = h.server_name() { tls.insert("sni".into(), n.raw().into()); } }
            o["tls"] = Value::Object(tls);
            if let Some((e, c)) = s.certificate() { o["certificate"] = json!({"sha256": c.sha256.iter().map(|b| format!("{b:02x}")).collect::<String>(), "expired": c.is_expired_at(e.time.seconds()), "not_after": jiff(c.not_after)}); }
            println!("{o}");
            continue;
        }
        println!("=== #{} {} -> {} {:?} packets {} rtt {:?}/{:?} gaps {} holes {:?} dur {:.3} cap {:.3}", s.id.0, s.client, s.server, s.roles, s.packets(), s.rtt_client, s.rtt_server, s.gaps, s.holes, s.duration(), s.capture_end.since(s.last.time));
        for side in &s.sides { println!("   side pk {} by {} ret {} to {} ooo {} tw {} ka {} zw {} sent {} ack {} rep {:?} ttl {} {}/{}", side.packets, side.bytes, side.retransmissions, side.timeouts, side.out_of_order, side.twins, side.keepalives, side.zero_windows, side.sent, side.acknowledged, side.repeat.map(|r|(r.count,r.ip_length)), side.ttl, side.ttl_same, side.ttl_other); }
        println!("   shape est {} nla {:?} mcs {} info {} active {}", shape.established, shape.nla, shape.mcs, shape.info, shape.active);
        println!("   VERDICT {:?} {:?} {:?} death {:?} end {:?} {}", v.outcome, v.cause, v.sure, v.death.map(|d| (d.frame, d.by)), v.end, v.headline);
        for e in &v.evidence { println!("     {} {:?} {}", e.points.word(), e.frames, e.text); }
        for f in &v.findings { println!("     finding {} {}", f.id, f.text); }
        let (el, at) = s.timeline.elided();
        for (i, e) in s.timeline.iter().enumerate() {
            if i == at && el.events > 0 { println!("     ... {el:?}"); }
            let what = match &e.kind { EventKind::Message(f) => format!("{}: {}", f.name(), f.summary()), EventKind::Encrypted{content_type,length} => format!("enc {} {} = {:?}", content_type.0, length, shape.at(e.frame, e.stream_offset).map(|i| (i.name, i.exact, i.plaintext))), k => format!("{k:?}") };
            println!("   {:5} ({:5}) {:9.4} {} {:?} {}", e.frame.number(), e.first_frame.number(), e.time.since(s.first.time), if e.direction==Direction::ClientToServer {"->"} else {"<-"}, e.phase, what.chars().take(150).collect::<String>());
        }
    }
}
fn jiff(t: i64) -> String { jiff::Timestamp::from_second(t).unwrap().to_string() }
