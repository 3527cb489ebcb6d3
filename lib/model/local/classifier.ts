/** A sequence classifier's graph with one output: tokens in, one logit out. */
import { InputError } from "../../core/errors.ts";
import type { LocalRun } from "../providers/local_options.ts";
import { modelFile } from "./folder.ts";
import { floats, type InferenceSession, int64, openGraph, type Tensor } from "./onnx_session.ts";

/** A loaded reward model. */
export class Classifier {
  readonly #session: InferenceSession;
  readonly #inputs: ReadonlySet<string>;
  readonly #inFlight = new Set<Promise<unknown>>();

  private constructor(session: InferenceSession, where: string) {
    this.#session = session;
    this.#inputs = new Set(session.inputNames);
    const known = ["input_ids", "attention_mask", "position_ids", "token_type_ids"];
    const unknown = session.inputNames.find((name) => !known.includes(name));
    if (unknown !== undefined) throw new InputError(`${where}: has an unknown input: ${unknown}`);
    const logits = session.outputMetadata.find((output) => output.name === "logits");
    if (!logits?.isTensor) throw new InputError(`${where}: has no output logits`);
    const labels = logits.shape.at(-1);
    if (typeof labels === "number" && labels !== 1) {
      throw new InputError(`${where}: gives ${labels} logits a text; a reward model gives one`);
    }
  }

  /** Loads the folder's graph. Throws `InputError` where it is no reward model of a known form. */
  static async open(dir: string, run: LocalRun = {}): Promise<Classifier> {
    return await openGraph(
      await modelFile(dir, run.dtype),
      run,
      (session) => new Classifier(session, dir),
    );
  }

  /**
   * The text's logit. Texts are read one at a time, so that a score depends on nothing beside it:
   * on a CPU, batches sorted by length were 12% faster for texts of 40 tokens, and slower for long
   * ones (by half for 32 of 550).
   */
  async run(tokens: readonly number[]): Promise<number> {
    const shape = [1, tokens.length], zeros = new Uint8Array(tokens.length);
    const all: Record<string, Tensor> = {
      input_ids: int64(tokens, shape),
      attention_mask: int64(zeros.map(() => 1), shape),
      position_ids: int64(tokens.map((_, i) => i), shape),
      token_type_ids: int64(zeros, shape),
    };
    const feeds = Object.fromEntries(
      Object.entries(all).filter(([name]) => this.#inputs.has(name)),
    );
    const run = this.#session.run(feeds, ["logits"]);
    this.#inFlight.add(run);
    const { logits } = await run.finally(() => this.#inFlight.delete(run));
    const [logit, ...more] = floats(logits!);
    if (more.length > 0) throw new Error(`it gives ${more.length + 1} logits, not one`);
    return logit!;
  }

  /** Frees the model's memory, when what is being read is done. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#inFlight);
    await this.#session.release();
  }
}
