/// The same engine on an NVIDIA GPU.
///
/// The formulas stand in the `.cu` resources beside this package, one file for each family of operations, forward and
/// backward together, each with its arithmetic intensity and the bytes that it must move. `common.cuh` holds what they
/// share. Attention is a family of several files: on the ordinary cores in F32 (`attention_f32_*`), on tensor cores
/// where the [MathMode] allows inputs to be rounded (`attention_mma_*`, over the products of `mma.cuh`), and for one
/// query per sequence, as generation asks for it (`attention_decode.cu`). [CudaKernels] is the table of contents on the
/// Java side: it says which kernel is launched over which grid.
///
/// A launch needs a driver, a product needs cuBLAS, memory needs a device, and many of those given at once need its
/// graphs. These are small interfaces, [Launcher], [Blas], [DeviceMemory] and [Graphs]; the tests implement them on the
/// host, where the `.cu` sources are compiled as C++ and run thread by thread, so that the arithmetic, the launch
/// parameters and the indexing are tested on machines without a GPU by the same kernel contract as every other backend.
/// The calls of the driver, of cuBLAS and of NVRTC are tested with stand-ins for these libraries, which JCuda's natives
/// load in place of NVIDIA's. What all that cannot test is what only a device has: races between warps, and speed.
///
/// On a device ([CudaProvider] opens it, as `cuda:0`, `cuda:0:tf32` or `cuda:0:bf16`), the driver launches
/// ([DriverLauncher]), cuBLAS multiplies ([CublasBlas]) and memory is the device's own ([DriverMemory]), all through
/// JCuda. Kernels are compiled by NVRTC for the very device when they are first launched and kept in files
/// ([KernelCache]). [CudaLibraries] finds NVIDIA's libraries, and [JCudaNatives] lets JCuda, which was linked with CUDA
/// 12, work with CUDA 13.
///
/// Everything is asked for in one order ([Stream]), and nothing waits for the device until numbers are wanted on the
/// host. Sums are taken in a fixed order, without atomic additions, so that results are the same every time.
///
/// A step that repeats the requests of an earlier one becomes CUDA graphs ([GraphCache]; `:nographs` does without). For
/// ragged batches to do so, whatever differs between two of them has to lie in memory that uploads fill, and the rest
/// has to take few values. So training fills batches up to few numbers of rows and labels (`Batch.filledUp` of
/// `dev.lorikeet.models`); the tiles of attention are a list as long as the longest that so many rows can need
/// ([Tiles]); a loss is a sum, which the optimizer makes a mean; and a [pool][dev.lorikeet.tensor.Pool] gives each
/// shape the addresses that it had before. What fills a batch up is computed and counts for nothing: no loss, no
/// gradient, no random number of the others changes.
///
/// Random numbers come from our own Philox (`random.cu`), which draws every number where it is wanted, in the order of
/// [dev.lorikeet.tensor.Philox]. cuRAND's Philox draws the same blocks, but deals them out to 65536 streams, so that it
/// cannot take its place; the tests have it as a witness.
///
/// Read `common.cuh` first, then one family: `layer_norm.cu` with [Norms], or `attention_f32_forward.cu` and then
/// `attention_mma_forward.cu` with [Attention].
package dev.lorikeet.cuda;
