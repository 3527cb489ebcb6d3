/** A graph of transformers.js's form: what it takes and gives, discovered from its session. */
import { InputError } from "../../core/errors.ts";
import { modelFile } from "./folder.ts";
import {
  floats,
  type InferenceSession,
  int64,
  openGraph,
  type SessionOptions,
  type Tensor,
  tensor,
} from "./onnx_session.ts";

/** Tokens to be read by the model, `width` a row, after `pastLength` cached positions. */
export interface PlainInput {
  tokens: ArrayLike<number>;
  rows: number;
  width: number;
  positions: ArrayLike<number>;
  /** 1 for what a row may look at: rows × (pastLength + width). */
  mask: Tensor;
  /** Keys and values by `cacheNames`, [rows, heads, pastLength, dim]. */
  past: Tensor[];
}

/** What a run gave. */
export interface PlainOutput {
  /** The logits after each row's last token. */
  logits: Float32Array[];
  /** By `cacheNames`: keys and values of all that was read, [rows, heads, length, dim]. */
  cache: Tensor[];
}

/** A loaded graph of transformers.js's form: any model that was exported for it. */
export class PlainGraph {
  /** `0.key`, `0.value`, `1.key`, … */
  readonly cacheNames: readonly string[];
  readonly heads: number;
  readonly dim: number;
  readonly cacheType: Tensor.Type;
  readonly #session: InferenceSession;
  readonly #inputs: ReadonlySet<string>;
  readonly #fetches: string[];

  private constructor(session: InferenceSession, where: string) {
    this.#session = session;
    this.#inputs = new Set(session.inputNames);
    this.cacheNames = session.inputNames.filter((name) => name.startsWith("past_key_values."))
      .map((name) => name.slice("past_key_values.".length));
    const known = ["input_ids", "attention_mask", "position_ids", "num_logits_to_keep"];
    const unknown = session.inputNames.find((name) =>
      !known.includes(name) && !name.startsWith("past_key_values.")
    );
    if (unknown !== undefined) throw new InputError(`${where}: has an unknown input: ${unknown}`);
    const first = session.inputMetadata.find((input) => input.name.startsWith("past_key_values."));
    const shape = first?.isTensor ? first.shape : [];
    if (!first?.isTensor || typeof shape[1] !== "number" || typeof shape[3] !== "number") {
      throw new InputError(
        `${where}: not a language model with a key-value cache in a known form ` +
          `(past_key_values.N.key)`,
      );
    }
    [this.heads, this.dim, this.cacheType] = [shape[1], shape[3], first.type];
    const outputs = new Set(session.outputNames);
    this.#fetches = [
      "logits",
      ...this.cacheNames.map((name) => `present.${name}`),
    ];
    const missing = this.#fetches.find((name) => !outputs.has(name));
    if (missing !== undefined) throw new InputError(`${where}: has no output ${missing}`);
  }

  /** Loads the folder's graph. Throws `InputError` where it is no language model of a known form. */
  static async open(dir: string, options: SessionOptions = {}): Promise<PlainGraph> {
    return await openGraph(
      await modelFile(dir, options.dtype),
      options,
      (session) => new PlainGraph(session, dir),
    );
  }

  async run(input: PlainInput): Promise<PlainOutput> {
    const { rows, width } = input;
    const feeds: Record<string, Tensor> = {
      input_ids: int64(input.tokens, [rows, width]),
      attention_mask: input.mask,
    };
    if (this.#inputs.has("position_ids")) {
      feeds.position_ids = int64(input.positions, [rows, width]);
    }
    if (this.#inputs.has("num_logits_to_keep")) feeds.num_logits_to_keep = int64([1], []);
    this.cacheNames.forEach((name, i) => feeds[`past_key_values.${name}`] = input.past[i]!);
    const outputs = await this.#session.run(feeds, this.#fetches);
    const all = outputs.logits!, kept = all.dims[1]!, vocabulary = all.dims[2]!;
    const data = floats(all);
    return {
      logits: Array.from({ length: rows }, (_, row) => {
        const end = (row + 1) * kept * vocabulary;
        return data.subarray(end - vocabulary, end);
      }),
      cache: this.#fetches.slice(1).map((name) => outputs[name]!),
    };
  }

  get bytesPerToken(): number {
    return this.cacheNames.length * this.heads * this.dim * Float32Array.BYTES_PER_ELEMENT;
  }

  /** Zeros in the cache's type. */
  emptyCache(dims: readonly number[]): Tensor {
    const length = dims.reduce((product, dim) => product * dim, 1);
    const data = this.cacheType === "float16" ? new Float16Array(length) : new Float32Array(length);
    return tensor(this.cacheType, data, dims);
  }

  /** Frees the model's memory. */
  async close(): Promise<void> {
    await this.#session.release();
  }
}
