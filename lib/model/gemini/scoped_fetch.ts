/** A `fetch` of one's own for code that calls the global one and takes no other. */
import { AsyncLocalStorage } from "node:async_hooks";

const scope = new AsyncLocalStorage<typeof fetch>();
let installed = false;

/**
 * Calls `call` such that the global `fetch`, wherever it is called from there, is `send`. Calls
 * from elsewhere are not touched, also those that run meanwhile.
 *
 * The Gemini SDK in use calls the global `fetch` and hides the replies' headers, which say how long
 * to wait.
 */
export function withScopedFetch<T>(send: typeof fetch, call: () => Promise<T>): Promise<T> {
  if (!installed) {
    const original = globalThis.fetch;
    globalThis.fetch = (input, init) => {
      const own = scope.getStore();
      // What `send` itself calls is the original again.
      return own ? scope.exit(() => own(input, init)) : original(input, init);
    };
    installed = true;
  }
  return scope.run(send, call);
}
