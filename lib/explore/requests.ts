/** What the page asks of its server. */
import { z } from "zod";
import { DECISION_ACTIONS } from "../core/decisions.ts";
import { SEARCHED, type Searched } from "./stored_rows.ts";

/** A text that is looked for. */
export const Search = z.object({
  pattern: z.string().min(1).max(2000),
  regex: z.boolean().default(false),
  where: z.enum(Object.keys(SEARCHED) as Searched[]).default("anywhere"),
});
export type Search = z.output<typeof Search>;

const row = z.number().int().nonnegative();
/** What is to be decided on some prompts; `keep` is as sampled, nothing decided. */
export const Decide = z.object({
  action: z.enum([...DECISION_ACTIONS, "keep"]),
  rows: z.array(row).min(1),
  chosen: row.optional(),
  rejected: row.optional(),
  comment: z.string().max(10_000).optional(),
});
export type Decide = z.output<typeof Decide>;
