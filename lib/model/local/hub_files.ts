/** Which files of a model on the Hub are needed to run it in this process. */
import { InputError } from "../../core/errors.ts";
import { isSmallFile, type Wanted } from "../../io/hub_model.ts";
import { MODEL_FILES, STEPS_FILE } from "./folder.ts";

/** Configuration and tokenizer, and the first graph of `MODEL_FILES`, else `STEPS_FILE`, with its external data. */
export const onnxFiles: Wanted = {
  what: "onnx",
  choose: (repo, files) => {
    const names = new Set(files.map((file) => file.rfilename));
    const graph = [...MODEL_FILES, STEPS_FILE].find((name) => names.has(name));
    if (graph === undefined) throw new InputError(`${repo}: has no ONNX graph (onnx/model.onnx)`);
    return files.filter((file) =>
      isSmallFile(file) || file.rfilename === graph ||
      (file.rfilename.startsWith(graph) &&
        /^_data(_\d+)?$/.test(file.rfilename.slice(graph.length)))
    );
  },
};
