/** Rows as they are given to be exported. */
import type { Message, Tools } from "../../core/records.ts";
import type { RowForm } from "../tokens/row_form.ts";

/** A chat to be learnt; thoughts stand in tags. */
export interface ExportedChat {
  prompt: readonly Message[];
  reply: Message;
  tools?: Tools;
}

/** A prompt with two replies; thoughts stand in tags. */
export interface ExportedPair {
  prompt: readonly Message[];
  chosen: Message;
  rejected: Message;
  /** Null for a malformed reply. */
  scores: readonly [chosen: number | null, rejected: number | null];
  tools?: Tools;
  /** All replies that could be paired, the best first; with the first pair of a prompt alone. */
  ranked?: readonly { content: string; score: number }[];
}

/** What of a dataset's form shapes its exports. */
export type ExportForm = Pick<RowForm, "message" | "place" | "variables">;

/** What a dataset's rows are. */
export type ExportKind = "sft" | "dpo";
