/** `lineage.json`: what a trainer or an exporter did to a model, told in the folder that it left. */
import { z } from "zod";

/** The file in a model's folder. */
export const LINEAGE_FILE = "lineage.json";

/** Where a folder's weights come from. Written by whoever made them. */
export const Lineage = z.object({
  made_by: z.string().optional().describe("what made them, in words: trl 1.16, export_onnx"),
  source: z.object({
    path: z.string().describe("its folder"),
    weights: z.string().describe(
      "SHA-256 over the lines HASH  PATH of its files of weights, by path, as in a manifest",
    ),
  }).describe("the model that was trained or converted"),
  dataset: z.object({
    path: z.string().describe("its folder"),
    manifest: z.string().describe("SHA-256 of its manifest.json"),
  }).optional().describe("the dataset that it was trained on; none where it was only converted"),
});
export type Lineage = z.infer<typeof Lineage>;
