/// A second, independent computation of golden cases, for kinds of which the reference libraries gave us none.
///
/// It shares nothing with the engine that it is compared with: matrices of doubles in plain loops ([Graph]), batches
/// padded to one length and masked as transformers does it ([Gpt2Reference], [RobertaReference]), adapters wrapped
/// around modules by the rules of PEFT's source ([PeftReference]), AdamW written out ([Training]). `ReferenceTest`
/// holds it to the cases that PyTorch and PEFT have computed; `UnseenCasesTest` then has it write new cases
/// ([CaseWriter]) of other sizes and options and replays them.
package dev.lorikeet.models.verify.reference;
