/** Addresses of servers, as users give them. */
import { InputError } from "../../core/errors.ts";

/**
 * An address taken apart. Throws `InputError` for what is no http address, and for one that holds a
 * name, a password, a query or a fragment: keys live in the environment, and addresses are written
 * into manifests and pages.
 */
export function parseBaseUrl(baseUrl: string): URL {
  if (!URL.canParse(baseUrl)) {
    throw new InputError(
      `base URL ${JSON.stringify(baseUrl)}: not a URL, such as http://127.0.0.1:8000`,
    );
  }
  const url = new URL(baseUrl);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new InputError(`base URL ${url.protocol}…: must begin with http:// or https://`);
  }
  const shown = url.origin + url.pathname;
  if (url.username !== "" || url.password !== "") {
    throw new InputError(
      `base URL ${shown}: holds a name or a password: it would be written into the manifest; ` +
        `give the key in the environment (OPENAI_API_KEY, GEMINI_API_KEY, VLLM_API_KEY, …)`,
    );
  }
  if (url.search !== "" || url.hash !== "") {
    throw new InputError(
      `base URL ${shown}: holds a query or a fragment, which may be a key and is never sent: ` +
        `give the address alone`,
    );
  }
  return url;
}

/**
 * The servers' roots, each once: `http://node1:8000/v1/` is `http://node1:8000`. Throws
 * `InputError` for a bad address, or none at all.
 */
export function serverUrls(baseUrls: readonly string[]): string[] {
  if (baseUrls.length === 0) {
    throw new InputError("a base URL is needed: where the server is, http://127.0.0.1:8000");
  }
  return [...new Set(baseUrls.map(rootOf))];
}

function rootOf(baseUrl: string): string {
  const { origin, pathname } = parseBaseUrl(baseUrl);
  return (origin + pathname).replace(/\/+$/, "").replace(/\/v1$/, "");
}
