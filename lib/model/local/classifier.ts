/** A sequence classifier's graph with one output: tokens in, one logit out. */
import { InputError } from "../../core/errors.ts";
import type { LocalRun } from "../providers/local_options.ts";
import { modelFile } from "./folder.ts";
import { floats, type InferenceSession, int64, openGraph, type Tensor } from "./onnx_session.ts";

/** A loaded reward model. */
export interface Classifier {
  /**
   * The text's logit. Texts are read one at a time, so that a score depends on nothing beside it:
   * on a CPU, batches sorted by length were 12% faster for texts of 40 tokens, and slower for long
   * ones (by half for 32 of 550).
   */
  run(tokens: readonly number[]): Promise<number>;
  /** Frees the model's memory, when what is being read is done. */
  close(): Promise<void>;
}

/** Loads the folder's graph. Throws `InputError` where it is no reward model of a known form. */
export async function openClassifier(dir: string, run: LocalRun = {}): Promise<Classifier> {
  const file = await modelFile(dir, run.dtype);
  return await openGraph(file, run, (session) => classifierOf(session, dir));
}

function classifierOf(session: InferenceSession, where: string): Classifier {
  if (session.inputNames.some((name) => /^past_key_values\.|^num_logits_to_keep$/.test(name))) {
    throw new InputError(`${where}: a language model, not a reward model with one logit a text`);
  }
  const known = ["input_ids", "attention_mask", "position_ids", "token_type_ids"];
  const unknown = session.inputNames.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new InputError(`${where}: has an unknown input: ${unknown}`);
  const logits = session.outputMetadata.find((output) => output.name === "logits");
  if (!logits?.isTensor) throw new InputError(`${where}: has no output logits`);
  const labels = logits.shape.at(-1);
  if (typeof labels === "number" && labels !== 1) {
    throw new InputError(`${where}: gives ${labels} logits a text; a reward model gives one`);
  }
  const inFlight = new Set<Promise<unknown>>();
  return {
    async run(tokens) {
      const shape = [1, tokens.length], zeros = new Uint8Array(tokens.length);
      const all: Record<string, Tensor> = {
        input_ids: int64(tokens, shape),
        attention_mask: int64(zeros.map(() => 1), shape),
        position_ids: int64(tokens.map((_, i) => i), shape),
        token_type_ids: int64(zeros, shape),
      };
      const feeds = Object.fromEntries(session.inputNames.map((name) => [name, all[name]!]));
      const run = session.run(feeds, ["logits"]);
      inFlight.add(run);
      const { logits } = await run.finally(() => inFlight.delete(run));
      const [logit, ...more] = floats(logits!);
      if (more.length > 0) throw new Error(`it gives ${more.length + 1} logits, not one`);
      return logit!;
    },
    async close() {
      await Promise.allSettled(inFlight);
      await session.release();
    },
  };
}
