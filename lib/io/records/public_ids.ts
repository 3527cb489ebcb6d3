/** Ids of rows that have none, kept apart where prompts repeat. */
import { promptId } from "../../core/canonical.ts";
import type { Message, Tools } from "../../core/records.ts";
import { idOf } from "../prompts/read_prompts.ts";

/**
 * Gives ids to a public file's rows in their order. A row without an id gets its prompt's hash, and
 * where other rows without an id ask the same, `-2`, `-3` and so on after it: no row is merged into
 * another.
 */
export class PublicIds {
  readonly #seen = new Map<string, number>();

  /** The row's own id as text, else one of its own. */
  of(
    row: Record<string, unknown>,
    messages: Message[],
    where: string,
    tools?: Tools,
  ): string {
    const { id } = row;
    if (id !== undefined && id !== null && id !== "") return idOf(row, messages, where);
    const hash = promptId(messages, tools);
    const count = (this.#seen.get(hash) ?? 0) + 1;
    this.#seen.set(hash, count);
    return count === 1 ? hash : `${hash}-${count}`;
  }
}
