//! A look at sessions that are not over.

use crate::diagnose::verdict::Verdict;
use crate::diagnose::{Case, judge_all};
use crate::engine::Engine;
use crate::session::SessionId;

/// Touched sessions remembered between two looks.
pub(super) const TOUCHED: usize = 4096;

/// Up to `wanted` of the `touched` sessions, the latest of them, each judged alone, and whether it is over; one that is
/// not has no verdict but how far it has come. Forgets what was touched.
pub(super) fn glimpse(engine: &Engine, touched: &mut Vec<SessionId>, wanted: usize) -> Vec<(Case, bool)> {
    if wanted == 0 {
        touched.clear();
        return Vec::new();
    }
    touched.sort_by_key(|id| std::cmp::Reverse(id.0));
    touched.dedup();
    touched.truncate(wanted);
    let cases = engine.glimpse(touched).into_iter().filter_map(|(session, is_over)| {
        let mut case = judge_all(vec![session], &[], 0).pop()?;
        if !is_over {
            let end = case.verdict.end;
            let reached = std::mem::take(&mut case.verdict.reached);
            let reached_inferred = std::mem::take(&mut case.verdict.reached_inferred);
            case.verdict = Verdict { reached, reached_inferred, ..Verdict::open(end) };
        }
        Some((case, is_over))
    });
    let cases = cases.collect();
    touched.clear();
    cases
}
