// C = A x B for GPUs: a workgroup computes TILE_M x TILE_N of C out of shared memory, each invocation
// THREAD_M x THREAD_N of them in registers.
//
// While a block of TILE_K is multiplied out of shared memory, the next one is on its way into registers.
// Shared rows have one vec4 of padding against bank conflicts. The order of the sum is k = 0, 1, 2, ...
//
// Wanted before this text:
//   extensions  GL_EXT_control_flow_attributes
//   #define     M N K BATCHES TILE_M TILE_N TILE_K THREAD_M THREAD_N (uint literals; the last five
//               multiples of 4), A_ALONG_K B_ALONG_K (plain 0 or 1), A_SLOTS B_SLOTS (uint literals):
//               A_SLOTS = ceil(TILE_M * TILE_K / 4 / threads), B_SLOTS = ceil(TILE_N * TILE_K / 4 / threads)
//               where threads = TILE_M / THREAD_M * TILE_N / THREAD_N, the local size
//   hooks       prepare_a, prepare_b, load_a, load_b, store; their own globals must not take the names below
// Workgroups: ceil(M / TILE_M) * ceil(N / TILE_N) * BATCHES
// Shared memory: (TILE_M + TILE_N + 8) * TILE_K * 4 bytes

const uint threads_across = TILE_N / THREAD_N;
const uint threads_down = TILE_M / THREAD_M;
const uint threads = threads_across * threads_down;

const uint row_tiles = (M + TILE_M - 1u) / TILE_M;
const uint column_tiles = (N + TILE_N - 1u) / TILE_N;
const uint groups = row_tiles * column_tiles * BATCHES;
const uint row_quads = THREAD_M / 4u;
const uint column_quads = THREAD_N / 4u;
const uint k_quads = TILE_K / 4u;
const uint a_loads = TILE_M * k_quads;
const uint b_loads = TILE_N * k_quads;
const uint a_pitch = TILE_M / 4u + 1u;
const uint b_pitch = TILE_N / 4u + 1u;
const uint last_row_quad = (M - 1u) / 4u * 4u;
const uint last_column_quad = (N - 1u) / 4u * 4u;

// Both with k down and four rows, or columns, in an element.
shared vec4 a_tile[TILE_K * a_pitch];
shared vec4 b_tile[TILE_K * b_pitch];

// What the e-th load of a tile is: its place along rows or columns, and along k.
#if A_ALONG_K
uint a_place(uint e) { return e / k_quads; }
uint a_depth(uint e) { return e % k_quads * 4u; }
#else
uint a_place(uint e) { return e % (TILE_M / 4u) * 4u; }
uint a_depth(uint e) { return e / (TILE_M / 4u); }
#endif
#if B_ALONG_K
uint b_place(uint e) { return e / k_quads; }
uint b_depth(uint e) { return e % k_quads * 4u; }
#else
uint b_place(uint e) { return e % (TILE_N / 4u) * 4u; }
uint b_depth(uint e) { return e / (TILE_N / 4u); }
#endif

uint clamped_row(uint first_row, uint e) {
  return min(first_row + a_place(e), A_ALONG_K == 1 ? last_row_quad + 3u : last_row_quad);
}

uint clamped_column(uint first_column, uint e) {
  return min(first_column + b_place(e), B_ALONG_K == 1 ? last_column_quad + 3u : last_column_quad);
}

void fetch(uint batch, uint first_row, uint first_column, uint first_k, out vec4 a_next[A_SLOTS],
           out vec4 b_next[B_SLOTS]) {
  [[unroll]] for (uint s = 0u; s < A_SLOTS; ++s) {
    uint e = gl_LocalInvocationIndex + s * threads;
    uint k = first_k + a_depth(e);
    a_next[s] = vec4(0.0);
    if ((a_loads % threads == 0u || e < a_loads) && (K % TILE_K == 0u || k < K))
      a_next[s] = load_a(s, batch, clamped_row(first_row, e), k);
  }
  [[unroll]] for (uint s = 0u; s < B_SLOTS; ++s) {
    uint e = gl_LocalInvocationIndex + s * threads;
    uint k = first_k + b_depth(e);
    b_next[s] = vec4(0.0);
    if ((b_loads % threads == 0u || e < b_loads) && (K % TILE_K == 0u || k < K))
      b_next[s] = load_b(s, batch, k, clamped_column(first_column, e));
  }
}

