/** Which files of a model on the Hub are needed to run it in this process. */
import { InputError } from "../../core/errors.ts";
import {
  type HubContext,
  isSmallFile,
  resolveFolder,
  type Wanted,
} from "../../io/hub/hub_model.ts";
import type { LocalRun } from "../providers/local_options.ts";
import { filesOfType, MODEL_FILES, noGraph, STEPS_FILE } from "./folder.ts";

/**
 * The folder that a SPEC's name stands for: itself where it exists, else the Hub's model of that
 * name, downloaded once. Throws `InputError` where there is neither.
 */
export function resolveLocal(
  name: string,
  context: HubContext,
  { dtype }: LocalRun = {},
): Promise<string> {
  return resolveFolder(name, context, onnxFiles(dtype), { bare: true });
}

/**
 * Configuration and tokenizer, and the graph of a type, else the first of `MODEL_FILES`, else
 * `STEPS_FILE`, with its external data.
 */
export const onnxFiles = (dtype?: LocalRun["dtype"]): Wanted => ({
  choose: (repo, files) => {
    const names = new Set(files.map((file) => file.rfilename));
    const known = dtype === undefined ? [...MODEL_FILES, STEPS_FILE] : filesOfType(dtype);
    const graph = known.find((name) => names.has(name));
    if (graph === undefined) {
      throw new InputError(
        dtype === undefined
          ? `${repo}: has no ONNX graph (onnx/model.onnx)`
          : noGraph(repo, dtype, (name) => names.has(name)),
      );
    }
    return files.filter((file) =>
      isSmallFile(file) || file.rfilename === graph ||
      (file.rfilename.startsWith(graph) &&
        /^_data(_\d+)?$/.test(file.rfilename.slice(graph.length)))
    );
  },
});
