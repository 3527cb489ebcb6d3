/** The programs that datasets are exported for: a row each. */
import { InputError } from "../../core/errors.ts";
import type { Message, Tools } from "../../core/records.ts";
import { axolotlConfig } from "./axolotl.ts";
import type { ExportedChat, ExportedPair, ExportForm, ExportKind } from "./export_rows.ts";
import { llamaFactoryInfo, llamaFactoryTurns } from "./llama_factory.ts";
import { swiftTurns } from "./ms_swift.ts";

interface ExportTarget {
  /** Lines of a chat, or of a pair; what a program has no rows for is left out. */
  sft?(row: ExportedChat, form: ExportForm): object[];
  dpo?(row: ExportedPair, form: ExportForm): object[];
  /** A file by which the program finds the data: its name and its text. */
  index?(
    kind: ExportKind,
    splits: readonly string[],
    rows: { place: string; hasTools: boolean },
  ): [name: string, text: string];
}

const turns = (messages: readonly Message[], form: ExportForm) => messages.map(form.message);
const toolsOf = ({ tools }: { tools?: Tools }) => (tools === undefined ? {} : { tools });
const toolText = ({ tools }: { tools?: Tools }) =>
  tools === undefined ? {} : { tools: JSON.stringify(tools) };
/** What TRL gives to the chat template. */
const settings = (row: { tools?: Tools }, { variables }: ExportForm) => ({
  ...toolsOf(row),
  ...(Object.keys(variables).length === 0 ? {} : { chat_template_kwargs: variables }),
});

const TARGETS = {
  // Dataset formats of TRL's documentation: prompt-completion, and preference with its prompt.
  "trl": {
    sft: (row, form) => [{
      prompt: turns(row.prompt, form),
      completion: turns([row.reply], form),
      ...settings(row, form),
    }],
    dpo: (row, form) => [{
      prompt: turns(row.prompt, form),
      chosen: turns([row.chosen], form),
      rejected: turns([row.rejected], form),
      ...settings(row, form),
    }],
  },
  // type: chat_template, and chat_template.default for pairs.
  "axolotl": {
    sft: (row, form) => [{ messages: turns([...row.prompt, row.reply], form), ...toolsOf(row) }],
    dpo: (row, form) => [{
      messages: turns(row.prompt, form),
      chosen: form.message(row.chosen),
      rejected: form.message(row.rejected),
      ...toolsOf(row),
    }],
    index: axolotlConfig,
  },
  // Its sharegpt format, which reads a turn's content alone: thoughts stay in tags there.
  "llama-factory": {
    sft: (row) => [{ messages: llamaFactoryTurns([...row.prompt, row.reply]), ...toolText(row) }],
    dpo: (row) => [{
      messages: llamaFactoryTurns(row.prompt),
      chosen: row.chosen,
      rejected: row.rejected,
      ...toolText(row),
    }],
    index: llamaFactoryInfo,
  },
  // Its standard format; thoughts stay in tags, which its templates look for.
  "ms-swift": {
    sft: (row) => [{ messages: swiftTurns([...row.prompt, row.reply]), ...toolText(row) }],
    dpo: (row) => [{
      messages: swiftTurns([...row.prompt, row.chosen]),
      rejected_response: row.rejected.content,
      ...toolText(row),
    }],
  },
  // --input_key messages --apply_chat_template; --prompt_key prompt --chosen_key chosen for pairs. It
  // renders without tools.
  "openrlhf": {
    sft: (row, form) =>
      row.tools === undefined ? [{ messages: turns([...row.prompt, row.reply], form) }] : [],
    dpo: (row, form) =>
      row.tools === undefined
        ? [{
          prompt: turns(row.prompt, form),
          chosen: turns([row.chosen], form),
          rejected: turns([row.rejected], form),
        }]
        : [],
  },
  // TRL's unpaired preference: each reply of a pair by itself.
  "kto": {
    dpo: (row, form) =>
      [row.chosen, row.rejected].map((reply, at) => ({
        prompt: turns(row.prompt, form),
        completion: turns([reply], form),
        label: at === 0,
        ...settings(row, form),
      })),
  },
  // TRL's RewardTrainer: whole chats, and by how much one is better.
  "reward-model": {
    dpo: (row, form) => [{
      chosen: turns([...row.prompt, row.chosen], form),
      rejected: turns([...row.prompt, row.rejected], form),
      ...(row.scores.includes(null) ? {} : { margin: row.scores[0]! - row.scores[1]! }),
      ...toolsOf(row),
    }],
  },
  // All replies of a prompt, the best first.
  "ranked": {
    dpo: (row, form) =>
      row.ranked === undefined ? [] : [{
        prompt: turns(row.prompt, form),
        completions: row.ranked.map(({ content }) => turns([{ role: "assistant", content }], form)),
        scores: row.ranked.map(({ score }) => score),
        ...settings(row, form),
      }],
  },
} as const satisfies Record<string, ExportTarget>;

/** What `--export` takes. */
export type ExportName = keyof typeof TARGETS;
export const EXPORTS = Object.keys(TARGETS) as [ExportName, ...ExportName[]];

/** A target by its name. */
export function exportTarget(name: ExportName): ExportTarget {
  return TARGETS[name];
}

/** @throws {InputError} for a target that has no rows of this kind. */
export function checkExports(names: readonly ExportName[], kind: ExportKind): void {
  const wrong = names.find((name) => exportTarget(name)[kind] === undefined);
  if (wrong === undefined) return;
  throw new InputError(`--export ${wrong}: its rows are of pairs: give it to build-dpo`);
}
