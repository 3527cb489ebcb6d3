/** A policy in a folder: the engine behind the port. */
import type { TextModel } from "../text_model.ts";
import { Engine, type EngineCounts } from "./engine.ts";
import { readLocalConfig } from "./folder.ts";
import { Job } from "./job.ts";
import type { SessionOptions } from "./onnx_session.ts";
import { openCausalModel } from "./open_causal_model.ts";
import { loadTokenizer, type Tokenizer } from "./tokenizer.ts";

/**
 * The most rows that are decoded together: with the embedded policy 64 took 8% less processor time
 * a token than 32 and 40% less than 12, with 135 M parameters a fifth and half.
 */
const MOST_SLOTS = 64;
/** What the rows' caches may take; fewer rows go together where they would not fit. */
const CACHE_BYTES = 2 * 2 ** 30;

/** A language model that runs in this process. */
export interface LocalTextModel extends TextModel {
  readonly folder: string;
  readonly tokenizer: Tokenizer;
  /** How the work went, for benchmarks. */
  readonly counts: EngineCounts;
}

/**
 * Loads a folder; `slots` are the most rows that are decoded together. With one reply a prompt, so
 * many prompts fill them; with several, some wait their turn. Throws `InputError` that names what is
 * missing or unreadable.
 */
export async function openTextModel(
  dir: string,
  { name, slots = MOST_SLOTS, ...session }: { name: string; slots?: number } & SessionOptions,
): Promise<LocalTextModel> {
  const { maxPositions, eosIds } = await readLocalConfig(dir);
  const tokenizer = await loadTokenizer(dir);
  const causal = await openCausalModel(dir, session);
  const engine = new Engine(causal, {
    slots,
    tokens: Math.floor(CACHE_BYTES / causal.bytesPerToken),
  });
  if (eosIds.length === 0 && tokenizer.eosId !== null) eosIds.push(tokenizer.eosId);
  const about = { tokenizer, maxPositions, eosIds: new Set(eosIds) };
  return {
    name,
    folder: dir,
    concurrency: slots,
    tokenizer,
    counts: engine.counts,
    // Async, so that a prompt that does not fit rejects rather than throws.
    // deno-lint-ignore require-await
    complete: async (request) => engine.sample(new Job(request, about)),
    /** Fails what is unfinished and frees the model's memory. */
    async close() {
      await engine.close();
      await causal.close();
    },
  };
}
