import assert from "node:assert/strict";
import fc from "fast-check";
import { ScoredRecord } from "../../lib/core/records.ts";
import { isScoredRecord } from "../../lib/io/records/is_scored_record.ts";

const sound = {
  id: "a",
  source: "made",
  prompt: [{ role: "user", content: "Hi" }],
  format: "chat",
  model: "policy",
  reward_model: "judge",
  key: "0",
  responses: [{
    index: 0,
    text: "Hello",
    thought: null,
    answer: "Hello",
    malformed: null,
    finish_reason: "stop",
    completion_tokens: 2,
    score: 0.5,
    scores: { judge: 0.5 },
    truncated: false,
  }],
};

Deno.test("A sound record is known without the schema", () => {
  assert.ok(isScoredRecord(structuredClone(sound)));
});

Deno.test("Whatever is taken for sound is what the schema gives, field by field", () => {
  const places = [
    ["id"],
    ["source"],
    ["prompt"],
    ["prompt", 0],
    ["prompt", 0, "role"],
    ["prompt", 0, "content"],
    ["format"],
    ["key"],
    ["extra"],
    ["responses"],
    ["responses", 0],
    ...[...Object.keys(sound.responses[0]!), "extra"].map((field) => ["responses", 0, field]),
    ["responses", 0, "scores", "judge"],
  ];
  const value = fc.constantFrom<unknown>(
    null,
    undefined,
    "",
    "text",
    "user",
    "stop",
    "chat",
    0,
    -1,
    1.5,
    true,
    [],
    {},
    ["x"],
    { role: "user", content: "x" },
    { other: null },
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...places), value), { maxLength: 3 }),
      (edits) => {
        const edited = structuredClone(sound) as Record<string, unknown>;
        for (const [place, change] of edits) put(edited, place, structuredClone(change));
        const row = JSON.parse(JSON.stringify(edited)) as Record<string, unknown>;
        if (!isScoredRecord(row)) return;
        assert.deepEqual(ScoredRecord.parse(row), row);
        for (const { answer, malformed } of row.responses) {
          assert.equal(answer === null, malformed !== null);
        }
      },
    ),
    { numRuns: 3000 },
  );
});

function put(row: unknown, place: readonly (string | number)[], value: unknown): void {
  let at = row as Record<string | number, unknown>;
  for (const step of place.slice(0, -1)) {
    const next = at[step];
    if (typeof next !== "object" || next === null) return;
    at = next as typeof at;
  }
  at[place.at(-1)!] = value;
}
