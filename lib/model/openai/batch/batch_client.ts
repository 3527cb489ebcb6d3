/** The few calls of the Batch API, each asked again while it may pass. */
import { toFile } from "openai";
import type OpenAI from "openai";
import { ModelError } from "../../../core/errors.ts";
import { withRetries } from "../../../run/retry.ts";
import type { OpenaiApi } from "../openai_api.ts";
import { openaiError } from "../openai_error.ts";
import { BATCH_ENDPOINT } from "./batch_lines.ts";

/** A batch as the provider tells of it. */
export type RemoteBatch = OpenAI.Batches.Batch;

/** How the calls are made. */
export interface BatchClientOptions {
  client: OpenAI;
  api: OpenaiApi;
  model: string;
  now: () => number;
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  signal: AbortSignal;
}

/** Where our name for a job stands in a batch's metadata. */
const NAME = "thinkset_job";

/** Uploads, creates, finds, reads. Throws `ModelError`. */
export class BatchClient {
  readonly #options: BatchClientOptions;

  constructor(options: BatchClientOptions) {
    this.#options = options;
  }

  /** Uploads a job's lines; returns the file's id. */
  async upload(name: string, lines: string[]): Promise<string> {
    const { client } = this.#options;
    const file = await this.#call(async () =>
      client.files.create({
        file: await toFile(new Blob(lines), `${name}.jsonl`, { type: "application/jsonl" }),
        purpose: "batch",
      })
    );
    return file.id;
  }

  async create(name: string, file: string): Promise<RemoteBatch> {
    const { client, api } = this.#options;
    return await this.#call(() =>
      client.batches.create({
        input_file_id: file,
        endpoint: BATCH_ENDPOINT[api],
        completion_window: "24h",
        metadata: { [NAME]: name },
      })
    );
  }

  /** A batch that was made under our name; a crash may have come before its id was on disk. */
  async find(name: string): Promise<RemoteBatch | undefined> {
    return await this.#call(async () => {
      let seen = 0;
      for await (const batch of this.#options.client.batches.list({ limit: 100 })) {
        if (batch.metadata?.[NAME] === name) return batch;
        if (++seen >= 1_000) return undefined;
      }
      return undefined;
    });
  }

  async get(batch: string): Promise<RemoteBatch> {
    return await this.#call(() => this.#options.client.batches.retrieve(batch));
  }

  /** The lines of a file, as they come in. */
  async *lines(file: string): AsyncGenerator<string> {
    const response = await this.#call(() => this.#options.client.files.content(file));
    const body = response.body;
    if (!body) throw new ModelError("retry", `openai: file ${file}: nothing in it`);
    let rest = "";
    for await (const text of body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      yield* lines;
    }
    if (rest !== "") yield rest;
  }

  async #call<T>(send: () => Promise<T>): Promise<T> {
    const { client, model, now, sleep, signal } = this.#options;
    return await withRetries(async () => {
      try {
        return await send();
      } catch (error) {
        throw openaiError(error, { model, now: now(), key: client.apiKey ?? undefined });
      }
    }, { attempts: 10, sleep, signal });
  }
}
