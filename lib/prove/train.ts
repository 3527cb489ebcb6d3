/** Trains models with TRL in one Python process, those that are not trained yet. */
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { canonicalJson, sha256 } from "../core/canonical.ts";
import type { StageContext } from "../core/context.ts";
import { RunError } from "../core/errors.ts";
import type { Manifest } from "../core/manifest.ts";
import { folderIdentity } from "../io/disk/folder_identity.ts";

export interface Training {
  name: string;
  method: "dpo" | "sft";
  /** The prompted model's folder. */
  model: string;
  dataset: string;
  out: string;
  seed: number;
  learningRate: number;
  batch: number;
  loss: string[];
  /** End it where the chosen replies of validation become less likely than before. */
  stops: boolean;
}

/** What a training left beside its weights. */
export interface TrainingLog {
  job: string;
  collapsed: { step: number; chosen: number } | null;
  history: Record<string, number>[];
}

const PROGRAM = fileURLToPath(new URL("train.py", import.meta.url));
const EXPORTER = fileURLToPath(new URL("../../scripts/export_onnx", import.meta.url));

/** One training as a command line of `round`, which puts in the model, the dataset and the folder. */
export function trainingCommand(
  python: string,
  threads: number,
  training: Omit<Training, "model" | "dataset" | "out">,
): string[] {
  const places = { model: "{model}", dataset: "{dataset}", out: "{out}" };
  const trainings = [{ ...training, ...places, job: "round" }];
  return [python, PROGRAM, JSON.stringify({ threads, exporter: EXPORTER, trainings })];
}

/** How a training went, or undefined where it has not been done. */
export async function trainingLog(out: string): Promise<TrainingLog | undefined> {
  const text = await Deno.readTextFile(join(out, "training.json")).catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

/**
 * Trains what has not been trained so, from the same weights on the same rows, and gives the names
 * of what was trained anew.
 *
 * @throws {RunError} where Python fails, with the last line of its complaint.
 */
export async function train(
  trainings: readonly Training[],
  { python, threads }: { python: string; threads: number },
  context: StageContext,
): Promise<string[]> {
  const waiting: (Training & { job: string })[] = [];
  for (const training of trainings) {
    const job = await jobOf(training, threads);
    if ((await trainingLog(training.out))?.job !== job) waiting.push({ ...training, job });
  }
  if (waiting.length === 0) return [];
  const absolute = waiting.map((training) => ({
    ...training,
    ...{ model: resolve(training.model), dataset: resolve(training.dataset) },
    out: resolve(training.out),
  }));
  const job = { threads, exporter: EXPORTER, trainings: absolute };
  await runPython(python, JSON.stringify(job), waiting.length, context);
  return waiting.map(({ name }) => name);
}

/** All that a training's weights depend on, hashed. */
async function jobOf({ out: _, ...training }: Training, threads: number): Promise<string> {
  const { weights } = await folderIdentity(training.model);
  const manifest = join(training.dataset, "manifest.json");
  const { outputs }: Manifest = JSON.parse(await Deno.readTextFile(manifest));
  const rows = outputs.filter(({ path }) => path.endsWith(".parquet"))
    .map(({ path, sha256 }) => `${sha256}  ${path}`);
  const { model: __, dataset: ___, ...settings } = training;
  return sha256(canonicalJson({ ...settings, threads, weights: weights ?? null, rows }));
}

async function runPython(
  python: string,
  job: string,
  count: number,
  { log, signal }: StageContext,
): Promise<void> {
  const child = new Deno.Command(python, {
    args: [PROGRAM],
    env: {
      // glibc keeps what a step frees for the next one: a quarter less time than asking the kernel.
      MALLOC_MMAP_THRESHOLD_: `${2 ** 32}`,
      MALLOC_TRIM_THRESHOLD_: `${2 ** 34}`,
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    signal,
  }).spawn();
  const complaint = new Response(child.stderr).text();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(job)).catch(() => {});
  await writer.close().catch(() => {});
  let done = 0;
  // deno-lint-ignore no-explicit-any -- the two declarations of a web stream differ.
  for await (const line of createInterface({ input: Readable.fromWeb(child.stdout as any) })) {
    // Trainers print lines of their own.
    if (!line.startsWith('{"name"')) continue;
    const told = JSON.parse(line);
    if (told.done) log(`trained ${told.name} in ${told.seconds} s (${++done} of ${count})`);
    else if (told.step % 10 === 0 || told.step === told.steps) {
      log(
        `training ${told.name}: step ${told.step} of ${told.steps}, loss ${told.loss.toFixed(3)}`,
      );
    }
  }
  const { code } = await child.status;
  signal.throwIfAborted();
  if (code === 0) return;
  const last = (await complaint).trim().split("\n").at(-1);
  throw new RunError(`${python}: training failed with status ${code}: ${last}`);
}
