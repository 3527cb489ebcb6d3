/** Batches against a provider that lies and fails as fast-check likes, by a clock that is made up. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { ModelError, RunError } from "../../../lib/core/errors.ts";
import { batchChat } from "../../../lib/model/batch/batch_chat.ts";
import type { BatchApi, BatchResult, RemoteBatch } from "../../../lib/model/batch/batch_api.ts";
import type { ChatRequest } from "../../../lib/model/chat_model.ts";

const request = (id: string): ChatRequest => ({
  id,
  messages: [{ role: "user", content: id }],
  thinking: "none",
  maxTokens: 10,
  temperature: 1,
  topP: 1,
  seed: 1,
  attempt: 0,
});

/** What happens to calls and to batches: each draws the next of the script; then all goes well. */
interface Script {
  faults: number[];
  fates: ("completed" | "expired" | "holes" | "tooMuch")[];
  lagMs: number;
  polls: number;
}

/** No fault for any kind of call. */
const WELL = 23;

/** Answers of many kinds are lost; every third or so goes wrong. */
class Provider implements BatchApi {
  readonly provider = "openai";
  readonly batches = new Map<string, Made>();
  /** Replies that were made, and so are billed, by prompt. */
  readonly paid = new Map<string, number>();
  readonly #files = new Map<string, Line[]>();
  calls = 0;
  /** Called before each call: a crash may come there. */
  onCall: () => void = () => {};

  constructor(readonly script: Script, readonly now: () => number) {}

  line(customId: string, { id }: ChatRequest): string {
    return JSON.stringify({ customId, id });
  }

