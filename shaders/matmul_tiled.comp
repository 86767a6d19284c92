// C = A x B for GPUs: a workgroup computes TILE_M x TILE_N of C from shared memory, each invocation THREAD_M x
// THREAD_N of it in registers. SLICES groups of invocations split K inside the workgroup (sliced-K): each takes every
// SLICES-th block of TILE_K. So a product with few elements has more invocations to hide memory latency.
//
// Double buffering: while a block is multiplied from shared memory, the next one is loaded into registers. Shared
// rows are padded by one vec4 against bank conflicts. The order of the sum is fixed: along k in each slice, then
// slice by slice.
//
// Defined before this text:
//   extensions  GL_EXT_control_flow_attributes
//   #define     M N K BATCHES TILE_M TILE_N TILE_K THREAD_M THREAD_N (uint literals; the last five
//               multiples of 4), SLICES (a plain number), A_ALONG_K B_ALONG_K (plain 0 or 1),
//               A_SLOTS B_SLOTS (uint literals):
//               A_SLOTS = ceil(TILE_M * TILE_K / 4 / threads), B_SLOTS = ceil(TILE_N * TILE_K / 4 / threads)
//               where threads = TILE_M / THREAD_M * TILE_N / THREAD_N; the local size is SLICES * threads
//   hooks       prepare_a, prepare_b, load_a, load_b, store; their own globals must not take the names below
// Workgroups: ceil(M / TILE_M) * ceil(N / TILE_N) * BATCHES Shared memory: SLICES * (TILE_M + TILE_N + 8) * TILE_K *
// 4 bytes, with several slices at least
//   SLICES * TILE_M * TILE_N * 4

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
const uint step = SLICES * TILE_K;
const uint thread_quads = THREAD_M * column_quads;

// First each slice's block of A, then each slice's block of B. In both, k selects the line, and an element holds four
// rows or columns. At the end, the same memory holds the slices' sums.
const uint a_block = TILE_K * a_pitch;
const uint b_block = TILE_K * b_pitch;
const uint blocks = SLICES * (a_block + b_block);
const uint sums = SLICES > 1u ? SLICES * thread_quads * threads : 0u;
shared vec4 tiles[blocks > sums ? blocks : sums];

// The position of the e-th load of a tile: along rows or columns, and along k.
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

void fetch(uint thread, uint batch, uint first_row, uint first_column, uint first_k, out vec4 a_next[A_SLOTS],
           out vec4 b_next[B_SLOTS]) {
  [[unroll]] for (uint s = 0u; s < A_SLOTS; ++s) {
    uint e = thread + s * threads;
    uint k = first_k + a_depth(e);
    a_next[s] = vec4(0.0);
    if ((a_loads % threads == 0u || e < a_loads) && (K % step == 0u || k < K))
      a_next[s] = load_a(s, batch, clamped_row(first_row, e), k);
  }
  [[unroll]] for (uint s = 0u; s < B_SLOTS; ++s) {
    uint e = thread + s * threads;
    uint k = first_k + b_depth(e);
    b_next[s] = vec4(0.0);
    if ((b_loads % threads == 0u || e < b_loads) && (K % step == 0u || k < K))
      b_next[s] = load_b(s, batch, k, clamped_column(first_column, e));
  }
}

void share(uint thread, uint a_start, uint b_start, vec4 a_next[A_SLOTS], vec4 b_next[B_SLOTS]) {
  [[unroll]] for (uint s = 0u; s < A_SLOTS; ++s) {
    uint e = thread + s * threads;
    if (a_loads % threads == 0u || e < a_loads) {
#if A_ALONG_K
      [[unroll]] for (uint i = 0u; i < 4u; ++i)
        tiles[a_start + (a_depth(e) + i) * a_pitch + a_place(e) / 4u][a_place(e) % 4u] = a_next[s][i];
#else
      tiles[a_start + a_depth(e) * a_pitch + a_place(e) / 4u] = a_next[s];
#endif
    }
  }
  [[unroll]] for (uint s = 0u; s < B_SLOTS; ++s) {
    uint e = thread + s * threads;
    if (b_loads % threads == 0u || e < b_loads) {
#if B_ALONG_K
      [[unroll]] for (uint i = 0u; i < 4u; ++i)
        tiles[b_start + (b_depth(e) + i) * b_pitch + b_place(e) / 4u][b_place(e) % 4u] = b_next[s][i];
#else
      tiles[b_start + b_depth(e) * b_pitch + b_place(e) / 4u] = b_next[s];
#endif
    }
  }
}

