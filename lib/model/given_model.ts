/** A model that a caller brings is looked at before it is asked: cells of notebooks are not type-checked. */
import { z } from "zod";
import { InputError } from "../core/errors.ts";
import { firstFault } from "../core/rule_words.ts";

const aFunction = z.custom((value) => typeof value === "function", "must be a function");
const common = {
  name: z.string().min(1),
  version: z.string().optional(),
  concurrency: z.number().int().positive(),
};

const FORMS = {
  ChatModel: z.object({ ...common, reply: aFunction }),
  Policy: z.object({
    model: z.object({ ...common, complete: aFunction }),
    render: aFunction,
    templateHash: z.string(),
  }),
  RewardModel: z.object({ ...common, score: aFunction }),
};

/** Throws `InputError` naming the first field that a model of this type has to have and lacks. */
export function checkGiven(model: unknown, type: keyof typeof FORMS): void {
  const parsed = FORMS[type].safeParse(model);
  if (parsed.success) return;
  const { field, rule } = firstFault(parsed.error);
  const fields = Object.keys(FORMS[type].shape).filter((name) => name !== "version").join(", ");
  throw new InputError(`model${field && `.${field}`}: ${rule} (a ${type} has ${fields})`);
}
