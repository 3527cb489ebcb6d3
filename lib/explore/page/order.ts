/** Prompts in the order of one of their columns. Pure. */
import { columnOf, type ExplorerData } from "../columns.ts";

/** The prompts that are shown, sorted by a column of prompts; those without a value come last. */
export function sortedPrompts(
  data: ExplorerData,
  shown: Uint8Array,
  { column, down }: { column: string; down: boolean },
): Uint32Array {
  const rows = Uint32Array.from(shown.keys()).filter((row) => shown[row]);
  const by = columnOf(data, column);
  if (by === undefined || by.of !== "prompt") return rows;
  const rank = by.kind === "category" ? ranksOf(by.names!, by.data) : by.data;
  const sign = down ? -1 : 1;
  return rows.sort((a, b) => {
    const x = rank[a]!, y = rank[b]!;
    if (Number.isNaN(x) || Number.isNaN(y)) {
      return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a - b;
    }
    return sign * (x - y) || a - b;
  });
}

/** Codes by the order of their names. */
function ranksOf(names: readonly string[], codes: ArrayLike<number>): Uint32Array {
  const order = names.map((_, code) => code).sort((a, b) =>
    names[a]!.localeCompare(names[b]!, "en")
  );
  const rank = new Uint32Array(names.length);
  order.forEach((code, at) => rank[code] = at);
  return Uint32Array.from(codes, (code) => rank[code]!);
}
