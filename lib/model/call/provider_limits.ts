/** What providers' specifications allow, held against a run's options before anything is sent. */
import type { LimitedOptions } from "../providers/provider.ts";
import { providerOf } from "../spec.ts";
import { parseBaseUrl } from "./base_urls.ts";

/** Throws `InputError` for options that the teacher's provider would refuse with every request. */
export function checkProviderLimits(options: LimitedOptions): void {
  for (const url of options.baseUrl) parseBaseUrl(url);
  providerOf(options.model).checkLimits?.(options);
}
