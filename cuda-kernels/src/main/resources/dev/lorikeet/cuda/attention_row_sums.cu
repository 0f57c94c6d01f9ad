// The row sums that attention's backward takes off its slopes, from the result.
//
// Arithmetic intensity: 2 FLOP for 8 bytes. Bytes that must move: out and dout once, 4 per query and head.
#include "common.cuh"

// delta (N, heads) <- sum over a head's columns of dout*out; one warp for a row and head
extern "C" __global__ void attention_row_sums(Rows delta, Inputs dout, Inputs out, int head_size) {
    index_t warps = (index_t) gridDim.x * blockDim.x / 32;
    index_t all = (index_t) delta.rows * delta.cols;
    for (index_t n = ((index_t) blockIdx.x * blockDim.x + threadIdx.x) / 32; n < all; n += warps) {
        index_t i = n / delta.cols;
        int head = (int) (n % delta.cols);
        float sum = 0;
        for (int c = threadIdx.x % 32; c < head_size; c += 32) {
            index_t at = (index_t) head * head_size + c;
            sum += dout.row(i)[at] * out.row(i)[at];
        }
        sum = warp_sum(sum);
        if (threadIdx.x % 32 == 0) {
            delta.row(i)[head] = sum;
        }
    }
}
