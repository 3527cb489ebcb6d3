/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * Elements and numbers as a person reads them. Texts become text nodes, never HTML, and what they
 * hide is shown.
 */

type Child = Node | string | number | null | undefined | false | Child[];
type Props = Record<string, unknown>;

/**
 * An element. Of its properties those that are functions listen to an event (`onclick`), booleans
 * are set or left out, all others are attributes.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props | null,
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") {
      element.addEventListener(name.slice(2), value as EventListener);
    } else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

function append(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(element, child);
    else element.append(child instanceof Node ? child : visible(String(child)));
  }
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

/** Characters that a page cannot show, or that turn what follows, by their code points. */
// deno-lint-ignore no-control-regex
const HIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** A model's text to be shown. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (character) => {
    return `[U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`;
  });
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
