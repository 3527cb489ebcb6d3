// deno run -A scripts/bench/servers.ts [PROMPTS [MEDIAN_MS]]
/**
 * Inference servers kept full, over real HTTP on loopback: a simulated server with 64 slots and a
 * long tail of reply times, against its own best schedule and against working batch by batch; then
 * three such servers, one of which is killed in the middle and one slowed tenfold.
 */
import { defaultContext } from "../../lib/core/context.ts";
import { randomFor } from "../../lib/core/random.ts";
import type { TextModel } from "../../lib/model/text_model.ts";
import { vllmText } from "../../lib/model/vllm/vllm_text.ts";
import { fixedLimit } from "../../lib/run/concurrency_limit.ts";
import { listSchedule, replyTimes } from "../../tests/model/server/batching_server.ts";

const SLOTS = 64;

/** A completion server that takes as long for a prompt as the prompt says. */
function startServer(slowness = 1) {
  let busy = 0;
  const waiting: (() => void)[] = [];
  const complete = async (ms: number) => {
    while (busy >= SLOTS) await new Promise<void>((resolve) => waiting.push(resolve));
    busy++;
    await new Promise((resolve) => setTimeout(resolve, ms * slowness));
    busy--;
    waiting.shift()?.();
  };
  const ending = new AbortController();
  const server = Deno.serve(
    {
      hostname: "127.0.0.1",
      port: 0,
      onListen: () => {},
      // A killed server's requests break off.
      onError: () => new Response(null, { status: 503 }),
      signal: ending.signal,
    },
    async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/v1/models") return Response.json({ data: [{ id: "m" }] });
      if (pathname === "/props") return Response.json({ total_slots: SLOTS });
      const { prompt, n } = await request.json();
      await complete(Number(prompt) || 1);
      const choices = Array.from({ length: n }, (_, index) => ({
        index,
        text: "done",
        finish_reason: "stop",
      }));
      return Response.json({ choices, usage: { prompt_tokens: 1, completion_tokens: 1 } });
    },
  );
  server.finished.catch(() => {});
  return { url: `http://127.0.0.1:${server.addr.port}`, kill: () => ending.abort() };
}

async function run(model: TextModel, times: readonly number[]): Promise<number> {
  const limit = fixedLimit(model.concurrency);
  const start = performance.now();
  await Promise.all(times.map(async (ms, at) => {
    await limit.acquire();
    await ask(model, ms, at);
    limit.release("ok");
  }));
  return performance.now() - start;
}

async function inBatches(model: TextModel, times: readonly number[]): Promise<number> {
  const start = performance.now();
  for (let from = 0; from < times.length; from += SLOTS) {
    await Promise.all(
      times.slice(from, from + SLOTS).map((ms, at) => ask(model, ms, from + at)),
    );
  }
  return performance.now() - start;
}

async function ask(model: TextModel, ms: number, at: number): Promise<void> {
  const [reply] = await model.complete({
    id: `p${at}`,
    prompt: ms.toFixed(3),
    n: 1,
    maxTokens: 16,
    temperature: 0.7,
    topP: 1,
    topK: 0,
    stop: [],
    includeStop: true,
    seed: 42,
  });
  if (reply?.text !== "done") throw new Error("a reply was lost");
}

if (import.meta.main) {
  const [prompts = 3_000, medianMs = 100] = Deno.args.map(Number);
  const times = replyTimes(prompts, randomFor(1), medianMs);
  const work = times.reduce((a, b) => a + b, 0);
  const context = defaultContext({ log: () => {} });
  const say = (what: string, ms: number, best: number) =>
    console.log(
      `${what.padEnd(34)} ${(ms / 1000).toFixed(2).padStart(7)} s  ${(ms / best).toFixed(2)}`,
    );

  const one = startServer();
  const single = await vllmText({ name: "m", baseUrls: [one.url], context });
  const best = listSchedule(times, SLOTS);
  say("one server: its own best schedule", best, best);
  say("one server: as thinkset works", await run(single, times), best);
  say("one server: batch by batch", await inBatches(single, times), best);
  await single.close();
  one.kill();

  const servers = [startServer(), startServer(), startServer(10)];
  const pool = await vllmText({ name: "m", baseUrls: servers.map(({ url }) => url), context });
  const killAt = work / SLOTS / 2.1 / 2;
  const bound = killAt + (work - killAt * SLOTS * 2.1) / (SLOTS * 1.1);
  setTimeout(() => servers[1]!.kill(), killAt);
  say("three, one killed, one 10x slower", await run(pool, times), bound);
  await pool.close();
  Deno.exit(0);
}
