import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { LimitReached, RunError } from "../../lib/core/errors.ts";
import { Manifest } from "../../lib/core/manifest.ts";
import { PolicyRecord, ScoredRecord, TeacherRecord } from "../../lib/core/records.ts";
import { policyBound, rewardBound, teacherBound } from "../../lib/model/call/request_bound.ts";
import { samplePolicy } from "../../lib/policy/stage.ts";
import { scoreResponses } from "../../lib/reward/stage.ts";
import { sampleTeacher } from "../../lib/teacher/stage.ts";
import { quickTime } from "../quick_time.ts";
import { type Fault, FAULTS, MisbehavingServer, type Misbehaviour } from "./misbehaving_server.ts";

const PROMPTS = 12;
const URL = "http://server.example";
/** Faulty replies that a teacher is asked for again. */
const FAULTY = 3;
const ANSWERS = 3;

const env = (name: string) => name.endsWith("_API_KEY") ? "key-that-is-secret" : undefined;

/** A kind of model behind a misbehaving server: how it is run, and what it may ask a prompt. */
interface Kind {
  bound: number;
  schema: { parse: (record: unknown) => unknown };
  paid: boolean;
  run: (input: string, out: string, server: MisbehavingServer) => Promise<unknown>;
}

const contextOf = (server: MisbehavingServer) => quickTime(1_000, { fetch: server.fetch, env });

const teacher = (model: string, api?: "responses" | "chat"): Kind => ({
  bound: teacherBound(FAULTY),
  schema: TeacherRecord,
  paid: true,
  run: (prompts, out, server) =>
    sampleTeacher({
      prompts,
      model,
      api,
      out,
      baseUrl: [URL],
      attempts: FAULTY,
      maxTokens: 64,
      timeout: 0.5,
      language: "any",
    }, { context: contextOf(server) }),
});

const policy: Kind = {
  bound: policyBound(2),
  schema: PolicyRecord,
  paid: false,
  run: (prompts, out, server) =>
    samplePolicy({
      prompts,
      model: "vllm/m",
      tokenizer: "lib/embedded/reward",
      format: "prompted-nothink",
      n: 2,
      maxTokens: 64,
      baseUrl: [URL],
      timeout: 0.5,
      out,
    }, { context: contextOf(server) }),
};

const reward = (spec: string): Kind => ({
  bound: rewardBound(ANSWERS),
  schema: ScoredRecord,
  paid: false,
  run: (replies, out, server) =>
    scoreResponses({
      in: replies,
      rewardModel: spec,
      rewardTokenizer: ["lib/embedded/reward"],
      baseUrl: [URL],
      timeout: 0.5,
      out,
    }, { context: contextOf(server) }),
});

const KINDS: Record<string, Kind> = {
  "openai, responses": teacher("openai/gpt-4.1-mini", "responses"),
  "openai, chat": teacher("openai/gpt-4.1-mini", "chat"),
  gemini: teacher("gemini/gemini-2.5-flash"),
  "vllm, chat": teacher("vllm/m"),
  "vllm, text": policy,
  "vllm, reward": reward("vllm/m"),
  tei: reward("tei/m"),
  sglang: reward("sglang/m"),
};

/** Prompts `p0` … as rows, and as rows of a policy's replies. */
function rows(kind: Kind): string {
  const ids = Array.from({ length: PROMPTS }, (_, at) => `p${at}`);
  if (kind.schema !== ScoredRecord) {
    return ids.map((id) => JSON.stringify({ id, prompt: `Question ${id} ?` })).join("\n");
  }
  return ids.map((id) =>
    JSON.stringify({
      id,
      source: "s",
      prompt: [{ role: "user", content: `Question ${id} ?` }],
      format: "chat",
      model: "policy",
      responses: Array.from({ length: ANSWERS }, (_, index) => ({
        index,
        text: `Answer ${index}`,
        thought: null,
        answer: `Answer ${"very ".repeat(index)}good`,
        malformed: null,
        finish_reason: "stop",
        completion_tokens: 3,
      })),
    })
  ).join("\n");
}

