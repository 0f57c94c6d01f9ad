/// A golden case: a directory with a manifest, inputs, and the numbers that another implementation computed from them.
///
/// [GoldenCase] is opened from its [Manifest] and hands out tensors by name ([Golden], [GoldenFiles]); every comparison
/// becomes a [Check] with the largest error beside its tolerance, and all of them a [CaseReport]. A [CaseKind] replays
/// cases of one kind; what it cannot replay it says ([NotReplayed]).
///
/// Next: `dev.lorikeet.models.verify.ops`, `dev.lorikeet.models.verify`.
package dev.lorikeet.models.verify.golden;
