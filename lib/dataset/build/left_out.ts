/** What is left out of a dataset, or decided, by a list of ids or by hand. */
import { z } from "zod";
import type { Decision } from "../../core/decisions.ts";
import { readDecisions } from "../../io/records/read_decisions.ts";
import { readIds } from "../filter/excluded_ids.ts";
import type { Rejection } from "./rejects_file.ts";

/** Options of a build that say which rows are left out; to be spread into its schema. */
export const leaveOutOptions = {
  excludeIds: z.string().optional().meta({ metavar: "FILE" }).describe(
    "leave out the prompts whose ids this file names: a line each, or rows with an id",
  ),
  decisions: z.string().optional().meta({ metavar: "FILE" }).describe(
    "what was decided by hand about prompts and pairs (explore writes it)",
  ),
} as const;

/** Why a list or a person leaves a row out. */
export const LEFT_OUT_REJECTS = ["excluded_id", "excluded_by_hand"] as const;

/** The two files of {@link leaveOutOptions}. */
export class LeftOut {
  readonly #ids: ReadonlySet<string>;
  readonly #decisions: ReadonlyMap<string, Decision>;

  private constructor(ids: Set<string>, decisions: Map<string, Decision>) {
    this.#ids = ids;
    this.#decisions = decisions;
  }

  /** Throws `InputError` for a file that cannot be read. */
  static async read(
    { excludeIds, decisions }: { excludeIds?: string; decisions?: string },
    signal: AbortSignal,
  ): Promise<LeftOut> {
    return new LeftOut(
      excludeIds === undefined ? new Set() : await readIds(excludeIds, signal),
      decisions === undefined ? new Map() : await readDecisions(decisions, { signal }),
    );
  }

  /** Why the prompt is left out, or null. */
  why(id: string): Rejection<(typeof LEFT_OUT_REJECTS)[number]> | null {
    if (this.#ids.has(id)) {
      return { reason: "excluded_id", detail: "its id is in the file of --exclude-ids" };
    }
    const decision = this.#decisions.get(id);
    if (decision?.action !== "exclude") return null;
    return { reason: "excluded_by_hand", detail: decision.comment ?? "" };
  }

  /** The pair that was decided by hand, as the replies' indices. */
  pairOf(id: string): { chosen: number; rejected: number } | null {
    const decision = this.#decisions.get(id);
    if (decision?.action !== "pair") return null;
    return { chosen: decision.chosen!, rejected: decision.rejected! };
  }
}
