// Scores texts with the embedded reward model, once a few to warm up and then all, for scoring.ts:
// JOB.json.
import process from "node:process";
import { embeddedReward } from "../../lib/model/embedded/embedded.ts";
import type { ScoringItem } from "../../lib/model/reward_model.ts";

const job = JSON.parse(await Deno.readTextFile(Deno.args[0]!));
const items: ScoringItem[] = job.chats.map(([prompt, answer]: [string, string]) => ({
  prompt: [{ role: "user", content: prompt }],
  answer,
}));
const model = await embeddedReward();
await model.score(items.slice(0, 32), { maxLength: job.maxLength });
const before = process.cpuUsage(), start = performance.now();
const scores = [];
for (let at = 0, end = 0; at < items.length; at = end) {
  // A prompt's replies together, as the stage gives them.
  const prompt = items[at]!.prompt[0]!.content;
  while (end < items.length && items[end]!.prompt[0]!.content === prompt) end++;
  scores.push(...await model.score(items.slice(at, end), { maxLength: job.maxLength }));
}
const seconds = (performance.now() - start) / 1000, { user, system } = process.cpuUsage(before);
await model.close();
console.log(JSON.stringify({
  seconds,
  cpu: (user + system) / 1e6,
  scores: scores.map(({ score }) => score),
}));
