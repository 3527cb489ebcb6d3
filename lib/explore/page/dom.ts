/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * Elements and numbers as a person reads them. Texts become text nodes, never HTML, and what they
 * hide is shown.
 */
import { showHidden } from "../../core/hidden_characters.ts";

export type Child = Node | string | number | null | undefined | false | Child[];
type Props = Record<string, unknown>;

/**
 * An element. Of its properties, which may be left out, those that are functions listen to an event
 * (`onclick`), booleans are set or left out, all others are attributes.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  ...parts: [Props, ...Child[]] | Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  const [props, ...children] = isProps(parts[0]) ? parts : [{}, ...parts];
  for (const [name, value] of Object.entries(props as Props)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") {
      element.addEventListener(name.slice(2), value as EventListener);
    } else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children as Child[]);
  return element;
}

function isProps(part: unknown): boolean {
  return typeof part === "object" && part !== null && !Array.isArray(part) &&
    !(part instanceof Node);
}

function append(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(element, child);
    else element.append(child instanceof Node ? child : showHidden(String(child)));
  }
}

/** A part of the page with a heading, and what stands beside that. */
export function card(
  title: string,
  { beside, label = title }: { beside?: Child; label?: string },
  ...children: Child[]
): HTMLElement {
  const header = h("header", h("h3", title), beside);
  return h("section", { class: "card", "aria-label": label }, header, ...children);
}

/** A table; the first cell of each line heads it. Without `heads` there is no heading row. */
export function table(heads: readonly string[], lines: readonly Child[][]): HTMLElement {
  const head = h("tr", heads.map((text) => h("th", { scope: "col" }, text)));
  const body = lines.map(([first, ...cells]) =>
    h("tr", h("th", { scope: "row" }, first), cells.map((cell) => h("td", cell)))
  );
  return h("table", heads.length > 0 && h("thead", head), h("tbody", body));
}

/** A sentence that helps. */
export function hint(...children: Child[]): HTMLElement {
  return h("p", { class: "hint" }, ...children);
}

/** A sentence of what is not as it should be. */
export function warning(...children: Child[]): HTMLElement {
  return h("p", { class: "hint warn" }, ...children);
}

/** What takes a column's filter off. */
export function clearButton(label: string, onclick: () => void): HTMLButtonElement {
  const props = { class: "quiet", "aria-label": `Clear the filter: ${label}`, onclick };
  return h("button", props, "clear");
}

/** A choice among names. */
export function choice(
  label: string,
  names: readonly string[],
  value: string,
  onchange: (value: string) => void,
): HTMLSelectElement {
  const options = names.map((name) => h("option", { value: name }, name));
  const select = h("select", {
    "aria-label": label,
    onchange: () => onchange(select.value),
  }, options);
  select.value = value;
  return select;
}

/** An element that stands in the page. */
export function byId(id: string): HTMLElement {
  return document.getElementById(id)!;
}

/** Says something to those who do not see the page. */
export function announce(text: string): void {
  byId("live").textContent = text;
}

/** `12,345`. */
export function count(value: number): string {
  return value.toLocaleString("en");
}

/** A number of three or four digits; an en dash for none. */
export function short(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (Number.isInteger(value)) return value.toLocaleString("en");
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString("en");
  return value.toFixed(size >= 100 ? 1 : size >= 10 ? 2 : 3);
}

/** `12%`. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return "–";
  const value = share * 100;
  return `${value.toFixed(value !== 0 && Math.abs(value) < 10 ? 1 : 0)}%`;
}

/** A column's name as a heading. */
export function headingOf(label: string): string {
  return label.slice(0, 1).toUpperCase() + label.slice(1);
}

/** Calls at once, and then at most once a frame, with the newest arguments. */
export function eachFrame<A extends unknown[]>(call: (...args: A) => void): (...args: A) => void {
  let waiting: A | null = null, resting = false;
  const rested = () => {
    const next = waiting;
    waiting = null;
    resting = next !== null;
    if (next === null) return;
    call(...next);
    requestAnimationFrame(rested);
  };
  return (...args) => {
    if (resting) {
      waiting = args;
      return;
    }
    resting = true;
    call(...args);
    requestAnimationFrame(rested);
  };
}

/** Calls once nothing was asked for a while. */
export function debounced<A extends unknown[]>(
  ms: number,
  call: (...args: A) => void,
): (...args: A) => void {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => call(...args), ms) as unknown as number;
  };
}
