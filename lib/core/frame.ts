/** The frames of Polars, by their type alone: the package is loaded where one is made. */
import type { DataFrame as PolarsFrame } from "nodejs-polars";

/**
 * A data frame of Polars (nodejs-polars).
 *
 * @internal
 */
export type DataFrame = PolarsFrame;
