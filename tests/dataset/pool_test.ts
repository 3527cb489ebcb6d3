/** Several runs as one pool, malformed replies as rejected ones, the best answers as SFT data. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { buildDpo } from "../../lib/dataset/dpo/stage.ts";
import { buildSft } from "../../lib/dataset/sft/stage.ts";
import { readRows } from "../../lib/io/rows/read_rows.ts";
import { inFolder, quiet, rejectsOf, scoredRecord, writeLines } from "./records.ts";
import { makeTokenizer } from "./tiny_tokenizer.ts";

type Row = Record<string, unknown>;
const rowsOf = async (out: string): Promise<Row[]> =>
  (await Array.fromAsync(readRows(join(out, "data"), { split: "all" }))).map(({ row }) =>
    row as Row
  );
const scoresOf = ({ score_chosen, score_rejected }: Row) => [score_chosen, score_rejected];

Deno.test(
  "Replies of two policies to one prompt are one prompt's candidates; what conflicts is said",
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const tokenizer = await makeTokenizer(at("tokenizer"));
    const one = await writeLines(at("one.jsonl"), [
      scoredRecord("a", [0, 1], { model: "one" }),
      scoredRecord("b", [0, 1, 2, 3], { model: "one" }),
      scoredRecord("c", [0, 1, 2, 3], { model: "one" }),
    ]);
    const other = [{ role: "user" as const, content: "Something else?" }];
    const two = await writeLines(at("two.jsonl"), [
      scoredRecord("c", [0, 1, 2, 3], { model: "one" }),
      scoredRecord("b", [4, 5], { model: "two", prompt: other }),
      scoredRecord("a", [4, 5], { model: "two", responses: renamed("a", [4, 5]) }),
    ]);
    const options = { in: [one, two], tokenizer, trainSplit: 1, maxBadRows: 1 };
    const { manifest } = await buildDpo({ ...options, out: at("any") }, { context: quiet });
    const rows = await rowsOf(at("any"));
    const byId = Object.fromEntries(rows.map((row) => [row.id, scoresOf(row)]));
    assert.deepEqual(byId, { a: [5, 0], b: [3, 0], c: [3, 0] });
    const rejects = await rejectsOf(at("any"));
    assert.deepEqual(rejects.map((line) => line.split(": ")[1]), ["id_conflict"]);
    const { input, kept, rejected, duplicates } = manifest.counts;
    assert.deepEqual([input, kept, rejected, duplicates], [4, 3, 1, 1]);
    assert.deepEqual(manifest.inputs.map(({ rows }) => rows), [3, 3]);
    await buildDpo({ ...options, out: at("same"), pairModels: "same" }, { context: quiet });
    const same = (await rowsOf(at("same"))).find(({ id }) => id === "a")!;
    assert.deepEqual(scoresOf(same), [1, 0]);
  }),
);

/** Replies whose texts are other than the first run's. */
function renamed(id: string, scores: number[]) {
  return scoredRecord(id, scores).responses.map((reply) => ({
    ...reply,
    text: `two ${reply.text}`,
    answer: `Two: ${reply.answer}` as typeof reply.answer,
  }));
}

Deno.test(
  "A malformed reply may be the rejected side in its own text, with no score",
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const tokenizer = await makeTokenizer(at("tokenizer"));
    const record = scoredRecord("a", [1, 2, null], {}, "prompted-think");
    const path = await writeLines(at("scored.jsonl"), [record]);
    const options = { in: path, tokenizer, trainSplit: 1, minResponses: 2 };
    await buildDpo({ ...options, out: at("plain") }, { context: quiet });
    assert.deepEqual((await rowsOf(at("plain"))).map(scoresOf), [[2, 1]]);
    await buildDpo({ ...options, out: at("malformed"), rejectMalformed: true }, { context: quiet });
    const [row] = await rowsOf(at("malformed"));
    assert.deepEqual(scoresOf(row!), [2, null]);
    assert.deepEqual(row!.rejected, [{ role: "assistant", content: "<think>reply 2" }]);
    assert.match(
      await Deno.readTextFile(at("malformed/README.md")),
      /malformed replies .* may be rejected/,
    );
  }),
);

Deno.test(
  "A control is named as one on its card",
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const tokenizer = await makeTokenizer(at("tokenizer"));
    const path = await writeLines(at("scored.jsonl"), [scoredRecord("a", [0, 1, 2, 3])]);
    const options = { in: path, out: at("dpo"), tokenizer, trainSplit: 1 };
    await buildDpo({ ...options, strategy: "flipped" }, { context: quiet });
    assert.deepEqual((await rowsOf(at("dpo"))).map(scoresOf), [[0, 3]]);
    const card = await Deno.readTextFile(at("dpo/README.md"));
    assert.match(card, /A control, preferences the wrong way round/);
    assert.match(card, /strategy \| flipped \(a control\)/);
  }),
);

Deno.test(
  "The best answers of scored replies become SFT rows, of equal scores the shorter first",
  inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const dir = await makeTokenizer(at("tokenizer"));
    const record = scoredRecord("a", [3, 1, 3, null, 2]);
    record.responses[0]!.answer = "A much longer answer." as typeof record.responses[0]["answer"];
    const path = await writeLines(at("scored.jsonl"), [
      record,
      scoredRecord("b", [0, 0.5]),
      scoredRecord("c", [null]),
    ]);
    const build = (out: string, options: object) =>
      buildSft({ in: path, out: at(out), tokenizer: [dir], variant: "nothink", ...options }, {
        context: quiet,
      });
    const answers = async (out: string) =>
      (await rowsOf(at(out))).map(({ id, messages }) => [id, (messages as Row[]).at(-1)!.content]);
    const { manifest } = await build("best", { best: 2, minScore: 1 });
    assert.deepEqual(await answers("best"), [
      ["a", "Answer 2 to a."],
      ["a", "A much longer answer."],
    ]);
    assert.deepEqual(await rejectsOf(at("best")), ["b: below_min_score", "c: no_scored_reply"]);
    const { input, kept, rejected } = manifest.counts;
    assert.deepEqual([input, kept, rejected], [3, 1, 2]);
    await build("random", { best: 1, pick: "random", seed: 1 });
    assert.equal((await answers("random")).length, 2);
    await assert.rejects(build("none", { minScore: 1 }), /--min-score.*go with --best/);
  }),
);
