/// DeBERTa-v2 (He et al. 2021) as Hugging Face checkpoints have it. So far: [RelativePositions], the rows of the table
/// of relative positions that queries and keys look at.
package dev.lorikeet.models.deberta;
