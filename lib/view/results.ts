/** What stages return: the run's account, and its records as frames when asked for. */
import type { DataFrame } from "../core/frame.ts";
import { readPolicyRecords, readTeacherRecords } from "../io/records/read_records.ts";
import type { RunResult } from "../run/run_stage.ts";

/** A teacher run. */
export interface TeacherResult extends RunResult {
  /** One row a prompt. Polars is loaded when this is called. */
  frame(): Promise<DataFrame>;
}

/** A policy run, scored or not. */
export interface RepliesResult extends RunResult {
  /** One row a reply, the prompt's id on each. Polars is loaded when this is called. */
  frame(): Promise<DataFrame>;
}

/** Adds the frame to a teacher run. */
export function teacherResult(run: RunResult): TeacherResult {
  const records = () => readTeacherRecords(run.out, { allowPartial: true });
  return { ...run, frame: async () => (await import("./frames.ts")).teacherFrame(records()) };
}

/** Adds the frame to a policy run, scored or not. */
export function repliesResult(run: RunResult): RepliesResult {
  const records = () => readPolicyRecords(run.out, { allowPartial: true });
  return { ...run, frame: async () => (await import("./frames.ts")).repliesFrame(records()) };
}
