/** axolotl: the part of a configuration that names exported files. */
import type { ExportKind } from "./export_rows.ts";

/** `datasets.yaml`, to be taken into a configuration. */
export function axolotlConfig(
  kind: ExportKind,
  splits: readonly string[],
  { place }: { place: string },
): [name: string, text: string] {
  const type = kind === "sft" ? "chat_template" : "chat_template.default";
  const lines = kind === "dpo" ? ["rl: dpo"] : [];
  for (const split of splits) {
    lines.push(split === "train" ? "datasets:" : "test_datasets:");
    lines.push(`- path: ${split}.jsonl`, "  ds_type: json", "  split: train", `  type: ${type}`);
    lines.push("  field_messages: messages");
    if (kind === "dpo") lines.push("  field_chosen: chosen", "  field_rejected: rejected");
    lines.push("  message_property_mappings:", "    role: role", "    content: content");
    // Mappings of one's own take the place of axolotl's, which have the thought's key.
    if (place !== "inline") lines.push(`    ${place}: ${place}`);
  }
  return ["datasets.yaml", lines.join("\n") + "\n"];
}
