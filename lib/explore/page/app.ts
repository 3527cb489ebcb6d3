/// <reference lib="dom" />
/** What is known and asked for, and how the views hear of changes. */
import { type Column, type ExplorerData, NONE } from "../columns.ts";
import type { Decision } from "../../core/decisions.ts";
import { showHidden } from "../../core/hidden_characters.ts";
import { announce, count } from "./dom.ts";
import { type Filter, Filters, type Remaining } from "./filters.ts";
import type { Looked } from "./groups.ts";
import type { Decide, Search } from "../requests.ts";
import type { Decided, Source } from "./source.ts";
import { formatState, parseState, type State } from "./state.ts";

/** The column of what was decided; the page makes it. */
const DECISION = { name: "decision", label: "decision", of: "prompt", kind: "category" } as const;

/** The explorer's one state. */
export class App {
  readonly source: Source;
  readonly data: ExplorerData;
  readonly filters: Filters;
  /** What there is without any filter. */
  all: Remaining;
  remaining: Remaining;
  state: State;
  decided: Decided;
  /** The decision that counts, by the prompt's row. */
  readonly decisions = new Map<number, Decision>();
  /** Called after every change. */
  onChange: () => void = () => {};
  /** Told of what goes wrong. */
  onError: (message: string) => void = () => {};
  #searched = "";

  private constructor(source: Source, data: ExplorerData, decided: Decided) {
    this.source = source;
    this.data = data;
    this.filters = new Filters(data);
    this.decided = decided;
    this.#takeDecisions();
    this.all = this.filters.count();
    this.remaining = this.all;
    this.state = parseState(location.hash, data.columns);
  }

  static async open(source: Source): Promise<App> {
    const [data, decided] = await Promise.all([source.data(), source.decisions()]);
    // A kept column may be called anything; an address holds no half of a pair of UTF-16.
    for (const column of data.columns) {
      column.label = showHidden(column.label) || "(no name)";
      column.name = column.name.toWellFormed();
      column.names = column.names?.map((name) => name.toWellFormed());
    }
    const app = new App(source, data, decided);
    for (const [name, filter] of Object.entries(app.state.filters)) app.filters.set(name, filter);
    await app.#takeSearch();
    app.remaining = app.filters.count();
    // Back, forward, or a link that was pasted.
    addEventListener("hashchange", () => app.#take(parseState(location.hash, data.columns)));
    if (decided.word !== null) addEventListener("focus", () => void app.refresh());
    return app;
  }

  /** Changes the state, without filters and search; `push` makes a place to come back to. */
  go(change: Partial<Omit<State, "filters" | "search">>): void {
    const push = change.view !== undefined || change.prompt !== undefined;
    this.state = { ...this.state, ...change };
    this.#writeAddress(push);
    this.onChange();
  }

  setFilter(name: string, filter: Filter | null): void {
    const { [name]: _, ...others } = this.state.filters;
    const filters = filter === null ? others : { ...others, [name]: filter };
    void this.#take({ ...this.state, filters });
  }

  /** Sets or clears the text that is looked for. */
  async setSearch(search: Search | null): Promise<void> {
    await this.#take({ ...this.state, search });
  }

  clearFilters(): void {
    void this.#take({ ...this.state, filters: {}, search: null });
  }

  /** What the filters leave, as lists and tables look at it. */
  looked(): Looked {
    const { data, filters, remaining: { shown } } = this;
    return { data, shown, remains: (prompt, reply) => filters.remains(prompt, reply) };
  }

  /** The rows of the prompts that remain. */
  shownRows(): number[] {
    return [...this.remaining.shown.keys()].filter((row) => this.remaining.shown[row]);
  }

  /** Decides; an empty comment is none, and what is kept as sampled has none. */
  async decide({ comment = "", ...what }: Decide): Promise<void> {
    const { action, rows } = what;
    const prompts = rows.length === 1 ? "a prompt" : `${count(rows.length)} prompts`;
    const text = action === "keep" ? "" : comment.trim();
    const decided = text === "" ? what : { ...what, comment: text };
    await this.#deciding(() => this.source.decide(decided), `${action}: ${prompts}`);
  }

  async undo(): Promise<void> {
    await this.#deciding(() => this.source.undo(), "undone");
  }

  async #deciding(ask: () => Promise<Decided>, said: string): Promise<void> {
    try {
      this.decided = await ask();
    } catch (error) {
      this.onError((error as Error).message);
      return await this.refresh();
    }
    announce(said);
    this.#showDecisions();
  }

  /** Takes what was decided elsewhere meanwhile: in another tab, or by hand in the file. */
  async refresh(): Promise<void> {
    const before = JSON.stringify(this.decided);
    try {
      const decided = await this.source.decisions();
      if (JSON.stringify(decided) === before) return;
      this.decided = decided;
    } catch (error) {
      return this.onError((error as Error).message);
    }
    this.#showDecisions();
  }

  #showDecisions(): void {
    this.#takeDecisions();
    const filter = this.state.filters[DECISION.name];
    if (filter) this.filters.set(DECISION.name, filter);
    this.#recount();
  }

  #takeDecisions(): void {
    this.decisions.clear();
    const names = [NONE, "exclude", "pair", "flag"];
    const data = new Uint16Array(this.data.first.length - 1);
    for (const { rows, ...decision } of this.decided.decisions) {
      for (const row of rows) {
        this.decisions.set(row, decision);
        data[row] = names.indexOf(decision.action);
      }
    }
    const column: Column = { ...DECISION, names, data };
    this.filters.replace(column);
    if (this.all === undefined) return;
    const all = new Uint32Array(names.length + 1);
    for (const code of data) all[code]!++;
    this.all.counts.set(DECISION.name, all);
  }

  async #takeSearch(): Promise<void> {
    const { search } = this.state;
    const asked = search === null ? "" : JSON.stringify(search);
    if (asked === this.#searched) return;
    try {
      this.filters.setSearch(search === null ? null : await this.source.search(search));
      this.#searched = asked;
    } catch (error) {
      this.filters.setSearch(null);
      this.state = { ...this.state, search: null };
      this.#searched = "";
      this.onError((error as Error).message);
    }
  }

  /** Takes filters and search as they are to be, those that changed, and counts anew. */
  async #take(next: State): Promise<void> {
    const before = this.state;
    this.state = next;
    for (const name of Object.keys({ ...before.filters, ...next.filters })) {
      const filter = next.filters[name];
      if (filter !== before.filters[name]) this.filters.set(name, filter ?? null);
    }
    if (next.search !== before.search) await this.#takeSearch();
    this.#recount();
  }

  #recount(): void {
    this.remaining = this.filters.count();
    this.#writeAddress(false);
    this.onChange();
  }

  #writeAddress(push: boolean): void {
    const hash = formatState(this.state);
    if (hash === location.hash) return;
    if (push) history.pushState(null, "", hash);
    else history.replaceState(null, "", hash);
  }
}
