/** Runs and datasets for the report's tests, with hostile text in every field a model can write. */
import { put } from "../io/temp.ts";

export const HOSTILE = `</div></section><script>document.title="owned"</script>` +
  `<img src="http://127.0.0.1:9/x.png" onerror="document.title='owned'"><style>*{display:none}</style>`;

const user = (content: string) => [{ role: "user", content }];
const lines = (rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** A manifest with the ledger of a finished run of `input` prompts. */
export const manifest = (stage: string, input: number, extra: Record<string, unknown> = {}) => ({
  stage,
  version: "0.1.0",
  status: "done",
  options: { n: 4, format: "prompted-think", note: HOSTILE },
  fingerprint: "f",
  inputs: [{ path: "prompts.jsonl", sha256: "0", rows: input }],
  outputs: [],
  models: [`model ${HOSTILE}`],
  seed: 42,
  packages: {},
  counts: {
    input,
    kept: input - 1,
    rejected: 1,
    pending: 0,
    duplicates: 2,
    other: 0,
    rejected_by_reason: { too_long: 1 },
  },
  tokens: { completion: 1234 },
  cost: 0.5,
  shard: { index: 0, count: 1 },
  failed: [],
  started_at: "2026-01-01T00:00:00.000Z",
  ended_at: "2026-01-01T00:00:01.000Z",
  ...extra,
});

/** A scored run of `prompts` prompts with four replies each, the last of them malformed. */
export async function putScored(dir: string, prompts: number): Promise<string> {
  const rows = Array.from({ length: prompts }, (_, p) => ({
    id: `p${p}`,
    source: "wild",
    extra: { category: p % 2 === 0 ? "even" : HOSTILE },
    prompt: user(`question ${p} ${HOSTILE}`),
    format: "prompted-think",
    model: "m",
    responses: [0, 1, 2, 3].map((index) => ({
      index,
      text: index === 3 ? HOSTILE : "raw",
      thought: index === 3 ? null : `thought ${index} ${HOSTILE}`,
      answer: index === 3 ? null : `answer ${index} ${"x".repeat(p % 50)} ${HOSTILE}`,
      malformed: index === 3 ? "missing_tag" : null,
      finish_reason: "stop",
      completion_tokens: 10 + index,
      score: index === 3 ? null : Math.sin(p) + index,
    })),
    reward_model: "r",
  }));
  await put(`${dir}/manifest.json`, manifest("score-responses", prompts + 1));
  await put(`${dir}/records/part-00000-of-00001.jsonl`, lines(rows));
  return dir;
}

/** A teacher run of two prompts. */
export async function putTeacher(dir: string): Promise<string> {
  const row = (id: string) => ({
    id,
    source: HOSTILE,
    messages: user("q"),
    thought: "because",
    response: HOSTILE,
    model: "m",
    finish_reason: "stop",
    usage: { prompt_tokens: 1, completion_tokens: 20, reasoning_tokens: 0 },
  });
  await put(`${dir}/manifest.json`, manifest("sample-teacher", 3));
  await put(`${dir}/records/part-00000-of-00001.jsonl`, lines([row("a"), row("b")]));
  return dir;
}

/** A file of DPO rows in the default columns. */
export async function putPairs(path: string): Promise<string> {
  const assistant = (content: string) => [{ role: "assistant", content }];
  const rows = Array.from({ length: 20 }, (_, index) => ({
    id: `p${index}`,
    source: "wild",
    prompt: user(`q ${index}`),
    chosen: assistant(`<think> good thought </think>\n<response> good answer ${index} </response>`),
    rejected: assistant(HOSTILE),
    score_chosen: 2 + index / 10,
    score_rejected: 1,
  }));
  return await put(path, lines(rows));
}
