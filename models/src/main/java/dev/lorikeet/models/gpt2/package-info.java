/// GPT-2 (Radford et al. 2019) as Hugging Face checkpoints have it: a stack of pre-norm blocks over ragged rows, with a
/// head that is tied to the token embedding.
///
/// Fields are named as in the checkpoint, so a weight's path is the path of the Java objects that hold it. Read
/// top-down: [Gpt2Config], [Gpt2], [Gpt2Block]; then `dev.lorikeet.models.train`.
package dev.lorikeet.models.gpt2;
