/// Decoding: turning next-token logits into text, one token at a time, over a key-value cache.
///
/// [Generator] runs the model on a ragged batch of prompts; [Sampling] decides which token comes next (greedy,
/// temperature, top-k, top-p) from a seed, so the same call gives the same text on every device. [BeamSearch] follows
/// several hypotheses as transformers does, [PaperBeamSearch] as the paper's GPT-2 example does.
package dev.lorikeet.models.generate;
