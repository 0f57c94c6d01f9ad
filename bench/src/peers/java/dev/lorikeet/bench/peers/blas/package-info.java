/// OpenBLAS and MKL, called through `java.lang.foreign` on our memory: `cblas_sgemm` costs some nanoseconds to call.
package dev.lorikeet.bench.peers.blas;
