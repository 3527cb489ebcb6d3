/** JSON of rows, with numbers kept exact and errors that say what is wrong with the text. */
import { InputError } from "../../core/errors.ts";

/**
 * JSON text as a value. In a row with a whole number beyond 2^53, one that JavaScript would round
 * becomes its text: ids are such numbers.
 *
 * @throws {InputError} `WHERE: not JSON: …`, which says so where Python's NaN or Infinity is to blame.
 */
export function parseJson(text: string, where: string): unknown {
  try {
    const value = JSON.parse(text);
    return holdsBigNumber(value) ? JSON.parse(text, exactly as (key: string) => unknown) : value;
  } catch (error) {
    if (text.trim() === "") throw new InputError(`${where}: a value is missing`);
    const outside = text.replace(/"(?:[^"\\]|\\[^])*(?:"|\\?$)/g, '""');
    const number = /-?\b(?:NaN|Infinity)\b/.exec(outside)?.[0];
    if (number !== undefined) {
      throw new InputError(`${where}: not JSON: ${number} is not a JSON number`);
    }
    const reason = error instanceof Error
      ? error.message.replace(/[\s\S]*?(?=at position|$)/, "")
      : "";
    const cut = /end of JSON input|Unterminated/i.test(String(error));
    throw new InputError(
      `${where}: not JSON${
        cut ? ": it is cut short" : reason ? `: unexpected text ${reason}` : ""
      }`,
    );
  }
}

function holdsBigNumber(row: unknown): boolean {
  if (typeof row !== "object" || row === null) return false;
  return Object.values(row).some((value) =>
    Number.isInteger(value) && !Number.isSafeInteger(value)
  );
}

/** A reviver, with the source text that JavaScript gives it beside the value. */
function exactly(_key: string, value: unknown, { source }: { source?: string }): unknown {
  const isBig = Number.isInteger(value) && !Number.isSafeInteger(value);
  const isRounded = isBig && /^-?\d+$/.test(source ?? "") && source !== String(value);
  return isRounded ? source : value;
}
