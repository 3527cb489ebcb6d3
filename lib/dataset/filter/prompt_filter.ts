/** What the user wants left out by its prompt: repeated prompts, and those of evaluation sets. */
import { basename } from "node:path";
import { canonicalJson } from "../../core/canonical.ts";
import { hash64 } from "../../core/hash64.ts";
import { type Message, turnFields } from "../../core/records.ts";
import type { RejectReason } from "../../core/reject_reasons.ts";
import { IdTable } from "../../run/id_table.ts";
import { Passages } from "./passages.ts";
import { NearDuplicates } from "./near_duplicates.ts";
import type { Rejection } from "../build/rejects_file.ts";

/** Why a prompt was left out: reasons in the rejects. */
export const PROMPT_FILTER_REJECTS = [
  "exact_duplicate",
  "near_duplicate",
  "contaminated",
] as const satisfies readonly RejectReason[];
export type PromptFilterReject = (typeof PROMPT_FILTER_REJECTS)[number];

/** Options of {@link PromptFilter}. */
export interface PromptFilterOptions {
  dedupe?: "exact" | "near";
  /** Evaluation sets. */
  decontaminate?: readonly string[];
}

/** Takes prompts in input order. */
export class PromptFilter {
  readonly #exact = new IdTable();
  readonly #near: NearDuplicates | undefined;
  readonly #contamination: Passages | undefined;
  readonly #dedupe: boolean;
  /** Ids of the prompts that near-duplicate detection has taken for new. */
  readonly #ids: string[] = [];

  private constructor(options: PromptFilterOptions, contamination: Passages | undefined) {
    this.#dedupe = options.dedupe !== undefined;
    this.#near = options.dedupe === "near" ? new NearDuplicates() : undefined;
    this.#contamination = contamination;
  }

  static async open(
    options: PromptFilterOptions,
    reading: { signal?: AbortSignal; onRow: (where: string) => void },
  ): Promise<PromptFilter> {
    const sets = options.decontaminate ?? [];
    const contamination = sets.length > 0 ? await Passages.read(sets, reading) : undefined;
    return new PromptFilter(options, contamination);
  }

  /** Why this prompt is left out, or null. */
  check(id: string, messages: readonly Message[]): Rejection<PromptFilterReject> | null {
    const text = messages.map(({ content }) => content).join("\n");
    const found = this.#contamination?.find(text);
    if (found) {
      return {
        reason: "contaminated",
        detail: `${basename(found.where)} has ${JSON.stringify(found.passage)}`,
      };
    }
    if (!this.#dedupe) return null;
    const chat = canonicalJson(messages.map(turnFields));
    if (!this.#exact.row(hash64(chat)).added) {
      return { reason: "exact_duplicate", detail: "an earlier prompt has equal messages" };
    }
    const earlier = this.#near?.add(text) ?? null;
    if (earlier !== null) {
      return { reason: "near_duplicate", detail: `nearly the prompt of id ${this.#ids[earlier]}` };
    }
    this.#ids.push(id);
    return null;
  }
}
