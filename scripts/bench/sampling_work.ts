// Samples a policy in a folder, first to warm up, then measured, for sampling.ts: JOB.json.
import process from "node:process";
import { localText } from "../../lib/model/local/local.ts";

const job = JSON.parse(await Deno.readTextFile(Deno.args[0]!));
const model = await localText(job.model, { name: "bench", threads: 1 });

async function sample(n: number, temperature: number, maxTokens: number, seed: number) {
  const replies = await Promise.all(
    job.prompts.map((prompt: string, index: number) =>
      model.complete({
        id: `p${index}`,
        prompt,
        n,
        maxTokens,
        temperature,
        topP: 1,
        topK: 0,
        stop: job.stop === null ? [] : [job.stop],
        includeStop: true,
        seed,
      })
    ),
  );
  return replies.flat();
}

const greedy = (await sample(1, 0, job.greedyTokens, 1)).map(({ text }) => text);
const round = (at: number) => sample(job.n, job.temperature, job.maxTokens, job.seed * 100 + at);
if (job.rounds > 1) await round(0);
const before = process.cpuUsage(), start = performance.now();
const replies = [];
for (let at = 1; at <= job.rounds; at++) replies.push(...await round(at));
const seconds = (performance.now() - start) / 1000, { user, system } = process.cpuUsage(before);
const tokens = replies.reduce((sum, reply) => sum + reply.completionTokens, 0);
const longest = Math.max(...replies.map(({ completionTokens }) => completionTokens));
await model.close();
console.log(JSON.stringify({ tokens, longest, seconds, cpu: (user + system) / 1e6, greedy }));
