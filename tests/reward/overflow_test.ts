import assert from "node:assert/strict";
import { join } from "node:path";
import { scoreResponses } from "../../lib/reward/stage.ts";
import { quickTime } from "../quick_time.ts";
import { chatReply } from "../chat_reply.ts";

const LONG = "word ".repeat(300);

/** A TEI whose scores are noise of its batches: no two are equal. */
function noisyTei() {
  const texts: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      if (new URL(request.url).pathname === "/info") {
        const reranker = { id2label: { 0: "LABEL_0" }, label2id: { LABEL_0: 0 } };
        return Response.json({
          model_id: "rm",
          model_type: { reranker },
          max_input_length: 512,
          max_client_batch_size: 32,
        });
      }
      const { inputs, raw_scores } = await request.json() as {
        inputs: string[][];
        raw_scores: boolean;
      };
      texts.push(...inputs.map(([text]) => text!));
      const score = (text: string, at: number) => {
        const logit = text.length / 50 - 3 + at / 1e6;
        return raw_scores ? logit : 1 / (1 + Math.exp(-logit));
      };
      return Response.json(
        inputs.map(([text], at) => [{ label: "LABEL_0", score: score(text!, at) }]),
      );
    },
  );
  return { url: `http://127.0.0.1:${server.addr.port}`, texts, stop: () => server.shutdown() };
}

Deno.test("a prompt that fills --max-length by itself is a reject, never scored without its answer", async () => {
  const folder = await Deno.makeTempDir();
  const server = noisyTei();
  try {
    const line = (id: string, prompt: string, answers: string[]) =>
      JSON.stringify({
        id,
        source: "s",
        prompt: [{ role: "user", content: prompt }],
        format: "chat",
        model: "m",
        responses: answers.map(chatReply),
      });
    const file = join(folder, "replies.jsonl");
    await Deno.writeTextFile(
      file,
      [
        line("full", LONG, ["good", "bad", "ugly"]),
        line("cut", "Why?", [`${LONG}good`, `${LONG}bad`, "short"]),
      ].join("\n"),
    );
    const out = join(folder, "run");
    const { manifest } = await scoreResponses({
      in: file,
      rewardModel: "tei/rm",
      rewardTokenizer: ["lib/embedded/reward"],
      baseUrl: [server.url],
      maxLength: 100,
      out,
    }, { context: quickTime(10) });
    const { input, kept, rejected } = manifest.counts;
    assert.deepEqual({ input, kept, rejected }, { input: 2, kept: 1, rejected: 1 });
    const part = (kind: string) => Deno.readTextFile(join(out, kind, "part-00000-of-00001.jsonl"));
    const reject = JSON.parse(await part("rejects"));
    assert.deepEqual([reject.id, reject.reason], ["full", "context_overflow"]);
    assert.ok(!server.texts.some((text) => text.includes("word word") && text.includes("good")));
    const { responses } = JSON.parse(await part("records"));
    assert.deepEqual(
      responses.map(({ truncated }: { truncated?: boolean }) => truncated),
      [true, true, undefined],
    );
    // Equal as far as they were read: a tie, whatever the noise of the server's batches.
    assert.equal(responses[0].score, responses[1].score);
  } finally {
    await server.stop();
    await Deno.remove(folder, { recursive: true });
  }
});
