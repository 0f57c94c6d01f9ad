/// What a model is given: token ids of several sequences, one behind the other, without padding.
///
/// [TokenBatch] has the ids, where each sequence begins, and which rows have something to predict; [LabelledBatch] has
/// a label for each sequence instead, judged by [ClassLoss]. Where a device replays its work as graphs, [BatchBuckets]
/// pads batches to few shapes; padding is computed and never counted.
///
/// Read before: `dev.lorikeet.tensor.Sequences`. Next: `dev.lorikeet.models.data`, which makes them.
package dev.lorikeet.models.batch;
