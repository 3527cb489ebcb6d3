/** What is to be explored of the paths that are given. */
import { join } from "node:path";
import { InputError } from "../core/errors.ts";
import type { FileEntry } from "../core/manifest.ts";
import type { InputFilesOptions } from "../io/inputs/input_files.ts";
import { readRows } from "../io/rows/read_rows.ts";
import { shortNames } from "../io/inputs/short_names.ts";
import type { StageFacts } from "../run/define_stage.ts";
import { type Subject, subjectsOf } from "../report/subject.ts";
import { isDumpRow } from "./dumps.ts";

/** What is read: one of a report's subjects, or a training run's dump. */
export type Explored = Omit<Subject, "kind"> & { kind: Subject["kind"] | "dump" };

/** The inputs, and what is known of them before they are read. */
export interface Inputs {
  explored: Explored[];
  /** The options of the first `build-dpo` among them: how pairs are chosen. */
  rules: Record<string, unknown> | undefined;
  /** What a reader must know of runs that are not shown. */
  leftOut: string[];
}

/**
 * What each path is: a trainer's dump, or what a report can tell of. Of a folder of runs those are
 * left out whose replies another one holds: a policy's that was scored, a dataset's that was built.
 */
export async function exploredOf(
  given: readonly string[],
  stages: readonly StageFacts[],
  reading: InputFilesOptions,
): Promise<Inputs> {
  const all: Explored[] = [];
  const again: Explored[] = [];
  for (const path of new Set(given)) {
    const found: Explored[] = await isDump(path, reading)
      ? [{ path, name: path, kind: "dump", manifest: undefined }]
      : await subjectsOf([path], stages, reading);
    const withReplies = found.filter(({ kind }) => kind !== "prompts" && kind !== "rl");
    const own = withReplies.length > 0 ? withReplies : found;
    all.push(...own);
    if (own.length > 1) again.push(...own.filter((one) => isHeldByAnother(one, own)));
  }
  const rules = all.find(({ kind, manifest }) => kind === "dpo" && manifest !== undefined);
  const explored = all.filter((one) => !again.includes(one));
  const names = shortNames(explored.map(({ path }) => path));
  return {
    explored: explored.map((one, index) => ({ ...one, name: names[index]! })),
    rules: rules?.manifest?.options,
    leftOut: again.length === 0 ? [] : [
      `Not shown, as their replies stand in the others: ${
        again.map(({ name }) => name).join(", ")
      } (name one with --in to see it).`,
    ],
  };
}

/** Whether the replies of a run stand in another one of its folder, by the hashes of their files. */
function isHeldByAnother(one: Explored, all: readonly Explored[]): boolean {
  const { kind, manifest } = one;
  if (manifest === undefined) return false;
  if (kind === "policy") {
    return all.some((other) => other.kind === "scored" && madeOf(other, manifest.outputs));
  }
  const isDataset = kind === "dpo" || kind === "sft";
  return isDataset && all.some((other) => madeOf(one, other.manifest?.outputs ?? []));
}

function madeOf({ manifest }: Explored, outputs: readonly FileEntry[]): boolean {
  const hashes = new Set(outputs.filter(({ rows }) => rows > 0).map(({ sha256 }) => sha256));
  return (manifest?.inputs ?? []).some(({ sha256 }) => hashes.has(sha256));
}

async function isDump(path: string, reading: InputFilesOptions): Promise<boolean> {
  // Of a file there is nothing below it.
  if (await Deno.stat(join(path, "manifest.json")).catch(() => null) !== null) return false;
  try {
    for await (const { row } of readRows(path, reading)) {
      return typeof row === "object" && row !== null && isDumpRow(row as Record<string, unknown>);
    }
  } catch (error) {
    // A folder of runs holds no rows itself; what is wrong with others is said when they are read.
    if (!(error instanceof InputError)) throw error;
  }
  return false;
}
