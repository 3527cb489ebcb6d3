/** The two kinds of prompted models: a file of its own, so that stage 1 loads no schema of records. */
import { z } from "zod";

/** Think or nothink: whether a model is asked for a thought before its answer. */
export const Variant = z.enum(["think", "nothink"]);
/** @internal */
export type Variant = z.infer<typeof Variant>;
