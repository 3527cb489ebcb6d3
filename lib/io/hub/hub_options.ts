/** How a dataset of the Hub is named, and what is read of it. */

/** What begins the path of a dataset on the Hub. */
export const HUB_PREFIX = "hf/";

/** Which part of a dataset is read, and what of the surroundings is used. */
export interface HubOptions {
  /** The split to read. */
  split?: string;
  /** The configuration to read, where there are several. */
  config?: string;
  /** Of large Parquet files fetch the row groups that are read, and no others. Default: false. */
  byRanges?: boolean;
  /** A branch, a tag or a commit. Default: main. */
  revision?: string;
  /** Reads an environment variable: HF_TOKEN, HF_ENDPOINT. */
  env?: (name: string) => string | undefined;
  /** What requests go through. */
  fetch?: typeof fetch;
  /** Stops a download. */
  signal?: AbortSignal;
}
