/** What a page tells of one subject. */
import type { ChartSpec } from "../view/charts/spec.ts";
import type { RepliesSummary } from "../view/replies_summary.ts";
import type { Figure, Samples } from "./pieces.ts";
import type { Reservoir } from "./reservoir.ts";
import type { Subject } from "./subject.ts";

/** The body of a subject's section, before it is HTML. */
export interface Section {
  figures: Figure[];
  /** A sentence under the figures: what they are of, where that is not all rows. */
  note?: string;
  charts: ChartSpec[];
  /** Tables with a heading row, under the charts. */
  tables?: { title: string; head: string[]; rows: string[][] }[];
  samples: Samples[];
  /** A run's numbers, for comparing scored runs. */
  summary?: RepliesSummary;
  /** Of a scored run, each prompt's mean reward by its id, and whose rewards they are. */
  rewards?: { means: Map<string, number>; by: Set<string> };
}

/** What the readers of sections share. */
export interface SectionOptions {
  /** A sample of a subject's records. */
  reservoir: <T>(subject: Subject) => Reservoir<T>;
  /** Rows of a dataset, or records of a run, to take at most; default: all. */
  rows?: number;
  signal?: AbortSignal;
  /** Told of each record or row that was read. */
  onRow?: () => void;
}