// Stores the q-th quad of a thread.
void store_quad(uint batch, uint first_row, uint first_column, uint down, uint across, uint q, vec4 value) {
  uint r = q / column_quads;
  uint j = q % column_quads;
  uint row = first_row + (down + r / 4u * threads_down) * 4u + r % 4u;
  uint column = first_column + (across + j * threads_across) * 4u;
  if ((M % TILE_M == 0u || row < M) && (N % TILE_N == 0u || column < N)) store(batch, row, column, value);
}

void run(uint group) {
  // The condition is uniform in the workgroup, so all invocations or none reach the barriers inside.
  if (groups <= 65535u || group < groups) {
    uint slice = gl_LocalInvocationIndex / threads;
    uint thread = gl_LocalInvocationIndex % threads;
    uint across = thread % threads_across;
    uint down = thread / threads_across;
    uint a_start = slice * a_block;
    uint b_start = SLICES * a_block + slice * b_block;
    uint first_row = group % row_tiles * TILE_M;
    uint first_column = group / row_tiles % column_tiles * TILE_N;
    uint batch = group / (row_tiles * column_tiles);
    [[unroll]] for (uint s = 0u; s < A_SLOTS; ++s)
      prepare_a(s, batch, clamped_row(first_row, thread + s * threads));
    [[unroll]] for (uint s = 0u; s < B_SLOTS; ++s)
      prepare_b(s, batch, clamped_column(first_column, thread + s * threads));

    vec4 sum[thread_quads];
    [[unroll]] for (uint i = 0u; i < thread_quads; ++i) sum[i] = vec4(0.0);
    vec4 a_next[A_SLOTS];
    vec4 b_next[B_SLOTS];
    uint own_k = slice * TILE_K;
    fetch(thread, batch, first_row, first_column, own_k, a_next, b_next);
    [[dont_unroll]] for (uint first_k = 0u; first_k < K; first_k += step) {
      share(thread, a_start, b_start, a_next, b_next);
      barrier();
      if (first_k + step < K)
        fetch(thread, batch, first_row, first_column, first_k + step + own_k, a_next, b_next);
      [[unroll]] for (uint k = 0u; k < TILE_K; ++k) {
        vec4 a[row_quads];
        vec4 b[column_quads];
        // The quads of a thread are strided, so that adjacent threads read adjacent elements.
        [[unroll]] for (uint i = 0u; i < row_quads; ++i) a[i] = tiles[a_start + k * a_pitch + down + i * threads_down];
        [[unroll]] for (uint j = 0u; j < column_quads; ++j)
          b[j] = tiles[b_start + k * b_pitch + across + j * threads_across];
        [[unroll]] for (uint r = 0u; r < THREAD_M; ++r) {
          [[unroll]] for (uint j = 0u; j < column_quads; ++j)
            sum[r * column_quads + j] += a[r / 4u][r % 4u] * b[j];
        }
      }
      barrier();
    }

#if SLICES > 1
    [[unroll]] for (uint q = 0u; q < thread_quads; ++q)
      tiles[(slice * thread_quads + q) * threads + thread] = sum[q];
    barrier();
    // Each slice reduces and stores some of the sums.
    for (uint q = slice; q < thread_quads; q += SLICES) {
      vec4 total = tiles[q * threads + thread];
      [[unroll]] for (uint s = 1u; s < SLICES; ++s) total += tiles[(s * thread_quads + q) * threads + thread];
      store_quad(batch, first_row, first_column, down, across, q, total);
    }
#else
    [[unroll]] for (uint q = 0u; q < thread_quads; ++q)
      store_quad(batch, first_row, first_column, down, across, q, sum[q]);
#endif
  }
}
