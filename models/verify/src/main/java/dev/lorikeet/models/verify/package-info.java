/// Replaying golden cases: does this engine compute what PyTorch, transformers, PEFT and loralib compute?
///
/// A *case* is a directory with safetensors files and a `manifest.json` that lists every tensor and every scalar with
/// its tolerance. [Verifier] opens it as a [GoldenCase], hands it to the class for its kind ([CaseKind]), and returns a
/// [CaseReport]: the largest error of everything that was compared, and whatever nobody compared, which counts as a
/// failure. Nothing about a case is known here but its kind: shapes, names, options and training settings come from the
/// manifest and the configuration files beside it.
///
/// `lorikeet verify --help` documents how to write a case for a checkpoint of one's own. Read next: [OpsCase] for
/// single operations, [BaseCase] for whole models, [Subject] for what
/// differs between their families.
package dev.lorikeet.models.verify;
