/** A model's folder in transformers.js's layout: config.json, tokenizer.json, onnx/model.onnx. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../core/errors.ts";
import { readJsonObject } from "../../reply/chat_template.ts";
import { DTYPES, type LocalRun } from "../providers/local_options.ts";

/** The names a graph goes by, in the order they are looked for. */
export const MODEL_FILES: readonly string[] = [
  "onnx/model.onnx",
  "onnx/model_fp16.onnx",
  "onnx/model_q8.onnx",
  "onnx/model_quantized.onnx",
  "onnx/model_int8.onnx",
  "onnx/model_q4.onnx",
  "onnx/model_q4f16.onnx",
  "onnx/model_bnb4.onnx",
  "onnx/model_uint8.onnx",
];

/** The graph that scripts/export_onnx writes, for sampling alone. */
export const STEPS_FILE = "onnx/steps.onnx";

/** The fields of config.json and generation_config.json that running a model needs. */
export interface LocalConfig {
  modelType: string;
  /** The longest sequence the model can read, in tokens. */
  maxPositions: number;
  /** Tokens that end a reply: generation_config.json's, else config.json's. */
  eosIds: number[];
}

/** The names that the graph of a type may have: all of `MODEL_FILES` where none is asked for. */
export function filesOfType(dtype?: LocalRun["dtype"]): readonly string[] {
  switch (dtype) {
    case undefined:
      return MODEL_FILES;
    case "fp32":
      return ["onnx/model.onnx"];
    case "q8":
      return ["onnx/model_quantized.onnx", "onnx/model_q8.onnx"];
    default:
      return [`onnx/model_${dtype}.onnx`];
  }
}

/** A graph's file and its size; external data is not counted. */
export interface GraphFile {
  path: string;
  bytes: number;
}

/** The first graph of a type in the folder, with its size. */
export async function modelFile(
  dir: string,
  dtype?: LocalRun["dtype"],
): Promise<GraphFile> {
  for (const name of filesOfType(dtype)) {
    const path = join(dir, name);
    const info = await Deno.stat(path).catch(() => null);
    if (info?.isFile) return { path, bytes: info.size };
  }
  throw new InputError(noGraph(dir, dtype, (name) => existsSync(join(dir, name))));
}

/** That a model has no graph of a type, and which there are. */
export function noGraph(
  where: string,
  dtype: LocalRun["dtype"],
  isThere: (name: string) => boolean,
): string {
  if (dtype === undefined) {
    return `${where}: has no ONNX model (looked for ${MODEL_FILES[0]} and its kin)`;
  }
  const there = DTYPES.filter((each) => filesOfType(each).some(isThere));
  return `--dtype ${dtype}: ${where} has no ${filesOfType(dtype)[0]}` +
    (there.length > 0 ? `; it has ${there.join(", ")}` : "");
}

/** Whether the folder has `STEPS_FILE`. */
export function hasSteps(dir: string): boolean {
  return existsSync(join(dir, STEPS_FILE));
}

/** `STEPS_FILE`, with its size. */
export async function stepsFile(dir: string): Promise<GraphFile> {
  const path = join(dir, STEPS_FILE);
  return { path, bytes: (await Deno.stat(path)).size };
}

/** Reads what a folder says of its model. Throws `InputError` that names the file and the field. */
export async function readLocalConfig(dir: string): Promise<LocalConfig> {
  const config = await readJsonObject(join(dir, "config.json"));
  if (config === null) throw new InputError(`${join(dir, "config.json")}: no such file`);
  const generation = await readJsonObject(join(dir, "generation_config.json")) ?? {};
  const maxPositions = config.max_position_embeddings ?? config.n_positions;
  if (typeof maxPositions !== "number" || !(maxPositions > 0)) {
    throw new InputError(`${join(dir, "config.json")}: max_position_embeddings: not a number`);
  }
  return {
    modelType: String(config.model_type ?? ""),
    maxPositions,
    eosIds: idsOf(generation.eos_token_id) ?? idsOf(config.eos_token_id) ?? [],
  };
}

function idsOf(value: unknown): number[] | null {
  const ids = (Array.isArray(value) ? value : [value]).filter((id) => Number.isInteger(id));
  return ids.length > 0 ? ids : null;
}
