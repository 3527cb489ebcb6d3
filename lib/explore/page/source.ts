/// <reference lib="dom" />
/** Where the page's data and texts come from. */
import { decodeData, type ExplorerData } from "../columns.ts";
import type { Decision } from "../../core/decisions.ts";
import type { PromptView } from "../prompt_view.ts";
import type { Decide, Search } from "../requests.ts";
import type { RowMask } from "../../training/row_masks.ts";

/** The decisions that count. */
export interface Decided {
  /** The file as a shell takes it; null where nothing can be decided. */
  word: string | null;
  canUndo: boolean;
  decisions: (Decision & { rows: number[] })[];
}

/** A row of the prompts' table. */
export interface Preview {
  row: number;
  id: string;
  text: string;
}

/** Everything that the page asks for. Each call throws an `Error` that can be shown. */
export interface Source {
  data(): Promise<ExplorerData>;
  previews(rows: readonly number[]): Promise<Preview[]>;
  /** The page of a prompt; of its long texts the one named `whole` is. */
  prompt(row: number, whole: string | null): Promise<PromptView>;
  /** What a trainer learns of a dataset's row. */
  mask(row: number): Promise<RowMask>;
  /** Rows of replies, rising. */
  search(search: Search): Promise<Uint32Array>;
  decisions(): Promise<Decided>;
  decide(what: Decide): Promise<Decided>;
  undo(): Promise<Decided>;
}

/** The server that the page came from. */
export const serverSource: Source = {
  data: async () => decodeData(await (await ask("data")).arrayBuffer()),
  previews: (rows) => json(`prompts?rows=${rows.join()}`),
  prompt: (row, whole) =>
    json(`prompt?row=${row}${whole === null ? "" : `&whole=${encodeURIComponent(whole)}`}`),
  mask: (row) => json(`mask?row=${row}`),
  search: async (search) => new Uint32Array(await (await ask("search", search)).arrayBuffer()),
  decisions: () => json("decisions"),
  decide: (what) => json("decide", what),
  undo: () => json("undo", {}),
};

async function json<T>(path: string, body?: unknown): Promise<T> {
  return await (await ask(path, body)).json();
}

async function ask(path: string, body?: unknown): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(
      `./${path}`,
      body === undefined ? {} : {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      },
    );
  } catch {
    throw new Error("the explorer's server does not answer: is it still running?");
  }
  if (!response.ok) throw new Error((await response.text()).trim());
  return response;
}
