/** A prompt read once, for all the replies that begin with it. */
import type { CacheData, Prefill } from "./causal_model.ts";
import { int64, tensor } from "./onnx_session.ts";
import type { PlainGraph } from "./plain_graph.ts";
import { sharedLength } from "./shared_length.ts";

/**
 * Reads a prompt. What it shares with the beginning of an earlier one is not read again. Without
 * an earlier one the arithmetic is always the same, so that the logits depend on the tokens alone.
 */
export async function readPrompt(
  graph: PlainGraph,
  tokens: readonly number[],
  earlier: Prefill | null = null,
): Promise<Prefill> {
  const shared = earlier === null ? 0 : sharedLength(earlier.tokens, tokens);
  const { heads, dim } = graph, width = tokens.length - shared;
  const past = graph.cacheNames.map((_, i) => {
    if (earlier === null || shared === 0) return graph.emptyCache([1, heads, 0, dim]);
    const begin = firstPositions(earlier.cache[i]!, heads, shared * dim);
    return tensor(graph.cacheType, begin, [1, heads, shared, dim]);
  });
  const { logits, cache } = await graph.run({
    tokens: tokens.slice(shared),
    rows: 1,
    width,
    positions: Array.from({ length: width }, (_, i) => shared + i),
    mask: int64(new Uint8Array(tokens.length).fill(1), [1, tokens.length]),
    past,
  });
  return {
    tokens,
    logits: logits[0]!.slice(),
    cache: cache.map(({ data }) => data as CacheData),
  };
}

/** The first `size` numbers of each head. */
function firstPositions<Data extends CacheData>(cache: Data, heads: number, size: number): Data {
  const begin = cache.slice(0, heads * size) as Data, stride = cache.length / heads;
  for (let head = 0; head < heads; head++) {
    begin.set(cache.subarray(head * stride, head * stride + size), head * size);
  }
  return begin;
}
