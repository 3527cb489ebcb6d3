/** How models of `local/DIR` are run: which of a folder's graphs, and on what. */
import { z } from "zod";
import { InputError } from "../../core/errors.ts";

/** The types of weights that a graph may have, as transformers.js calls them. */
export const DTYPES = ["fp32", "fp16", "q8", "int8", "uint8", "q4", "q4f16", "bnb4"] as const;
/** What onnxruntime may run a graph on. */
const DEVICES = ["cpu", "webgpu", "cuda", "tensorrt", "coreml", "dml"] as const;

/** Which graph of a folder is run, and on what. */
export interface LocalRun {
  /** Default: `onnx/steps.onnx` where it is there, else the first of `MODEL_FILES`. */
  dtype?: typeof DTYPES[number];
  /** Default: cpu. */
  device?: typeof DEVICES[number];
}

/** To be spread into the options of stages that run models. */
export const localOptions = {
  dtype: z.enum(DTYPES).optional().describe(
    "of local/DIR, the graph with weights of this type (onnx/model_fp16.onnx); where not given " +
      "steps.onnx, else the first that is there, fp32 before others",
  ),
  device: z.enum(DEVICES).optional().describe(
    "of local/DIR, what it runs on, where onnxruntime-node can; cpu where not given",
  ),
} as const;

/** Of options those for local models. Throws `InputError` where no SPEC names one. */
export function localRunOf(specs: readonly string[], { dtype, device }: LocalRun): LocalRun {
  const flag = dtype !== undefined ? "--dtype" : device !== undefined ? "--device" : undefined;
  if (flag !== undefined && !specs.some((spec) => spec.startsWith("local/"))) {
    throw new InputError(`${flag}: is for models of local/DIR, not for ${specs.join(", ")}`);
  }
  return { dtype, device: device === "cpu" ? undefined : device };
}
