/** Where a builder writes, and what it is told. */
import type { StageContext } from "../../core/context.ts";
import type { RejectsFile } from "./rejects_file.ts";

/** The folder of a build; `R` are the reasons that the stage may reject for. */
export interface BuildFolder<R extends string = string> {
  /** The temporary folder: what is written here stands under OUT at the end. */
  root: string;
  rejects: RejectsFile<R>;
  context: StageContext;
  /** Whether turns are written as JSON from the first row on. */
  json: boolean;
  /** What is let go of at the end, however the build ends. */
  opened: AsyncDisposableStack;
  /** The input's files, in the order they are read. */
  files: readonly string[];
  /** Takes what is read of them, once each, for their hashes. */
  onChunk: (path: string, chunk: Uint8Array) => void;
  /** Counts a row of the input that was read. */
  onRow: () => void;
}
