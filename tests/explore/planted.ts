/** Made-up scored runs, with defects planted where a test wants them. */
import type { ScoredRecord, ScoredReply } from "../../lib/core/records.ts";
import { Answer } from "../../lib/core/records.ts";
import { type Random, randomFor } from "../../lib/core/random.ts";

/** The kinds of defects, each planted in two prompts. */
export const DEFECTS = ["follows_length", "echo", "leak", "space", "mislabelled"] as const;
export type Defect = (typeof DEFECTS)[number];

const topics = ("bread rivers glaciers violins orchids trams lighthouses comets vaccines chess " +
  "harbours ferns tides clocks kites maps salt owls paper amber bridges wool dyes engines").split(
    " ",
  );
const words =
  ("the a of and to in is that it was for on as with by at from this which one can more " +
    "about when there because each other also first then while most some often water light time work " +
    "people long small large early late simple careful known used made found given").split(" ");

const pick = <T>(random: Random, from: readonly T[]) => from[Math.floor(random() * from.length)]!;

function sentences(random: Random, count: number): string {
  return Array.from({ length: count }, () => {
    const body = Array.from({ length: 8 + Math.floor(random() * 9) }, () => pick(random, words));
    return `${body[0]![0]!.toUpperCase()}${body.join(" ").slice(1)}.`;
  }).join(" ");
}

function question(random: Random, source: string, index: number): string {
  const topic = pick(random, topics);
  if (source === "math") {
    const [a, b] = [Math.floor(random() * 900), Math.floor(random() * 900)];
    return `What is ${a} plus ${b}, and how do you check it (task ${index})?`;
  }
  if (source === "code") {
    return `Write a function that sorts a list of ${topic} by name, number ${index}.`;
  }
  return `Tell me something that few people know about ${topic}, for visitor ${index}, please.`;
}

/** A scored record; equal arguments give equal records. */
export function madeUpRecord(
  index: number,
  { replies = 8, defect, run = "think" }: { replies?: number; defect?: Defect; run?: string } = {},
): ScoredRecord {
  const random = randomFor("explore", index, run), prompts = randomFor("explore", index);
  const label = index % 10 < 5 ? "chat" : index % 10 < 8 ? "math" : "code";
  const asked = question(prompts, defect === "mislabelled" ? "math" : label, index);
  const responses = Array.from({ length: replies }, (_, at) => reply(random, at, run));
  if (defect !== undefined) plant(defect, asked, responses);
  return {
    id: `p${String(index).padStart(6, "0")}`,
    source: defect === "follows_length" ? "forum" : defect === "mislabelled" ? "code" : label,
    prompt: [{ role: "user", content: asked }],
    format: "chat-think",
    model: "made-up/policy",
    responses,
    reward_model: "made-up/reward",
  };
}

function reply(random: Random, index: number, run: string): ScoredReply {
  const thought = sentences(random, 2 + Math.floor(random() * 4));
  const answer = sentences(random, 1 + Math.floor(random() ** 2 * 9));
  const broken = random() < 0.04;
  const noise = random() + random() + random() - 1.5;
  const quality = noise * 2 + Math.log2(answer.length) * 0.08 + (run === "think" ? 0.3 : 0);
  const rounded = (value: number) => Math.round(value * 1000) / 1000;
  return {
    index,
    text: broken ? `${thought} ${answer}` : `${thought}\n</think>\n\n${answer}`,
    thought: broken ? null : thought,
    answer: broken ? null : Answer.parse(answer),
    malformed: broken ? "missing_tag" : null,
    finish_reason: "stop",
    completion_tokens: Math.round((thought.length + answer.length) / 4.4),
    score: broken ? null : rounded(quality),
    ...(broken ? {} : {
      scores: {
        "made-up/reward": rounded(quality),
        "made-up/second": rounded(quality * 0.7 + random() - 0.5),
      },
    }),
  };
}

/** Puts a defect into the replies; those that become the pair have it. */
function plant(defect: Defect, asked: string, responses: ScoredReply[]): void {
  const whole = (index: number, thought: string, answer: string, score: number) => {
    Object.assign(responses[index]!, {
      text: `${thought}\n</think>\n\n${answer}`,
      thought,
      answer,
      malformed: null,
      score,
      scores: { "made-up/reward": score, "made-up/second": score },
    });
  };
  const { thought, answer } = responses.find((reply) => reply.answer !== null)!;
  switch (defect) {
    case "follows_length":
      responses.forEach((_, index) => {
        const text = `${answer} ${"And so on, at length. ".repeat(index * 4)}`.trim();
        whole(index, thought!, text, index - 2);
      });
      break;
    case "echo":
      whole(0, thought!, `${asked} ${answer}`, 6);
      break;
    case "leak":
      whole(0, thought!, `${thought} So: ${answer}`, 6);
      break;
    case "space":
      whole(0, thought!, `${answer} It is so.`, 5.5);
      whole(7, thought!, `${answer}  It is so.`, -5.5);
      break;
    case "mislabelled":
      break;
  }
}

/** Writes a run's records; gives which prompts have which defect. */
export async function putPlanted(
  path: string,
  prompts: number,
  { planted = true, run }: { planted?: boolean; run?: string } = {},
): Promise<Map<string, Defect>> {
  const defects = new Map<string, Defect>();
  const at = new Map<number, Defect>();
  if (planted) {
    DEFECTS.forEach((defect, kind) => {
      for (const share of [0.13, 0.61]) at.set(Math.floor(prompts * (share + kind * 0.05)), defect);
    });
  }
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  const encoder = new TextEncoder();
  let lines = "";
  const flush = () => {
    for (let bytes = encoder.encode(lines); bytes.length > 0;) {
      bytes = bytes.subarray(file.writeSync(bytes));
    }
    lines = "";
  };
  for (let index = 0; index < prompts; index++) {
    const defect = at.get(index);
    const record = madeUpRecord(index, { defect, run });
    if (defect !== undefined) defects.set(record.id, defect);
    lines += `${JSON.stringify(record)}\n`;
    if (lines.length > 1 << 20) flush();
  }
  flush();
  return defects;
}