void share(vec4 a_next[A_SLOTS], vec4 b_next[B_SLOTS]) {
  [[unroll]] for (uint s = 0u; s < A_SLOTS; ++s) {
    uint e = gl_LocalInvocationIndex + s * threads;
    if (a_loads % threads == 0u || e < a_loads) {
#if A_ALONG_K
      [[unroll]] for (uint i = 0u; i < 4u; ++i)
        a_tile[(a_depth(e) + i) * a_pitch + a_place(e) / 4u][a_place(e) % 4u] = a_next[s][i];
#else
      a_tile[a_depth(e) * a_pitch + a_place(e) / 4u] = a_next[s];
#endif
    }
  }
  [[unroll]] for (uint s = 0u; s < B_SLOTS; ++s) {
    uint e = gl_LocalInvocationIndex + s * threads;
    if (b_loads % threads == 0u || e < b_loads) {
#if B_ALONG_K
      [[unroll]] for (uint i = 0u; i < 4u; ++i)
        b_tile[(b_depth(e) + i) * b_pitch + b_place(e) / 4u][b_place(e) % 4u] = b_next[s][i];
#else
      b_tile[b_depth(e) * b_pitch + b_place(e) / 4u] = b_next[s];
#endif
    }
  }
}

void run(uint group) {
  // The same for the whole workgroup, so the barriers inside are reached by all or none.
  if (groups <= 65535u || group < groups) {
    uint across = gl_LocalInvocationIndex % threads_across;
    uint down = gl_LocalInvocationIndex / threads_across;
    uint first_row = group % row_tiles * TILE_M;
    uint first_column = group / row_tiles % column_tiles * TILE_N;
    uint batch = group / (row_tiles * column_tiles);
    [[unroll]] for (uint s = 0u; s < A_SLOTS; ++s)
      prepare_a(s, batch, clamped_row(first_row, gl_LocalInvocationIndex + s * threads));
    [[unroll]] for (uint s = 0u; s < B_SLOTS; ++s)
      prepare_b(s, batch, clamped_column(first_column, gl_LocalInvocationIndex + s * threads));

    vec4 sum[THREAD_M * column_quads];
    [[unroll]] for (uint i = 0u; i < THREAD_M * column_quads; ++i) sum[i] = vec4(0.0);
    vec4 a_next[A_SLOTS];
    vec4 b_next[B_SLOTS];
    fetch(batch, first_row, first_column, 0u, a_next, b_next);
    [[dont_unroll]] for (uint first_k = 0u; first_k < K; first_k += TILE_K) {
      share(a_next, b_next);
      barrier();
      if (first_k + TILE_K < K) fetch(batch, first_row, first_column, first_k + TILE_K, a_next, b_next);
      [[unroll]] for (uint k = 0u; k < TILE_K; ++k) {
        vec4 a[row_quads];
        vec4 b[column_quads];
        // A thread's quads lie apart, so that its neighbours read neighbouring elements.
        [[unroll]] for (uint i = 0u; i < row_quads; ++i) a[i] = a_tile[k * a_pitch + down + i * threads_down];
        [[unroll]] for (uint j = 0u; j < column_quads; ++j)
          b[j] = b_tile[k * b_pitch + across + j * threads_across];
        [[unroll]] for (uint r = 0u; r < THREAD_M; ++r) {
          [[unroll]] for (uint j = 0u; j < column_quads; ++j)
            sum[r * column_quads + j] += a[r / 4u][r % 4u] * b[j];
        }
      }
      barrier();
    }

    [[unroll]] for (uint r = 0u; r < THREAD_M; ++r) {
      uint row = first_row + (down + r / 4u * threads_down) * 4u + r % 4u;
      if (M % TILE_M == 0u || row < M) {
        [[unroll]] for (uint j = 0u; j < column_quads; ++j) {
          uint column = first_column + (across + j * threads_across) * 4u;
          if (N % TILE_N == 0u || column < N) store(batch, row, column, sum[r * column_quads + j]);
        }
      }
    }
  }
}
