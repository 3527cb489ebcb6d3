/** Rows of several prompts in one batch, for graphs of `scripts/export_onnx`: each prompt's cache is there once. */
import type { Batch, Next, Prefill, Sequence } from "./causal_model.ts";
import { KeyValueStore } from "./key_value_store.ts";
import { CHUNK, HIDDEN, type StepsGraph } from "./steps_graph.ts";

/** Replies' caches grow by so many positions. */
const GROWTH = 32;
/** Prompts up to this length go together; longer ones where none is twice as long as another. */
const SHORT = 256;

interface Prompt<Row> {
  readonly length: number;
  readonly rows: Row[];
}

/** A batch that rows of many prompts share; rows join and leave between steps. */
export class SharedBatch<Row extends Sequence> implements Batch<Row> {
  readonly rows: Row[] = [];
  readonly #graph: Pick<StepsGraph, "shape" | "run">;
  /** Whether weights of warm rows may come from the graph. */
  readonly #exact: boolean;
  readonly #prompts: Prompt<Row>[] = [];
  readonly #promptOf = new Map<Row, Prompt<Row>>();
  readonly #prefixes: KeyValueStore;
  readonly #own: KeyValueStore;

  constructor(graph: Pick<StepsGraph, "shape" | "run">, { exact }: { exact: boolean }) {
    this.#graph = graph;
    this.#exact = exact;
    this.#prefixes = new KeyValueStore(graph.shape, CHUNK);
    this.#own = new KeyValueStore(graph.shape, GROWTH);
  }

  takes(length: number): boolean {
    const longest = Math.max(SHORT, ...this.#prompts.map((prompt) => prompt.length));
    const other = Math.max(SHORT, length);
    return this.rows.length === 0 || (other <= 2 * longest && longest <= 2 * other);
  }

  join(prefill: Prefill, rows: readonly Row[]): void {
    const prompt = { length: prefill.tokens.length, rows: [...rows] };
    const place = this.#prompts.push(prompt) - 1;
    const longest = Math.max(...this.#prompts.map(({ length }) => length));
    this.#prefixes.reserve(place + 1, longest, place);
    const stored = Math.ceil(prompt.length / CHUNK) * CHUNK;
    this.#prefixes.put(place, prefill.cache as readonly Float32Array[], stored);
    this.#own.reserve(this.rows.length + rows.length, this.#longestOwn(), this.rows.length);
    for (const row of rows) {
      this.#promptOf.set(row, prompt);
      this.#own.clear(this.rows.push(row) - 1);
    }
  }

  async step(): Promise<Next[]> {
    const rows = this.rows.length;
    this.#own.reserve(rows, this.#longestOwn() + 1, rows);
    const prefix = this.#prefixes.length, own = this.#own.length;
    const all = prefix + own + 1, bias = new Float32Array(rows * all).fill(HIDDEN);
    const lengths = this.rows.map((row) => this.#ownLength(row));
    this.rows.forEach((row, at) => {
      const start = at * all;
      bias.fill(0, start, start + this.#promptOf.get(row)!.length);
      bias.fill(0, start + prefix, start + prefix + lengths[at]!);
      bias[start + all - 1] = 0;
    });
    const { next, fresh } = await this.#graph.run({
      tokens: this.rows.map((row) => row.tokens.at(-1)!),
      positions: this.rows.map((row) => row.tokens.length - 1),
      rows,
      width: 1,
      bias,
      prefix: {
        data: this.#prefixes.first(this.#prompts.length),
        places: this.#prompts.length,
        length: prefix,
      },
      own: { data: this.#own.first(rows), length: own },
      temperatures: this.#exact ? this.rows.map((row) => row.temperature) : undefined,
      ...this.#groups(),
    });
    for (let row = 0; row < rows; row++) this.#own.write(row, lengths[row]!, fresh, row, 1);
    return next;
  }

  /** What stands last takes the place of what leaves. */
  remove(row: Row): void {
    const prompt = this.#promptOf.get(row);
    if (prompt === undefined) return;
    this.#promptOf.delete(row);
    moveLast(this.rows, row, this.#own);
    prompt.rows.splice(prompt.rows.indexOf(row), 1);
    if (prompt.rows.length === 0) moveLast(this.#prompts, prompt, this.#prefixes);
  }

  /** A prompt with fewer rows than another, or with one alone, counts one of them again. */
  #groups(): { slots: number[]; places: number[] } {
    const each = Math.max(2, ...this.#prompts.map(({ rows }) => rows.length));
    const placeOf = new Map(this.rows.map((row, place) => [row, place]));
    const slots: number[] = [], places = new Array<number>(this.rows.length);
    for (const prompt of this.#prompts) {
      for (let i = 0; i < each; i++) {
        const row = placeOf.get(prompt.rows[i] ?? prompt.rows[0]!)!;
        if (i < prompt.rows.length) places[row] = slots.length;
        slots.push(row);
      }
    }
    return { slots, places };
  }

  /** Positions of a row's reply that are cached. */
  #ownLength(row: Row): number {
    return row.tokens.length - 1 - this.#promptOf.get(row)!.length;
  }

  #longestOwn(): number {
    return this.rows.reduce((most, row) => Math.max(most, this.#ownLength(row)), 0);
  }
}

function moveLast<T>(list: T[], leaving: T, store: KeyValueStore): void {
  const place = list.indexOf(leaving), last = list.length - 1;
  if (place !== last) {
    store.move(last, place);
    list[place] = list[last]!;
  }
  list.pop();
}
