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
import { median, type Row, type Setup } from "./row.ts";

const SLOTS = 64;

/**
 * A completion server that takes as long for a prompt as the prompt says. A request that is given
 * up frees its slot at once, as vLLM's does.
 */
function startServer(slowness = 1) {
  let busy = 0;
  const waiting = new Set<() => void>();
  const free = () => {
    const [next] = waiting;
    if (next) waiting.delete(next);
    busy--;
    next?.();
  };
  const complete = async (ms: number, signal: AbortSignal) => {
    while (busy >= SLOTS) {
      await new Promise<void>((resolve) => {
        waiting.add(resolve);
        signal.addEventListener("abort", () => waiting.delete(resolve), { once: true });
      });
    }
    busy++;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms * slowness);
      signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
    });
    free();
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
      await complete(Number(prompt) || 1, request.signal);
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

export async function servers({ pairs, quick }: Setup): Promise<Row[]> {
  const times = replyTimes(quick ? 300 : 3_000, randomFor(1), quick ? 20 : 100);
  const work = times.reduce((a, b) => a + b, 0);
  const context = defaultContext({ log: () => {} });
  const best = listSchedule(times, SLOTS);

  const one = startServer();
  const single = await vllmText({ name: "m", baseUrls: [one.url], context });
  const full: number[] = [], batches: number[] = [], broken: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    full.push(await run(single, times));
    batches.push(await inBatches(single, times));
  }
  await single.close();
  one.kill();

  const killAt = work / SLOTS / 2.1 / 2;
  const bound = killAt + (work - killAt * SLOTS * 2.1) / (SLOTS * 1.1);
  for (let pair = 0; pair < pairs; pair++) {
    const three = [startServer(), startServer(), startServer(10)];
    const pool = await vllmText({ name: "m", baseUrls: three.map(({ url }) => url), context });
    const timer = setTimeout(() => three[1]!.kill(), killAt);
    broken.push(await run(pool, times));
    clearTimeout(timer);
    await pool.close();
    for (const { kill } of three) kill();
  }

  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  return [
    {
      what: `${times.length.toLocaleString("en")} prompts on a server of ${SLOTS} slots`,
      ours: seconds(median(full)),
      peer: `batch by batch: ${seconds(median(batches))}`,
      ratios: full.map((ms, at) => batches[at]! / ms),
      unit: "times as fast",
      target: { text: "within 1.1 of the best schedule", met: median(full) / best <= 1.1 },
      note: "A simulated server over HTTP, reply times with a long tail. The server's own best " +
        `schedule takes ${seconds(best)}: ${(median(full) / best).toFixed(2)} of that here.`,
      headline: true,
    },
    {
      what: "the same on three servers, one killed half way, one ten times slower",
      ours: seconds(median(broken)),
      peer: `the least that what is left could take: ${seconds(bound)}`,
      ratios: broken.map((ms) => ms / bound),
      unit: "of the least time",
      target: { text: "at most 1.3", met: median(broken) / bound <= 1.3 },
    },
  ];
}
