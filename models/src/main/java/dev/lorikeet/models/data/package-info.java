/// From files to batches.
///
/// A *source* reads pairs of texts or plain text: [E2e][dev.lorikeet.models.data.E2e] (the paper's task: data to text),
/// [JsonLines][dev.lorikeet.models.data.JsonLines], [PlainText][dev.lorikeet.models.data.PlainText], and
/// [GeneratedRestaurants][dev.lorikeet.models.data.GeneratedRestaurants], which needs no file at all. The
/// [PromptLayout][dev.lorikeet.models.data.PromptLayout] turns a pair into an
/// [Example][dev.lorikeet.models.data.Example]: ids, of which those after the prompt are to be learned. This is the one
/// place that knows where `<|endoftext|>` stands. [Batches][dev.lorikeet.models.data.Batches] shuffles examples and
/// packs them without padding; its position is two numbers, from which training goes on exactly where it stopped.
///
/// A broken file is an error that names the file, the line, what was expected and what stands there
/// ([DataException][dev.lorikeet.models.data.DataException]); no line is skipped in silence but blank ones.
///
/// Read `TextPair`, `PromptLayout`, `Example`, `Batches`. Before this chapter: `dev.lorikeet.models.text`.
package dev.lorikeet.models.data;
