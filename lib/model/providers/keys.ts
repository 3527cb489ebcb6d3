/** Keys, out of the environment. */
import type { StageContext } from "../../core/context.ts";
import { InputError } from "../../core/errors.ts";
import { headerKey } from "../withhold_key.ts";

/**
 * The key in an environment variable. Throws `InputError` for one that can be no header, and for
 * none where one is needed.
 */
export function apiKeyOf(
  keyName: string,
  spec: string,
  { env }: Pick<StageContext, "env">,
  { needed }: { needed: boolean },
): string | undefined {
  const key = headerKey(keyName, env(keyName));
  if (key !== undefined || !needed) return key;
  throw new InputError(`${keyName} is not set: --model ${spec} needs a key`);
}
