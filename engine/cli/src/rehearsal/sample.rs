//! Which kills are rehearsed.

use super::{Kill, Tasks};

/// All kills of an undisturbed run's points, or `count` of them, chosen by `seed`.
///
/// In a wait, tasks run: each is killed three times, once for everything that can become of a task meanwhile.
pub(super) fn choose(points: &[String], count: Option<usize>, seed: u64) -> Vec<Kill> {
    let mut kills = Vec::new();
    for (at, point) in (1..).zip(points) {
        let variants: &[Tasks] = if point == "wait"
            || point.starts_with("after write POST")
            || point.starts_with("after write PUT")
        {
            &[Tasks::GoOn, Tasks::Finish, Tasks::Fail]
        } else {
            &[Tasks::GoOn]
        };
        // Without a running task the three are one; the ring skips what makes no difference.
        kills.extend(variants.iter().map(|tasks| Kill {
            at,
            point: point.clone(),
            tasks: *tasks,
        }));
    }
    let Some(count) = count.filter(|count| *count < kills.len()) else {
        return kills;
    };
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut chosen = Vec::new();
    for _ in 0..count {
        // xorshift64: any fixed sequence will do, it only has to be the same for the same seed.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let at = usize::try_from(state % kills.len() as u64).unwrap_or(0);
        chosen.push(kills.swap_remove(at));
    }
    chosen.sort_by_key(|kill| kill.at);
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_points_are_killed_and_waits_in_three_ways() {
        let points = ["before append", "wait", "after append"].map(str::to_owned);
        let all = choose(&points, None, 1);
        assert_eq!(all.len(), 5);
        assert_eq!(all.iter().filter(|kill| kill.at == 2).count(), 3);
        let some = choose(&points, Some(2), 7);
        assert_eq!(some.len(), 2);
        assert_eq!(some, choose(&points, Some(2), 7));
    }
}
