/** Whether this processor adds a row's numbers up in one order, whatever stands beside the row. */
import type { CausalModel, Next, Prefill } from "./causal_model.ts";

/**
 * Steps one row alone and among others, whose prompts and replies are longer, and compares every
 * bit of its logits. So it is with onnxruntime on x86-64; a kernel that goes another way shows.
 */
export async function isExact(model: CausalModel): Promise<boolean> {
  const tokens = (length: number) => Array.from({ length }, (_, i) => (i * 7 + length) % 64);
  const short = await model.read(tokens(20)), long = await model.read(tokens(70));
  const alone = await lastLogits(model, [[short, 3]]);
  const among = await lastLogits(model, [[long, 5], [short, 3], [long, 2], [short, 4]]);
  const beside = await lastLogits(model, [[short, 3], [short, 3], [short, 3], [short, 1]]);
  return [among[1]!, beside[0]!, beside[2]!].every((other) =>
    other.every((logit, id) => Object.is(logit, alone[0]![id]))
  );
}

/** The logits of the last of some steps; each row has its prompt and the length of its reply. */
async function lastLogits(
  model: CausalModel,
  rows: readonly (readonly [prompt: Prefill, length: number])[],
): Promise<Float32Array[]> {
  const batch = model.batch<{ tokens: number[]; temperature: number }>();
  const steps = Math.max(...rows.map(([, length]) => length));
  const sequences = rows.map(([prompt]) => ({ tokens: [...prompt.tokens, 1], temperature: 0 }));
  const last: Float32Array[] = [];
  for (let step = 0; step < steps; step++) {
    for (const prompt of new Set(rows.map(([prompt]) => prompt))) {
      const begun = sequences.filter((_, row) =>
        rows[row]![0] === prompt && rows[row]![1] === steps - step
      );
      if (begun.length > 0) batch.join(prompt, begun);
    }
    const next = await batch.step();
    batch.rows.forEach((sequence, at) => {
      last[sequences.indexOf(sequence)] = logitsOf(next[at]!);
      sequence.tokens.push(sequence.tokens.length % 64);
    });
  }
  return last;
}

/** The logits of a row without a temperature. */
export function logitsOf(next: Next): Float32Array {
  if ("logits" in next) return next.logits;
  throw new Error("weights came instead of logits");
}
