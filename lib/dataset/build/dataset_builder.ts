/** What a builder is: how the rows of an input become those of a dataset. Types only. */
import type { Json } from "../../core/canonical.ts";
import type { ModelIdentity } from "../../core/manifest.ts";
import type { DatasetKind } from "../../run/define_stage.ts";
import type { BuildInput } from "./build_input.ts";
import type { BuilderOptions, BuildSource } from "./build_options.ts";
import type { BuiltDataset } from "./dataset_leaf.ts";
import type { RowOutcome } from "./row_ids.ts";

/** Makes the rows of one build. What it opens, it leaves to the folder to be let go of. */
export interface RowMaker<O> {
  /** What became of the input's rows, in their order. */
  outcomes(): AsyncIterable<O>;
  /** Takes the rows of one that is kept. */
  keep(outcome: O): void | Promise<void>;
  /** Ends the files, once something was kept. */
  finish(): Promise<BuiltDataset>;
}

/** A kind of dataset. `R` are its own reasons for rejects. */
export interface DatasetBuilder<R extends string, O extends RowOutcome<R>> extends BuildSource {
  stage: string;
  kind: DatasetKind;
  options: BuilderOptions & Record<string, Json | undefined>;
  /** What affects the dataset, in the place of options of these names. */
  affects?: Record<string, Json | undefined>;
  /** Where one is used. */
  seed: number | null;
  /** The tokenizers that rows are made for. */
  tokenizers?: ModelIdentity[];
  /** What is said where nothing is kept. */
  nothing: string;
  open(input: BuildInput<R>): RowMaker<O> | Promise<RowMaker<O>>;
}
