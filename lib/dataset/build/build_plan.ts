/** What a builder tells of itself before it begins, from its options. */
import type { Json } from "../../core/canonical.ts";
import { readingOf } from "../../io/input_options.ts";
import type { ModelIdentity } from "../../core/manifest.ts";
import type { InputPaths } from "../../io/input_files.ts";
import { EVALUATION_READING } from "../filter/contamination.ts";
import type { DatasetBuild } from "./dataset_folder.ts";

/** The options that all builders have. */
interface CommonOptions {
  out: string;
  overwrite: boolean;
  allowPartial: boolean;
  maxBadRows: number;
  split?: string;
  keep: string[];
  decontaminate: string[];
  excludeIds?: string;
  decisions?: string;
}

/** Options that do not affect a dataset, or whose files are hashed as inputs. */
const APART = [
  "in",
  "prompts",
  "out",
  "overwrite",
  "allowPartial",
  "maxBadRows",
  "excludeIds",
  "decisions",
];

/**
 * The plan of a build.
 *
 * @param own the input's paths, what affects the dataset in the place of options of these names, the
 * seed where one is used, and the tokenizers that were opened.
 */
export function buildPlan<O extends CommonOptions & Record<string, Json | undefined>>(
  stage: string,
  kind: DatasetBuild["kind"],
  options: O,
  own: {
    paths: InputPaths;
    affects?: Record<string, Json | undefined>;
    seed: number | null;
    tokenizers?: ModelIdentity[];
  },
): DatasetBuild {
  const affecting = Object.entries(options).filter(([name]) => !APART.includes(name));
  return {
    stage,
    kind,
    out: options.out,
    overwrite: options.overwrite,
    inputs: [
      { paths: own.paths, reading: readingOf(options) },
      { paths: options.decontaminate, reading: EVALUATION_READING },
    ],
    files: [options.excludeIds, options.decisions],
    options,
    affects: {
      ...Object.fromEntries(affecting),
      keep: options.keep.length > 0 ? options.keep : undefined,
      decontaminate: options.decontaminate.length,
      ...own.affects,
    },
    seed: own.seed,
    tokenizers: own.tokenizers,
  };
}
