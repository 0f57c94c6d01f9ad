/// File bytes and tensors: safetensors and PyTorch checkpoints, read without a copy and written so that the Python
/// libraries cannot tell the difference.
///
/// *Reading.* A file is mapped, its header is checked as strictly as the reference libraries check it, and a tensor is
/// a slice of the mapping. [SafetensorsFile] reads safetensors; [TorchFile] reads what `torch.save` wrote (zip and the
/// older format) with an unpickler that knows some twenty constructors and runs nothing; [Checkpoint] finds the right
/// files in a directory, sharded ones included. Tensors live as long as the opened file: close it last.
///
/// *Writing.* [SafetensorsWriter] produces the bytes of `safetensors.torch.save_file`, [TorchWriter] a zip that
/// `torch.load` reads. Both go through [AtomicFile]: the target has its old content or all of its new content, never a
/// part of it.
///
/// *What can go wrong* has one name, [FormatException], which says file, tensor, what was expected, what was found and
/// what to do. Failures of the disk itself are [java.io.UncheckedIOException]s.
///
/// Nothing here converts, transposes or copies a frozen weight: bytes stay as they are in the file (transposed views in
/// pickles are the one exception, they are laid out row by row). Read next: `dev.lorikeet.autograd`.
package dev.lorikeet.tensor.io;
