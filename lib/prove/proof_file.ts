/** OUT/prove.json: what `prove` found, to be read again. */
import { join } from "node:path";
import { InputError } from "../core/errors.ts";
import { fileError } from "../io/bytes.ts";
import { writeWhole } from "../io/write_whole.ts";
import type { Proof } from "./conditions.ts";

const NAME = "prove.json";

/** Writes OUT/prove.json. */
export async function writeProofs(out: string, proofs: readonly Proof[]): Promise<void> {
  await writeWhole(join(out, NAME), JSON.stringify(proofs, null, 2) + "\n");
}

/**
 * Reads what `deno task prove` found: a proof a variant.
 *
 * @param out the folder that `prove` wrote.
 * @throws {InputError} where it holds no proof.
 *
 * @example
 * ```ts
 * import { readProofs } from "thinkset/view";
 * import assert from "node:assert/strict";
 *
 * const [proof] = await readProofs("notebooks/recorded/proof");
 * assert.equal(proof?.models[0]?.name, "zero");
 * ```
 */
export async function readProofs(out: string): Promise<Proof[]> {
  const file = join(out, NAME);
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (error) {
    throw fileError(file, error);
  }
  try {
    const proofs: Proof[] = JSON.parse(text);
    if (Array.isArray(proofs) && proofs.every(({ models }) => Array.isArray(models))) return proofs;
  } catch {
    // Said below.
  }
  throw new InputError(
    `${file}: is not what prove writes: run prove again, it goes on where it was`,
  );
}
