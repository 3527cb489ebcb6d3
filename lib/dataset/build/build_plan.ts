/** What a builder tells of itself before it begins, from its options. */
import type { Json } from "../../core/canonical.ts";
import { readingOf } from "../../io/input_options.ts";
import type { ModelIdentity } from "../../core/manifest.ts";
import type { InputFilesOptions, InputPaths } from "../../io/input_files.ts";
import type { DatasetKind } from "../../run/define_stage.ts";
import { EVALUATION_READING } from "../filter/passages.ts";
import type { BuildInputOptions } from "./build_input.ts";

/** What a builder tells of itself before it begins. */
export interface BuildPlan {
  stage: string;
  kind: DatasetKind;
  out: string;
  overwrite: boolean;
  input: BuildInputOptions & { paths: InputPaths };
  /** The inputs, as the user gave them, and how each is read. */
  inputs: readonly { paths: InputPaths; reading: InputFilesOptions }[];
  /** Other files that the build goes by. */
  files: readonly (string | undefined)[];
  /** All options, for the manifest. */
  options: Record<string, Json | undefined>;
  /** What affects the dataset, the inputs aside. */
  affects: Record<string, Json | undefined>;
  seed: number | null;
  /** The tokenizers that rows are made for, as the manifest tells of them. */
  tokenizers?: ModelIdentity[];
}

/** The options that all builders have. */
interface CommonOptions extends BuildInputOptions {
  out: string;
  overwrite: boolean;
  keep: string[];
  decontaminate: string[];
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
  "rewardCheck",
];

/**
 * The plan of a build.
 *
 * @param own the input's paths, other files that it goes by, what affects the dataset in the place of options of these names, the
 * seed where one is used, and the tokenizers that were opened.
 */
export function buildPlan<O extends CommonOptions & Record<string, Json | undefined>>(
  stage: string,
  kind: DatasetKind,
  options: O,
  own: {
    paths: InputPaths;
    /** Other files that it goes by. */
    files?: (string | undefined)[];
    affects?: Record<string, Json | undefined>;
    seed: number | null;
    tokenizers?: ModelIdentity[];
    seenOnceKept?: boolean;
  },
): BuildPlan {
  const affecting = Object.entries(options).filter(([name]) => !APART.includes(name));
  return {
    stage,
    kind,
    out: options.out,
    overwrite: options.overwrite,
    input: { ...options, paths: own.paths, seenOnceKept: own.seenOnceKept },
    inputs: [
      { paths: own.paths, reading: readingOf(options) },
      { paths: options.decontaminate, reading: EVALUATION_READING },
    ],
    files: [options.excludeIds, options.decisions, ...own.files ?? []],
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
