/** OUT/prove.json: what `prove` found, to be read again. */
import { join } from "node:path";
import { InputError } from "../core/errors.ts";
import { jsonValue } from "../core/json_value.ts";
import { readText } from "../io/disk/bytes.ts";
import { writeJson } from "../io/disk/write_whole.ts";
import type { Proof } from "./conditions.ts";

const NAME = "prove.json";

/** Writes OUT/prove.json. */
export function writeProofs(out: string, proofs: readonly Proof[]): void {
  writeJson(join(out, NAME), proofs);
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
  const proofs = jsonValue(await readText(file)) as Proof[] | undefined;
  if (Array.isArray(proofs) && proofs.every((proof) => Array.isArray(proof?.models))) return proofs;
  throw new InputError(
    `${file}: is not what prove writes: run prove again, it goes on where it was`,
  );
}
