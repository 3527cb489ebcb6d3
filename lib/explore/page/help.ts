/// <reference lib="dom" />
/** The keys, and how pairs are chosen. */
import type { ExplorerData } from "../columns.ts";
import { h, hint, table } from "./dom.ts";

const KEYS: [keys: string, does: string][] = [
  ["1 to 5", "overview, prompts, extremes, compare, decisions"],
  ["/", "search"],
  ["↑ ↓ or k j, PgUp PgDn, Home End", "in the table: another row"],
  ["Enter", "in the table: open the prompt"],
  ["← → or p n", "on a prompt's page: the one before, the next"],
  ["t", "on a prompt's page: open or fold all thoughts"],
  ["m", "on a prompt's page: what a trainer learns of a dataset's row"],
  ["x, f, c", "exclude, flag, keep (clear the decision)"],
  ["u", "undo the last decision"],
  ["Esc", "back to the table; leave a field"],
];

/** What the help says. */
export function helpElement({ pairing, rewardModels }: ExplorerData): HTMLElement {
  return h(
    "div",
    table([], KEYS),
    hint(`Pairs as build-dpo chooses them: ${pairing}.`),
    rewardModels.length > 0 && hint(`Reward models: ${rewardModels.join(", ")}.`),
  );
}
