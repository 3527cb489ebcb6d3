/** A policy in a folder: the engine behind the port. */
import type { Completion, CompletionRequest, TextModel } from "../text_model.ts";
import type { CausalModel } from "./causal_model.ts";
import { Engine, type EngineCounts } from "./engine.ts";
import { readLocalConfig } from "./folder.ts";
import { Job, type JobModel } from "./job.ts";
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

/** What a local model goes by and how it is run. */
export interface LocalTextOptions extends SessionOptions {
  /** As records name it. */
  name: string;
  /** The most rows that are decoded together. Default: 64. */
  slots?: number;
}

/** A language model that runs in this process. */
export class LocalTextModel implements TextModel {
  readonly name: string;
  readonly folder: string;
  /** With one reply a prompt, so many prompts fill the slots; with several, some wait their turn. */
  readonly concurrency: number;
  readonly tokenizer: Tokenizer;
  readonly #causal: CausalModel;
  readonly #engine: Engine;
  readonly #model: JobModel;

  private constructor(
    { name, folder }: { name: string; folder: string },
    slots: number,
    causal: CausalModel,
    model: JobModel,
  ) {
    this.name = name;
    this.folder = folder;
    this.concurrency = slots;
    this.tokenizer = model.tokenizer;
    this.#causal = causal;
    const tokens = Math.floor(CACHE_BYTES / causal.bytesPerToken);
    this.#engine = new Engine(causal, { slots, tokens });
    this.#model = model;
  }

  /** Loads a folder. Throws `InputError` that names what is missing or unreadable. */
  static async open(dir: string, options: LocalTextOptions): Promise<LocalTextModel> {
    const config = await readLocalConfig(dir);
    const tokenizer = await loadTokenizer(dir);
    const causal = await openCausalModel(dir, options);
    const { maxPositions } = config;
    const eosIds = config.eosIds.length > 0
      ? config.eosIds
      : tokenizer.eosId === null
      ? []
      : [tokenizer.eosId];
    const named = { name: options.name, folder: dir };
    return new LocalTextModel(named, options.slots ?? MOST_SLOTS, causal, {
      tokenizer,
      maxPositions,
      eosIds: new Set(eosIds),
    });
  }

  /** How the work went, for benchmarks. */
  get counts(): EngineCounts {
    return this.#engine.counts;
  }

  // Async, so that a prompt that does not fit rejects rather than throws.
  // deno-lint-ignore require-await
  async complete(request: CompletionRequest): Promise<Completion[]> {
    return this.#engine.sample(new Job(request, this.#model));
  }

  /** Fails what is unfinished and frees the model's memory. */
  async close(): Promise<void> {
    await this.#engine.close();
    await this.#causal.close();
  }
}
