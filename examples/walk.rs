use rdpwhy::capture::{self, Next, Source}; use rdpwhy::engine::*; use rdpwhy::diagnose::*;
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let t = std::time::Instant::now();
    let mut source = capture::open(&[path.into()], &Default::default()).unwrap();
    let mut engine = Engine::new(Options::default()); let mut n = 0u64; let mut ev = 0;
    loop { match source.next() { Ok(Next::Frame(f)) => { n += 1; engine.push(&f); if engine.is_over_budget() { ev += engine.evict().len(); } } Ok(Next::End) => break, _ => {} } }
    println!("{n} frames, {} sessions, evicted {ev}, {:?}", engine.sessions(), t.elapsed());
    let cases = judge_all(engine.finish(), 0);
    let mut m = std::collections::BTreeMap::new();
    for c in &cases { *m.entry((c.verdict.outcome.word(), c.verdict.cause)).or_insert(0) += 1; }
    println!("{m:#?} {:?}", t.elapsed());
}
