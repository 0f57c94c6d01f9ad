/// How good written texts are: one formula in one file each, held to the figures that the benchmarks' own scorers
/// print.
///
/// A [TextMetric] compares [Segment]s: what a system wrote for an input, and what people wrote. Scorers that share a
/// formula differ in what a word is ([Words]) and in corner cases, and a tenth of a point is what papers argue about;
/// so each metric names the scorer that it reproduces. [ScoredTask] says which benchmark is judged by which.
///
/// | metric | reproduces | held to |
/// |---|---|---|
/// | [Bleu], [Nist] | mteval-v13a, sacreBLEU, multi-bleu | 27 E2E systems, 27 WebNLG outputs, DART, to the last digit |
/// | [RougeL], [CiderD] | the captioning scorers over Stanford's Penn Treebank words | 27 E2E systems, each segment |
/// | [Meteor] | METEOR 1.5 | its formula and words; without its table of paraphrases up to 0.013 below |
/// | [Ter], [Rouge] | tercom; `rouge_score` | worked examples |
///
/// Stems are Snowball's, from Lucene, which agrees with Snowball's own list of 28,433 words but for 31 that a later
/// version stems otherwise.
package dev.lorikeet.models.metric.nlg;
