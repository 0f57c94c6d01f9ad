/// Adapter files: Hugging Face PEFT's directories and the checkpoints of the paper's own loralib, read and written
/// exactly, and converted into each other.
///
/// [AdapterFiles] opens whatever it is given; [PeftFormat] and [LoralibFormat] are the two formats. A file becomes a
/// `dev.lorikeet.lora.StoredAdapter`, which needs neither a model nor a device; only attaching it to a model
/// (`dev.lorikeet.lora.LoraAdapter`) tells whether it fits.
///
/// Reading is strict where numbers are at stake: a setting that would change the arithmetic and that Lorikeet does not
/// compute ([PeftRefusals]) is an error, never a warning. Assumptions are listed in the adapter's notes.
package dev.lorikeet.lora.io;
