// Products of small matrices on tensor cores, c <- c + a*b with a (16, K), b (K, 8), c (16, 8): a warp's lanes each
// hold a fragment of all three. Inputs are rounded to BF16 (K = 16) or TF32 (K = 8), sums are F32.
//
// Lane 4*g + t, g = 0 ... 7, t = 0 ... 3, holds of c the columns 2t and 2t + 1 of rows g (c[0], c[1]) and g + 8 (c[2],
// c[3]). What it holds of a and b, the two types below say; m is always a matrix by rows in shared memory, `ld`
// elements from one row to the next.
//
// The instructions are PTX's mma.sync and ldmatrix, of compute capability 8.0 and later. (The host has its own meaning
// of them: see the tests.)
#ifndef LORIKEET_MMA
#define LORIKEET_MMA
#include "common.cuh"

#ifndef LORIKEET_HOST_CUDA
// Two numbers rounded to BF16, to nearest, ties to even.
__device__ inline unsigned pack_bf16(float low, float high) {
    unsigned word;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(high), "f"(low));
    return word;
}

// A number rounded to 10 fraction bits, to nearest, ties away from zero.
__device__ inline unsigned to_tf32(float x) {
    unsigned word;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(word) : "f"(x));
    return word;
}

__device__ inline void mma_bf16(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

__device__ inline void mma_tf32(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
    asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

// Four matrices of 8 rows of 16 bytes; lane 8*n + i says where row i of matrix n lies. words[n] <- elements 2t and
// 2t + 1 of row g of matrix n
__device__ inline void load_matrices(unsigned (&words)[4], const void* row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
        : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
        : "r"((unsigned) __cvta_generic_to_shared(row)) : "memory");
}

// The same of the transposed matrices: words[n] <- rows 2t and 2t + 1, column g
__device__ inline void load_transposed(unsigned (&words)[4], const void* row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
        : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
        : "r"((unsigned) __cvta_generic_to_shared(row)) : "memory");
}
#endif

// a[0], a[2]: columns 2t, 2t + 1 and 2t + 8, 2t + 9 of row g; a[1], a[3]: of row g + 8.
// b[0], b[1]: rows 2t, 2t + 1 and 2t + 8, 2t + 9 of column g.
struct Bf16 {
    typedef unsigned short Element;
    static const int K = 16;
    static const int GAP = 8;                                                // between rows: 8 rows lie in all 32 banks

    // Four neighbouring elements
    __device__ static void store(Element* at, float4 v) {
        ((unsigned*) at)[0] = pack_bf16(v.x, v.y);
        ((unsigned*) at)[1] = pack_bf16(v.z, v.w);
    }

    // a <- m (16, K)
    __device__ static void left(unsigned (&a)[4], const Element* m, int ld) {
        int lane = threadIdx.x % 32;
        load_matrices(a, m + lane % 16 * ld + lane / 16 * 8);
    }

    // a <- c (16, K), the columns in the order that `right` expects
    __device__ static void left(unsigned (&a)[4], const float (&c)[K / 8][4]) {
        a[0] = pack_bf16(c[0][0], c[0][1]);
        a[1] = pack_bf16(c[0][2], c[0][3]);
        a[2] = pack_bf16(c[1][0], c[1][1]);
        a[3] = pack_bf16(c[1][2], c[1][3]);
    }

    // b[0], b[1] <- the transposed of rows 0 ... 7 and 8 ... 15 of m (16, K)
    __device__ static void right_transposed(unsigned (&b)[2][2], const Element* m, int ld) {
        int lane = threadIdx.x % 32;
        unsigned words[4];
        load_matrices(words, m + (lane % 8 + lane / 16 * 8) * ld + lane / 8 % 2 * 8);
        b[0][0] = words[0];
        b[0][1] = words[1];
        b[1][0] = words[2];
        b[1][1] = words[3];
    }

    // b[0], b[1] <- columns 0 ... 7 and 8 ... 15 of m (K, 16)
    __device__ static void right(unsigned (&b)[2][2], const Element* m, int ld) {
        int lane = threadIdx.x % 32;
        unsigned words[4];
        load_transposed(words, m + lane % 16 * ld + lane / 16 * 8);
        b[0][0] = words[0];
        b[0][1] = words[1];
        b[1][0] = words[2];
        b[1][1] = words[3];
    }

    __device__ static void multiply(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
        mma_bf16(c, a, b);
    }
};

// a[0], a[2]: columns t and t + 4 of row g; a[1], a[3]: of row g + 8.
// b[0], b[1]: rows t and t + 4 of column g.
struct Tf32 {
    typedef float Element;
    static const int K = 8;
    static const int GAP = 4;

    __device__ static void store(Element* at, float4 v) {
        uint4 words = {to_tf32(v.x), to_tf32(v.y), to_tf32(v.z), to_tf32(v.w)};
        *(uint4*) at = words;
    }

    __device__ static unsigned word(const Element* at) { return (unsigned) __float_as_int(*at); }

    __device__ static void left(unsigned (&a)[4], const Element* m, int ld) {
        int lane = threadIdx.x % 32;
        const Element* at = m + lane / 4 * ld + lane % 4;
        a[0] = word(at);
        a[1] = word(at + 8 * ld);
        a[2] = word(at + 4);
        a[3] = word(at + 8 * ld + 4);
    }

    // A lane has columns 2t and 2t + 1 of c where a wants t and t + 4: the columns are taken in another order, and
    // `right` takes its rows in the same.
    __device__ static void left(unsigned (&a)[4], const float (&c)[K / 8][4]) {
        a[0] = to_tf32(c[0][0]);
        a[1] = to_tf32(c[0][2]);
        a[2] = to_tf32(c[0][1]);
        a[3] = to_tf32(c[0][3]);
    }

    __device__ static void right_transposed(unsigned (&b)[2][2], const Element* m, int ld) {
        int lane = threadIdx.x % 32;
        const Element* at = m + lane / 4 * ld + lane % 4;
        b[0][0] = word(at);
        b[0][1] = word(at + 4);
        b[1][0] = word(at + 8 * ld);
        b[1][1] = word(at + 8 * ld + 4);
    }

    __device__ static void right(unsigned (&b)[2][2], const Element* m, int ld) {
        int lane = threadIdx.x % 32;
        const Element* at = m + lane % 4 * 2 * ld + lane / 4;
        b[0][0] = word(at);
        b[0][1] = word(at + ld);
        b[1][0] = word(at + 8);
        b[1][1] = word(at + ld + 8);
    }

    __device__ static void multiply(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
        mma_tf32(c, a, b);
    }
};

#endif
