/// RoBERTa (Liu et al. 2019) as Hugging Face checkpoints have it. So far: [RobertaPositions], how tokens are numbered.
package dev.lorikeet.models.roberta;
