/** Scoring 1,000 texts with the embedded reward model, against Python in plain batches of 32. */
import { join } from "node:path";
import { randomFor } from "../../lib/core/random.ts";
import { embeddedTemplate, embeddedText } from "../../lib/model/embedded/embedded.ts";
import { EMBEDDED_PROMPTS, EMBEDDED_REWARD } from "../../lib/model/embedded/paths.ts";
import { prefillOf, stopsOf } from "../../lib/reply/format.ts";
import { parseReply } from "../../lib/reply/parse_reply.ts";
import { readPrompts } from "../../lib/io/prompts/read_prompts.ts";
import { readRows } from "../../lib/io/rows/read_rows.ts";
import { measured, program } from "./measured.ts";
import { inTurn, median, medianOf, type Row, type WithPython } from "./row.ts";

interface Scored {
  seconds: number;
  cpu: number;
  scores: number[];
  peak: number;
}

type Chat = [prompt: string, answer: string];

export async function scoring(setup: WithPython): Promise<Row[]> {
  const chats: Chat[] = [];
  for await (const { row } of readRows(EMBEDDED_PROMPTS)) {
    const { messages, expected } = row as { messages: { content: string }[]; expected: string[] };
    for (const answer of expected) chats.push([messages[0]!.content, answer]);
  }
  const count = setup.quick ? 100 : 1_000;
  const short = Array.from({ length: count }, (_, at) => chats[(at * 7) % chats.length]!);
  const long = Array.from({ length: count }, (_, at) => longer(chats, at));
  const sampled = await repliesOf(count);
  return [
    await compare(setup, {
      what: `scoring ${count.toLocaleString("en")} answers of chat length`,
      chats: long,
      note: "Lengths as chat answers have them (log-normal, median 60 words, sigma 0.8, at most " +
        "300), in no order, each a run of the embedded prompts' answers.",
      headline: true,
    }),
    await compare(setup, {
      what: `scoring ${count.toLocaleString("en")} short answers`,
      chats: short,
      note: "The embedded prompts' own answers, nearly equal in length: little padding to save.",
      headline: false,
    }),
    await compare(setup, {
      what: `scoring ${count.toLocaleString("en")} replies of the embedded policy`,
      chats: sampled,
      note: `Up to 8 replies to each prompt, as a run of the policy leaves them, ${
        new Set(sampled.map((chat) => JSON.stringify(chat))).size
      } of them different; equal replies to a prompt are read once here.`,
      headline: false,
    }),
  ];
}

/** The well-formed answers of 8 replies a prompt. */
async function repliesOf(count: number): Promise<Chat[]> {
  const model = await embeddedText(), template = await embeddedTemplate("prompted-think");
  const chats: Chat[] = [];
  let at = 0;
  for await (const { messages } of readPrompts(EMBEDDED_PROMPTS)) {
    const prompt = template.render(messages, { addGenerationPrompt: true }) +
      prefillOf("prompted-think");
    const replies = await model.complete({
      id: String(at++),
      prompt,
      n: 8,
      maxTokens: 64,
      temperature: 1,
      topP: 1,
      topK: 0,
      stop: stopsOf("prompted-think"),
      includeStop: true,
      seed: 1,
    });
    for (const { text, finishReason } of replies) {
      const { answer } = parseReply("prompted-think", text, { finishReason, prefilled: true });
      if (answer !== null) chats.push([messages[0]!.content, answer]);
    }
    if (chats.length >= count) break;
  }
  await model.close();
  return chats.slice(0, count);
}

/** A prompt with an answer of many sentences: its length drawn as those of chat answers are. */
function longer(chats: Chat[], at: number): Chat {
  const random = randomFor("bench", "scoring", at);
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const words = Math.min(300, Math.round(60 * Math.exp(0.8 * normal)));
  const answer: string[] = [];
  while (answer.length < words) {
    answer.push(...chats[Math.floor(random() * chats.length)]![1].split(" "));
  }
  return [chats[at % chats.length]![0], answer.slice(0, Math.max(1, words)).join(" ")];
}

async function compare(
  { pairs, folder, python }: WithPython,
  { what, chats, note, headline }: Pick<Row, "what" | "note" | "headline"> & { chats: Chat[] },
): Promise<Row> {
  const path = join(folder, "job.json");
  const job = { model: EMBEDDED_REWARD, chats, maxLength: 2048 };
  await Deno.writeTextFile(path, JSON.stringify(job));
  const run = async (command: string[]): Promise<Scored> => {
    const { printed, peak_mb } = await measured([...command, path]);
    return { ...JSON.parse(printed), peak: peak_mb };
  };
  const theirs = [python, join(import.meta.dirname!, "scoring_python.py")];
  const both = await inTurn(
    pairs,
    () => run(program("scoring_work.ts")),
    () => run(theirs),
  );
  const ratios = both.theirs.map((run, at) => run.cpu / both.ours[at]!.cpu);
  const apart = Math.max(
    ...both.ours[0]!.scores.map((score, at) => Math.abs(score - both.theirs[0]!.scores[at]!)),
  );
  const shown = (runs: Scored[]) =>
    `${medianOf(runs, ({ cpu }) => chats.length / cpu, 0)} texts/CPU s, ` +
    `${medianOf(runs, ({ seconds }) => chats.length / seconds, 0)}/s, ` +
    `${medianOf(runs, ({ peak }) => peak, 0)} MB`;
  return {
    what,
    ours: shown(both.ours),
    peer: `Python, batches of 32: ${shown(both.theirs)}`,
    ratios,
    unit: "times the texts a CPU second",
    target: {
      text: "at least 3 times, equal to 1e-3",
      met: median(ratios) >= 3 && apart < 1e-3,
    },
    note: `${note} Python runs the same ONNX file in onnxruntime on one thread, with its own ` +
      `tokenizer and chat template. The scores are at most ${apart.toExponential(0)} apart.`,
    headline,
  };
}
