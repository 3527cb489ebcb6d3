/** LLaMA-Factory: its list of datasets (`dataset_dir`), and turns in its sharegpt format. */
import type { Message } from "../../core/records.ts";
import type { ExportKind } from "./export_rows.ts";

/** `dataset_info.json`: each split is the dataset `thinkset_SPLIT`. */
export function llamaFactoryInfo(
  kind: ExportKind,
  splits: readonly string[],
  { hasTools }: { hasTools: boolean },
): [name: string, text: string] {
  const pairs = { chosen: "chosen", rejected: "rejected" };
  const info = Object.fromEntries(splits.map((split) => [`thinkset_${split}`, {
    file_name: `${split}.jsonl`,
    formatting: "sharegpt",
    ...(kind === "dpo" ? { ranking: true } : {}),
    columns: {
      messages: "messages",
      ...(kind === "dpo" ? pairs : {}),
      // A column that no row has would be an error there.
      ...(hasTools ? { tools: "tools" } : {}),
    },
    tags: {
      role_tag: "role",
      content_tag: "content",
      user_tag: "user",
      assistant_tag: "assistant",
      system_tag: "system",
      ...(hasTools ? { observation_tag: "observation", function_tag: "function_call" } : {}),
    },
  }]));
  return ["dataset_info.json", JSON.stringify(info, null, 2) + "\n"];
}

/** Turns with calls of tools as `function_call` and `observation`; a call's thought is before it. */
export function llamaFactoryTurns(
  messages: readonly Message[],
): { role: string; content: string }[] {
  return messages.map(({ role, content, tool_calls }) => {
    if (role === "tool") return { role: "observation", content };
    if (tool_calls === undefined) return { role, content };
    const calls = tool_calls.map(({ function: { name, arguments: own } }) => (
      { name, arguments: own }
    ));
    const text = JSON.stringify(calls.length === 1 ? calls[0] : calls);
    return { role: "function_call", content: content + text };
  });
}
