/** The causal model of a folder, by the graph that is there. */
import type { CausalModel } from "./causal_model.ts";
import { hasSteps } from "./folder.ts";
import { PlainModel } from "./plain_model.ts";
import { StepsModel } from "./steps_model.ts";

/** Loads a folder's `onnx/steps.onnx`, else its graph of transformers.js's form. `InputError`. */
export async function openCausalModel(dir: string, threads?: number): Promise<CausalModel> {
  return await hasSteps(dir)
    ? await StepsModel.open(dir, threads)
    : await PlainModel.open(dir, threads);
}
