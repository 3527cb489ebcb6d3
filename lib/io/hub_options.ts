/** How a dataset of the Hub is named, and what is read of it. */

/** What begins the path of a dataset on the Hub. */
export const HUB_PREFIX = "hf/";

/** Which part of a dataset is read, and what of the surroundings is used. */
export interface HubOptions {
  split?: string;
  config?: string;
  /** A branch, a tag or a commit. Default: main. */
  revision?: string;
  env?: (name: string) => string | undefined;
  fetch?: typeof fetch;
}
