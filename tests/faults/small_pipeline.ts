/** A small pipeline for tests that disturb its stages: inputs, command lines, and what must come out. */
import { join, relative } from "node:path";
import { sha256 } from "../../lib/core/canonical.ts";
import { randomFor } from "../../lib/core/random.ts";
import { createPromptedModel } from "../../lib/prompted/stage.ts";
import { EMBEDDED_POLICY } from "../../lib/model/embedded/paths.ts";
import type { runTask } from "../cli.ts";
import { scoredRecord, teacherRecord } from "../dataset/records.ts";

export type Task = Parameters<typeof runTask>[0];

/** A stage's command line, but for where it writes to. */
export interface SmallStage {
  task: Task;
  args: (out: string) => string[];
}

/** What the stages read, made in `folder`: records of `size` prompts, texts of about `chars` each. */
export async function smallInputs(
  folder: string,
  { size, chars = 20 }: { size: number; chars?: number },
): Promise<{ model: string; teacher: string; scored: string; prompts: string; replies: string }> {
  const model = join(folder, "model-nothink");
  const options = { model: EMBEDDED_POLICY, out: model, variant: "nothink" } as const;
  await createPromptedModel(options, { context: { log: () => {} } });
  const ids = Array.from({ length: size }, (_, i) => `p${i}`);
  /** Words that no compression makes small. */
  const long = (id: string) => {
    const random = randomFor(id);
    const words = Array.from({ length: chars / 10 }, () => random().toString(36).slice(2, 11));
    return words.join(" ");
  };
  const write = (name: string, rows: object[]) => {
    const path = join(folder, name);
    Deno.writeTextFileSync(path, rows.map((row) => JSON.stringify(row) + "\n").join(""));
    return path;
  };
  return {
    model,
    prompts: write("prompts.jsonl", ids.map((id) => ({ id, prompt: `What is ${id}?` }))),
    teacher: write("teacher.jsonl", ids.map((id) => teacherRecord(id, { response: long(id) }))),
    scored: write(
      "scored.jsonl",
      ids.map((id) => {
        const record = scoredRecord(id, [2, 1, null], {}, "prompted-nothink");
        const responses = record.responses.map((reply) => ({
          ...reply,
          answer: reply.answer && `${long(id)} ${reply.index}`,
        }));
        return { ...record, responses };
      }),
    ),
    replies: write(
      "replies.jsonl",
      ids.map((id) => {
        const { reward_model: _, ...record } = scoredRecord(id, [2, 1], {}, "prompted-nothink");
        const responses = record.responses.map(({ score: _, ...reply }) => ({
          ...reply,
          text: `<response> ${long(id)} ${reply.index} </response>`,
        }));
        return { ...record, responses };
      }),
    ),
  };
}

/**
 * The hash of every file below a folder; of manifests all but the times. Not the page of them: it is
 * drawn once all is done, and a power cut may leave it half, beside its name, for the next to write.
 */
export function contentsOf(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (path: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(path)) {
      const inside = join(path, name);
      if (isDirectory) visit(inside);
      else if (!name.startsWith("report.html")) found[relative(folder, inside)] = contentOf(inside);
    }
  };
  visit(folder);
  return found;
}

function contentOf(path: string): string {
  if (!path.endsWith("manifest.json")) return sha256(Deno.readFileSync(path));
  // A process under a task's permissions is told less of its processor than this one.
  const { started_at: _, ended_at: __, processor: ___, options, ...manifest } = JSON.parse(
    Deno.readTextFileSync(path),
  );
  return JSON.stringify({ ...manifest, options: { ...options, out: "" } });
}
