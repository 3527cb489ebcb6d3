/** Which of an input's splits are read: never two of them as one unless that is asked for. */
import { InputError } from "../../core/errors.ts";

/** What `--split` takes for every split. */
export const ALL_SPLITS = "all";

/** The words by which `datasets` knows a file's split, and the split that each names. */
const WORDS: Readonly<Record<string, string>> = {
  train: "train",
  training: "train",
  validation: "validation",
  valid: "validation",
  val: "validation",
  dev: "validation",
  test: "test",
  testing: "test",
  eval: "test",
  evaluation: "test",
};

/**
 * The split that a file's name tells, or null: what stands before `-00000-of-00002`, else a word
 * such as `train` or `test` that stands by itself, as `datasets` finds splits.
 */
export function splitOfName(name: string): string | null {
  const sharded = /^(.+?)-\d{5}-of-\d{5}\./.exec(name)?.[1];
  if (sharded !== undefined) return sharded;
  const words = name.toLowerCase().split(/[-._ 0-9]/);
  return words.map((word) => WORDS[word]).find((split) => split !== undefined) ?? null;
}

/**
 * Of things that belong to splits (null: to none), those of the split that is asked for. An input
 * without splits is all there is.
 *
 * @throws {InputError} where there are several splits and none is asked for, or not the one asked.
 */
export function chosenSplit<T>(
  path: string,
  items: readonly T[],
  splitOf: (item: T) => string | null,
  asked: string | undefined,
): T[] {
  const splits = [...new Set(items.map(splitOf))].filter((split) => split !== null);
  if (splits.length === 0 || asked === ALL_SPLITS) return [...items];
  if (asked === undefined) {
    if (splits.length === 1) return [...items];
    throw new InputError(
      `${path}: holds several splits (${splits.join(", ")}): name one with --split, or pass ` +
        `--split ${ALL_SPLITS}`,
    );
  }
  if (!splits.includes(asked)) {
    throw new InputError(`${path}: no split ${asked} (--split); there is ${splits.join(", ")}`);
  }
  return items.filter((item) => splitOf(item) === asked);
}
