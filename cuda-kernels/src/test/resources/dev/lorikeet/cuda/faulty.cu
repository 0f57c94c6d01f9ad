// Kernels with the faults that the host's stand-in for a GPU must find.
#include "common.cuh"

extern "C" __global__ void half_a_barrier(float* dst) {
    if (threadIdx.x % 2 == 0) {
        __syncthreads();
    }
    dst[threadIdx.x] = 1;
}

extern "C" __global__ void half_a_shuffle(float* dst) {
    float value = (float) threadIdx.x;
    if (threadIdx.x < 16) {
        value = warp_sum(value);
    }
    dst[threadIdx.x] = value;
}

// Every thread reads what its neighbour writes: right only after a barrier.
extern "C" __global__ void neighbours(float* dst) {
    DYNAMIC_SHARED(shared);
    shared[threadIdx.x] = (float) threadIdx.x;
    __syncthreads();
    dst[blockIdx.x * blockDim.x + threadIdx.x] = shared[(threadIdx.x + 1) % blockDim.x];
}

extern "C" __global__ void neighbours_without_barrier(float* dst) {
    DYNAMIC_SHARED(shared);
    shared[threadIdx.x] = (float) threadIdx.x;
    dst[blockIdx.x * blockDim.x + threadIdx.x] = shared[(threadIdx.x + 1) % blockDim.x];
}
