/** `rule/ifeval`: whether an answer follows all its instructions. */
import { jsonValue } from "../../../core/json_value.ts";
import { labelText } from "../label_text.ts";
import { type Rule, unread, type Verdict, verdict } from "../verdict.ts";
import { type Arguments, type Detector, follows, UnreadableInstruction } from "./instructions.ts";

/**
 * The rule of IFEval's strict prompt-level accuracy: right where every instruction is followed.
 *
 * The label is `{instruction_id_list, kwargs}` as in the public data, also with `instruction_id`,
 * as JSON text, or as a list that holds one such object.
 */
export function ifevalRule(detector: Detector): Rule {
  return (answer: string, label: unknown): Verdict => {
    try {
      const instructions = instructionsOf(label);
      return verdict(instructions.every(({ id, args }) => follows(id, answer, args, detector)));
    } catch (error) {
      if (error instanceof UnreadableInstruction) return unread(error.message);
      throw error;
    }
  };
}

function instructionsOf(label: unknown): { id: string; args: Arguments }[] {
  const value = typeof label === "string" ? jsonValue(label) : label;
  if (typeof label === "string" && value === undefined) {
    throw new UnreadableInstruction("the label must be JSON with instruction_id_list and kwargs");
  }
  const one = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (typeof one !== "object" || one === null) {
    throw new UnreadableInstruction("the label must hold instruction_id_list and kwargs");
  }
  const { instruction_id_list, instruction_id, kwargs } = one as Record<string, unknown>;
  const listed = instruction_id_list ?? instruction_id;
  const ids = typeof listed === "string" ? [listed] : listed;
  if (!Array.isArray(ids) || ids.length === 0) {
    throw new UnreadableInstruction("the label must hold instruction_id_list and kwargs");
  }
  const given = Array.isArray(kwargs) ? kwargs : [kwargs];
  return ids.map((id, index) => ({
    id: labelText(id) ?? "",
    args: (given[index] ?? {}) as Arguments,
  }));
}