  upload(_name: string, lines: string[]): Promise<string> {
    if (this.#draw() % 4 === 0) return lost();
    const file = `file-${this.#files.size}`;
    this.#files.set(file, lines.map((line) => JSON.parse(line)));
    return Promise.resolve(file);
  }

  create(name: string, file: string): Promise<RemoteBatch | { refused: ModelError }> {
    const fault = this.#draw() % 6;
    if (fault === 0) return lost();
    if (fault === 1) return Promise.resolve({ refused: failure() });
    const lines = this.#files.get(file)!;
    assert.ok(lines.length > 0, "an empty batch");
    const fate = this.script.fates[this.batches.size] ?? "completed";
    const batch = { id: `batch-${this.batches.size}`, name, lines, fate, at: this.now(), polls: 0 };
    this.batches.set(batch.id, batch);
    return fault === 2 || fault === 3 ? lost() : Promise.resolve(remote(batch, "running"));
  }

  find(name: string): Promise<RemoteBatch | undefined> {
    if (this.#draw() % 4 === 0) return lost();
    const shown = [...this.batches.values()].find((batch) =>
      batch.name === name && this.now() - batch.at >= this.script.lagMs
    );
    return Promise.resolve(shown && remote(shown, "running"));
  }

  get(id: string): Promise<RemoteBatch> {
    if (this.#draw() % 4 === 0) return lost();
    const batch = this.batches.get(id)!;
    if (batch.polls++ < this.script.polls) return Promise.resolve(remote(batch, "running"));
    if (batch.results === undefined) this.#run(batch);
    if (batch.fate !== "tooMuch") {
      return Promise.resolve(remote(batch, batch.fate === "expired" ? "expired" : "completed"));
    }
    const failed = remote(batch, "failed");
    return Promise.resolve({ ...failed, failure: { message: "too much", tooMuch: true } });
  }

  async *results({ id }: RemoteBatch): AsyncGenerator<BatchResult> {
    const breaksAt = this.#draw() % 8;
    let nth = 0;
    for (const result of this.batches.get(id)!.results!) {
      if (nth++ === breaksAt) await lost();
      yield result;
    }
  }

  /** A batch runs and is billed whether anybody knows of it or not. */
  runAll(): void {
    for (const batch of this.batches.values()) if (!batch.results) this.#run(batch);
  }

  #run(batch: Made): void {
    batch.results = [];
    batch.lines.forEach(({ customId, id }, at) => {
      const missed = batch.fate === "tooMuch" || batch.fate === "holes" && at % 3 === 0;
      if (missed) return;
      if (batch.fate === "expired" && at % 2 === 0) {
        return void batch.results!.push({ customId, error: failure() });
      }
      this.paid.set(id, (this.paid.get(id) ?? 0) + 1);
      const usage = { prompt_tokens: 1, completion_tokens: 1, reasoning_tokens: 0 };
      const text = `to ${id}`;
      const reply = { text, reasoning: null, finishReason: "stop" as const, finishReasonRaw: "" };
      batch.results!.push({ customId, reply: { ...reply, usage } });
    });
  }

  #draw(): number {
    this.onCall();
    assert.ok(++this.calls < 5_000, "calls without an end");
    return this.script.faults[this.calls] ?? WELL;
  }
}

interface Line {
  customId: string;
  id: string;
}
interface Made {
  id: string;
  name: string;
  lines: Line[];
  fate: Script["fates"][number];
  at: number;
  polls: number;
  results?: BatchResult[];
}

const remote = ({ id }: Made, state: RemoteBatch["state"]): RemoteBatch => ({
  id,
  state,
  status: state,
  files: [],
});
const failure = () => new ModelError("retry", "no answer");
const lost = () => Promise.reject(failure());

/** One process of a run: each prompt is asked until it has a reply, or the run ends. */
async function run(
  provider: Provider,
  folder: string,
  clock: { now: number },
  ids: string[],
  crashAfter: number,
): Promise<string[]> {
  const stop = new AbortController();
  let left = crashAfter;
  provider.onCall = () => {
    if (left-- === 0) stop.abort(new DOMException("crash", "AbortError"));
    stop.signal.throwIfAborted();
  };
  const model = batchChat(provider, {
    model: "m",
    apiKey: undefined,
    folder,
    signal: stop.signal,
    maxLines: 4,
    monotonic: () => clock.now,
    now: () => clock.now,
    sleep: async (ms, signal) => {
      // Other requests come in the meantime.
      await new Promise((resolve) => setTimeout(resolve));
      signal?.throwIfAborted();
      clock.now += ms;
    },
  });
  const kept: string[] = [];
  await Promise.all(ids.map(async (id) => {
    for (let attempt = 0; attempt < 60; attempt++) {
      try {
        assert.equal((await model.reply(request(id))).text, `to ${id}`);
        return kept.push(id);
      } catch (error) {
        if (error instanceof ModelError) continue;
        const ends = error instanceof RunError || (error as Error).name === "AbortError";
        return assert.ok(ends, `${error}`);
      }
    }
  }));
  await model.close();
  return kept;
}

Deno.test("whatever a provider loses and whenever a run crashes, no reply is paid twice, none lost, no batch empty (17, 18, 35)", async () => {
  const fates = fc.constantFrom("completed", "completed", "expired", "holes", "tooMuch");
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        faults: fc.array(fc.nat(23), { maxLength: 100 }),
        fates: fc.array(fates as fc.Arbitrary<Script["fates"][number]>, {
          minLength: 1,
          maxLength: 6,
        }),
        lagMs: fc.nat(200_000),
        polls: fc.nat(3),
      }),
      fc.integer({ min: 1, max: 11 }),
      fc.array(fc.record({ crashAfter: fc.nat(8), leavesOut: fc.nat(3) }), { maxLength: 5 }),
      async (script, prompts, crashes) => {
        const clock = { now: 1_000_000 };
        const provider = new Provider(script, () => clock.now);
        const folder = await Deno.makeTempDir();
        try {
          let ids = Array.from({ length: prompts }, (_, i) => `p${i}`);
          const replied = new Set<string>();
          for (const { crashAfter, leavesOut } of crashes) {
            const asked = ids.slice(leavesOut);
            for (const id of await run(provider, folder, clock, asked, crashAfter)) replied.add(id);
            ids = ids.filter((id) => !replied.has(id));
          }
          for (let again = 0; again < 20 && ids.length > 0; again++) {
            for (const id of await run(provider, folder, clock, ids, Infinity)) replied.add(id);
            ids = ids.filter((id) => !replied.has(id));
          }
          assert.deepEqual(ids, [], "prompts without a reply");
          provider.runAll();
          for (const [id, times] of provider.paid) {
            assert.equal(times, 1, `${id} was paid ${times}`);
          }
        } finally {
          await Deno.remove(folder, { recursive: true });
        }
      },
    ),
    { numRuns: 80 },
  );
});