const linesOf = (path: string): Record<string, unknown>[] => {
  try {
    return Deno.readTextFileSync(path).split("\n").filter(Boolean).map((line) => JSON.parse(line));
  } catch {
    return [];
  }
};

/** Runs a kind until it is done or has ended `times` times; checks every count after each run. */
async function check(kind: Kind, how: Misbehaviour, times: number): Promise<void> {
  const folder = await Deno.makeTempDir();
  const input = join(folder, "rows.jsonl"), out = join(folder, "run");
  const server = new MisbehavingServer(how);
  const part = (kind: string) => join(out, kind, "part-00000-of-00001.jsonl");
  try {
    await Deno.writeTextFile(input, rows(kind));
    for (let time = 0; time < times; time++) {
      server.requests.clear();
      const kept = new Set(linesOf(part("records")).map(({ id }) => id as string));
      const end = await kind.run(input, out, server).catch((error) => error);
      if (end instanceof Error) {
        const known = end instanceof RunError || end instanceof LimitReached;
        assert.ok(known, `ended by ${end.name}: ${end.message}`);
        assert.ok(!end.message.includes("key-that-is-secret"), end.message);
      }
      assert.equal(server.strayed, 0, "a redirect was followed");
      for (const [id, requests] of server.requests) {
        assert.ok(requests <= kind.bound, `${id}: ${requests} requests, bound ${kind.bound}`);
        assert.ok(!kept.has(id), `${id} was asked again though its record is on disk`);
      }
      for (const record of linesOf(part("records"))) kind.schema.parse(record);
      const manifest = Manifest.parse(
        JSON.parse(Deno.readTextFileSync(join(out, "manifest.json"))),
      );
      const { input: all, kept: records, rejected, pending } = manifest.counts;
      assert.equal(all, records + rejected + pending);
      assert.equal(records, linesOf(part("records")).length);
      if (kind.paid) checkBill(part("spend"), server, manifest);
      if (!(end instanceof Error)) return;
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The journal holds what the server told, and nothing that could not be a count of tokens. */
function checkBill(journal: string, { told }: MisbehavingServer, manifest: Manifest): void {
  const entries = linesOf(journal) as { usage: Record<string, number | boolean> }[];
  const sum = (entries: { usage: Record<string, number | boolean> }[], name: string) =>
    entries.reduce((total, { usage }) => total + Number(usage[name]), 0);
  const honest = entries.filter(({ usage }) => !usage.estimated);
  assert.deepEqual({
    replies: honest.length,
    prompt: sum(honest, "prompt_tokens"),
    completion: sum(honest, "completion_tokens"),
  }, told);
  for (const { usage } of entries) {
    assert.ok(Number(usage.prompt_tokens) >= 0 && Number(usage.completion_tokens) >= 0);
  }
  assert.equal(manifest.tokens.prompt, sum(entries, "prompt_tokens"));
  assert.equal(manifest.tokens.completion, sum(entries, "completion_tokens"));
}

const RUNS = Number(Deno.env.get("THINKSET_FAULT_RUNS") ?? 8);

const misbehaviour = fc.record({
  seed: fc.nat(),
  share: fc.constantFrom(0.05, 0.3, 0.7, 1),
  faults: fc.subarray<Fault>([...FAULTS], { minLength: 1 }),
  stops: fc.constantFrom("kept" as const, "lost" as const),
});

for (const [name, kind] of Object.entries(KINDS)) {
  Deno.test(`${name}: however a server answers, requests are bounded, the bill is right, totals balance`, async () => {
    await fc.assert(
      fc.asyncProperty(misbehaviour, (how) => check(kind, how, 3)),
      { numRuns: RUNS, endOnFailure: true },
    );
  });

  Deno.test(`${name}: each fault alone, in every answer`, async () => {
    for (const fault of FAULTS) {
      try {
        await check(kind, { seed: 1, share: 1, faults: [fault], stops: "lost" }, 1);
      } catch (error) {
        throw new Error(`${fault}: ${(error as Error).message}`, { cause: error });
      }
    }
  });
}
