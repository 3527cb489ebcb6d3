/** What a person decided about a prompt by hand: a line of the decisions file. */
import { z } from "zod";

/** What can be decided. */
export const DECISION_ACTIONS = ["exclude", "pair", "flag"] as const;

const reply = z.number().int().nonnegative();

/**
 * One decision. `exclude` leaves the prompt out of a dataset, `pair` takes the place of the
 * strategy's pair, `flag` changes nothing and is there to be found again. Of several lines with one
 * id the last counts.
 *
 * @example
 * ```ts
 * import { Decision } from "./decisions.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(Decision.safeParse({ id: "p1", action: "exclude" }).success, true);
 * assert.equal(Decision.safeParse({ id: "p1", action: "pair", chosen: 3 }).success, false);
 * ```
 */
export const Decision = z.object({
  id: z.string().min(1).describe("the prompt's id: of its row, else a hash of its messages"),
  action: z.enum(DECISION_ACTIONS).describe(
    "leave the prompt out, take this pair, or find it again",
  ),
  chosen: reply.optional().describe("for pair: the chosen reply's index"),
  rejected: reply.optional().describe("for pair: the rejected reply's index"),
  comment: z.string().optional().describe("why, in words"),
}).superRefine(({ action, chosen, rejected }, context) => {
  const complain = (field: string, message: string) =>
    context.addIssue({ code: "custom", path: [field], message });
  for (const [field, value] of Object.entries({ chosen, rejected })) {
    if (action === "pair" && value === undefined) complain(field, "a pair needs it");
    if (action !== "pair" && value !== undefined) {
      complain(field, `goes with a pair, not ${action}`);
    }
  }
  if (chosen !== undefined && chosen === rejected) {
    complain("rejected", "must be another reply than chosen");
  }
});
/** @internal */
export type Decision = z.infer<typeof Decision>;
