/// Text to token ids and back.
///
/// A model sees integers. A [Tokenizer][dev.lorikeet.models.text.Tokenizer] cuts text into pieces and numbers them;
/// both kinds here start from the *bytes* of the text, so no text is unknown and decoding gives back exactly what was
/// encoded. [ByteTokenizer][dev.lorikeet.models.text.ByteTokenizer] stops there (one id per byte);
/// [BytePairTokenizer][dev.lorikeet.models.text.BytePairTokenizer] goes on as GPT-2 and RoBERTa do: it cuts the text
/// into words (`WordScanner`) and merges the bytes of each word, most frequent pair first (`PairMerger`), with the
/// pairs listed in the model's own files.
///
/// Nothing here adds special tokens behind the caller's back: `encode` treats `<|endoftext|>` as 13 characters, and
/// only [encodeWithSpecial][dev.lorikeet.models.text.BytePairTokenizer#encodeWithSpecial] recognises it.
///
/// Read `Tokenizer` first, then `BytePairTokenizer`, then `WordScanner` and `PairMerger`. Next chapter:
/// `dev.lorikeet.models.data`, which makes training examples of the ids.
package dev.lorikeet.models.text;
