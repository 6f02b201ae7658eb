//! Which kills are rehearsed.

use std::collections::BTreeSet;

use super::{Kill, Tasks};

/// The kills that are rehearsed, in the order of their points.
pub(super) struct Sample {
    pub(super) kills: Vec<Kill>,
    /// How many kinds of kill point the run has; one of each is killed at least.
    pub(super) kinds: usize,
}

/// All kills of an undisturbed run's points, or `count` of them, drawn by `seed`: at least one of each kind, so more than
/// `count` where there are more kinds.
///
/// In a wait, tasks run: each is killed three times, once for everything that can become of a task meanwhile.
pub(super) fn choose(points: &[String], count: Option<usize>, seed: u64) -> Sample {
    let mut kills: Vec<Kill> = (1..)
        .zip(points)
        .flat_map(|(at, point)| {
            let variants = variants(point).iter();
            variants.map(move |tasks| Kill {
                at,
                point: point.clone(),
                tasks: *tasks,
            })
        })
        .collect();
    let kinds: BTreeSet<&str> = points.iter().map(|point| kind(point)).collect();
    let kinds = kinds.len();
    if let Some(count) = count.filter(|count| *count < kills.len()) {
        shuffle(&mut kills, seed);
        kills = first_of_each_kind_first(kills);
        kills.truncate(count.max(kinds));
        kills.sort_by_key(|kill| (kill.at, kill.tasks.word()));
    }
    Sample { kills, kinds }
}

/// What a kill point is, without what it's about: `before append intent proxmox::group::ensure`.
pub(super) fn kind(point: &str) -> &str {
    point.split_once(": ").map_or(point, |(kind, _)| kind)
}

/// What can become of tasks while the run is dead: where none runs, only one thing.
fn variants(point: &str) -> &'static [Tasks] {
    let begins_task =
        point.starts_with("after write") && [": POST ", ": PUT "].iter().any(|m| point.contains(m));
    if point.starts_with("wait") || begins_task {
        &[Tasks::GoOn, Tasks::Finish, Tasks::Fail]
    } else {
        &[Tasks::GoOn]
    }
}

/// The same order for the same seed.
fn shuffle(kills: &mut [Kill], seed: u64) {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for left in (2..=kills.len()).rev() {
        // xorshift64: any fixed sequence will do, it only has to be the same for the same seed.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let at = usize::try_from(state % left as u64).unwrap_or(0);
        kills.swap(left - 1, at);
    }
}

/// One of each kind, then the others, each in the order that they had.
fn first_of_each_kind_first(kills: Vec<Kill>) -> Vec<Kill> {
    let mut seen = BTreeSet::new();
    let (first, rest): (Vec<Kill>, Vec<Kill>) = kills
        .into_iter()
        .partition(|kill| seen.insert(kind(&kill.point).to_owned()));
    [first, rest].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points() -> Vec<String> {
        let group = (1..=40).flat_map(|n| {
            [
                "before append intent proxmox::group::ensure".to_owned(),
                format!("after write proxmox::group::ensure: POST /access/groups on pve{n}"),
            ]
        });
        let rare = ["wait proxmox::cluster::join", "before append step_done"];
        group.chain(rare.map(str::to_owned)).collect()
    }

    #[test]
    fn all_points_are_killed_and_waits_in_three_ways() {
        let points = ["before append", "wait", "after append"].map(str::to_owned);
        let all = choose(&points, None, 1).kills;
        assert_eq!(all.len(), 5);
        assert_eq!(all.iter().filter(|kill| kill.at == 2).count(), 3);
    }

    #[test]
    fn each_kind_of_point_is_killed_even_if_that_is_more_than_was_asked_for() {
        for seed in 0..50 {
            for (count, drawn) in [(1, 4), (4, 4), (20, 20)] {
                let sample = choose(&points(), Some(count), seed);
                assert_eq!((sample.kinds, sample.kills.len()), (4, drawn));
                let kinds: BTreeSet<&str> =
                    sample.kills.iter().map(|kill| kind(&kill.point)).collect();
                assert_eq!(kinds.len(), 4, "{seed}: {kinds:?}");
            }
        }
    }

    #[test]
    fn the_same_seed_draws_the_same_kills() {
        let drawn = |seed| choose(&points(), Some(20), seed).kills;
        assert_eq!(drawn(7), drawn(7));
        assert_ne!(drawn(7), drawn(8));
    }
}
