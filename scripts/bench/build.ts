// deno run -A scripts/bench/build.ts --python PYTHON --tokenizer DIR [--sft 6000,60000] [--dpo 6000,30000] [--growth 30000,120000]
/**
 * Dataset building against plain Python scripts of the usual kind (build_sft.py, build_dpo.py):
 * processor time and peak memory of whole processes, on the same made-up records of about 600
 * tokens a reply. PYTHON needs datasets and transformers; DIR is a tokenizer's folder with a chat
 * template.
 */
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { randomFor } from "../../lib/core/random.ts";

interface Usage {
  cpu_s: number;
  wall_s: number;
  peak_mb: number;
}

const { values } = parseArgs({
  options: {
    python: { type: "string" },
    tokenizer: { type: "string" },
    sft: { type: "string", default: "6000,60000" },
    dpo: { type: "string", default: "6000,30000" },
    growth: { type: "string", default: "30000,120000" },
  },
});
if (values.python === undefined || values.tokenizer === undefined) {
  console.error("bench build: --python PYTHON and --tokenizer DIR are needed");
  Deno.exit(2);
}
const python = values.python, tokenizer = values.tokenizer;
const here = dirname(new URL(import.meta.url).pathname);
const folder = await Deno.makeTempDir();
const sizes = (list: string) => list.split(",").filter(Boolean).map(Number);

const words = ("the of and to in is that for it as was with be by on not he his but at are this " +
  "have from or had an they which one you were all her she there would their we him been has " +
  "when who will no more if out so up said what its about than into them can only other time")
  .split(" ");

/** About that many tokens of text. */
function textOf(random: () => number, tokens: number): string {
  const parts = Array.from({ length: tokens }, () => words[Math.floor(random() * words.length)]);
  return parts.join(" ");
}

function teacherLine(index: number): string {
  const random = randomFor("bench", "sft", index);
  return JSON.stringify({
    id: `row-${index}`,
    source: "bench",
    messages: [{ role: "user", content: `${index}: ${textOf(random, 40)}?` }],
    thought: textOf(random, 300),
    response: textOf(random, 260),
    model: "made-up",
    finish_reason: "stop",
    usage: { prompt_tokens: 40, completion_tokens: 560, reasoning_tokens: 0 },
  });
}

function scoredLine(index: number): string {
  const random = randomFor("bench", "dpo", index);
  const responses = Array.from({ length: 8 }, (_, reply) => {
    const thought = textOf(random, 300), answer = textOf(random, 300);
    return {
      index: reply,
      text: `${thought}\n</think>\n\n${answer}`,
      thought,
      answer,
      malformed: null,
      finish_reason: "stop",
      completion_tokens: 600,
      score: Math.round((random() * 40 - 20) * 1000) / 1000,
    };
  });
  return JSON.stringify({
    id: `row-${index}`,
    source: "bench",
    prompt: [{ role: "user", content: `${index}: ${textOf(random, 40)}?` }],
    format: "chat-think",
    model: "made-up",
    responses,
    reward_model: "made-up",
  });
}

async function writeLines(path: string, rows: number, line: (index: number) => string) {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  for (let from = 0; from < rows; from += 200) {
    const lines: string[] = [];
    for (let index = from; index < Math.min(rows, from + 200); index++) lines.push(line(index));
    const bytes = new TextEncoder().encode(lines.join("\n") + "\n");
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  }
}

async function measure(...command: string[]): Promise<Usage> {
  const { stdout, stderr } = await new Deno.Command(python, {
    args: [join(here, "measure.py"), ...command],
    env: { HF_HUB_OFFLINE: "1", TOKENIZERS_PARALLELISM: "false" },
  }).output();
  const usage = JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
  if (usage.status !== 0) throw new Error(new TextDecoder().decode(stderr).slice(-1000));
  return usage;
}

async function ours(stage: "sft" | "dpo", path: string): Promise<Usage> {
  const script = join(here, "..", `build_${stage}.ts`);
  const out = join(folder, "ours");
  const format = stage === "dpo" ? ["--format", "chat-think"] : [];
  const flags = ["--in", path, "--out", out, "--tokenizer", tokenizer, ...format];
  const usage = await measure(Deno.execPath(), "run", "-RWES", "--allow-ffi", script, ...flags);
  await Deno.remove(out, { recursive: true });
  return usage;
}

async function theirs(stage: "sft" | "dpo", path: string): Promise<Usage> {
  const out = join(folder, "theirs");
  const flags = stage === "sft" ? ["--think"] : ["--format", "chat-think"];
  const script = join(here, `build_${stage}.py`);
  const usage = await measure(python, script, path, out, tokenizer, ...flags);
  await Deno.remove(out, { recursive: true });
  return usage;
}

const shown = ({ cpu_s, peak_mb }: Usage) => `${cpu_s.toFixed(1)} s, ${peak_mb.toFixed(0)} MB`;

try {
  console.log("| stage | rows | thinkset | Python | CPU | memory |\n|---|---|---|---|---|---|");
  for (const stage of ["sft", "dpo"] as const) {
    for (const rows of sizes(values[stage])) {
      const path = join(folder, "records.jsonl");
      await writeLines(path, rows, stage === "sft" ? teacherLine : scoredLine);
      const own = await ours(stage, path), other = await theirs(stage, path);
      const cpu = (other.cpu_s / own.cpu_s).toFixed(1);
      const memory = (other.peak_mb / own.peak_mb).toFixed(1);
      console.log(
        `| ${stage} | ${rows} | ${shown(own)} | ${shown(other)} | 1/${cpu} | 1/${memory} |`,
      );
    }
  }
  let before: { rows: number; usage: Usage } | undefined;
  for (const rows of sizes(values.growth)) {
    const path = join(folder, "records.jsonl");
    await writeLines(path, rows, scoredLine);
    const usage = await ours("dpo", path);
    const grown = before === undefined
      ? ""
      : `: ${(rows / before.rows).toFixed(1)} times the rows, ` +
        `${(usage.cpu_s / before.usage.cpu_s).toFixed(2)} times the processor's time, ` +
        `${(usage.peak_mb / before.usage.peak_mb).toFixed(2)} times the memory`;
    console.log(`dpo, ${rows} prompts: ${shown(usage)}${grown}`);
    before = { rows, usage };
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
