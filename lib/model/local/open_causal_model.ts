/** The causal model of a folder, by the graph that is there. */
import type { CausalModel } from "./causal_model.ts";
import type { SessionOptions } from "./onnx_session.ts";
import { hasSteps } from "./folder.ts";
import { PlainModel } from "./plain_model.ts";
import { StepsModel } from "./steps_model.ts";

/**
 * Loads a folder's `onnx/steps.onnx` where no type of weights is asked for, else its graph of
 * transformers.js's form. Throws `InputError`.
 */
export async function openCausalModel(
  dir: string,
  options: SessionOptions = {},
): Promise<CausalModel> {
  return options.dtype === undefined && hasSteps(dir)
    ? await StepsModel.open(dir, options)
    : await PlainModel.open(dir, options);
}
