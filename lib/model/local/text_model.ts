/** A policy in a folder: the engine behind the port. */
import type { Completion, CompletionRequest, TextModel } from "../text_model.ts";
import { Decoder } from "./decoder.ts";
import { Engine, type EngineCounts } from "./engine.ts";
import { readLocalConfig } from "./folder.ts";
import { Job, type JobModel } from "./job.ts";
import { loadTokenizer, type Tokenizer } from "./tokenizer.ts";

/**
 * The most rows that are decoded together. onnxruntime's kernels take 12 rows at a time (AVX-512; 6
 * with AVX2): 12 took less CPU a token than 8, 16, 24, 32 and 64.
 */
const MOST_SLOTS = 12;
/** What the rows' caches may take, each reckoned at up to `RECKONED_LENGTH` tokens. */
const CACHE_BYTES = 2 * 2 ** 30;
const RECKONED_LENGTH = 2048;

/** What a local model goes by and how it is run. */
export interface LocalTextOptions {
  /** As records name it. */
  name: string;
  /** Rows decoded together. Default: 12, fewer where their caches would not fit in 2 GiB. */
  slots?: number;
}

/** A language model that runs in this process. */
export class LocalTextModel implements TextModel {
  readonly name: string;
  /** With one reply a prompt, so many prompts fill the slots; with several, some wait their turn. */
  readonly concurrency: number;
  readonly tokenizer: Tokenizer;
  readonly #decoder: Decoder;
  readonly #engine: Engine;
  readonly #model: JobModel;

  private constructor(name: string, slots: number, decoder: Decoder, model: JobModel) {
    this.name = name;
    this.concurrency = slots;
    this.tokenizer = model.tokenizer;
    this.#decoder = decoder;
    this.#engine = new Engine(decoder, slots);
    this.#model = model;
  }

  /** Loads a folder. Throws `InputError` that names what is missing or unreadable. */
  static async open(dir: string, options: LocalTextOptions): Promise<LocalTextModel> {
    const config = await readLocalConfig(dir);
    const tokenizer = await loadTokenizer(dir);
    const decoder = await Decoder.open(dir);
    const { maxPositions } = config;
    const eosIds = config.eosIds.length > 0
      ? config.eosIds
      : tokenizer.eosId === null
      ? []
      : [tokenizer.eosId];
    const slots = options.slots ?? slotsFor(decoder, maxPositions);
    return new LocalTextModel(options.name, slots, decoder, {
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
    await this.#decoder.close();
  }
}

function slotsFor(decoder: Decoder, maxPositions: number): number {
  const bytesPerToken = decoder.cacheNames.length * decoder.heads * decoder.dim * 4;
  const rowBytes = bytesPerToken * Math.min(maxPositions, RECKONED_LENGTH);
  return Math.max(1, Math.min(MOST_SLOTS, Math.floor(CACHE_BYTES / rowBytes)));
}
