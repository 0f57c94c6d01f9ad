/// How good predictions are: one formula in one file each.
///
/// A [Metric] compares predictions with labels, both plain numbers: class numbers (0, 1, 2) for [Accuracy], [F1] and
/// [MatthewsCorrelation], values for [PearsonCorrelation] and [SpearmanCorrelation]. Where a formula is 0/0, each says
/// what it gives: 0 for F1 and Matthews as scikit-learn does, not a number for the correlations as SciPy does.
///
/// Which task is judged by which stands in `dev.lorikeet.models.task`.
package dev.lorikeet.models.metric;
