import assert from "node:assert/strict";
import { ModelError } from "../../../lib/core/errors.ts";
import { guardedFetch, guardError, replyBytes } from "../../../lib/model/call/guarded_fetch.ts";

/** A server on loopback that answers one thing. */
async function serving<T>(
  answer: (request: Request) => Response,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  try {
    return await use(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    await server.shutdown();
  }
}

Deno.test("a redirect is refused with its place, and nothing is sent there", async () => {
  let stolen = 0;
  await serving(() => (stolen++, new Response("thanks")), async (other) => {
    const answer = () =>
      new Response(null, { status: 307, headers: { location: `${other}/v1?k=1` } });
    await serving(answer, async (url) => {
      const fetch_ = guardedFetch(fetch);
      const init = { method: "POST", body: "a prompt", headers: { "x-goog-api-key": "secret" } };
      await assert.rejects(
        fetch_(`${url}/a?key=secret`, init),
        (error) =>
          error instanceof ModelError && error.kind === "fatal" &&
          /redirected to another server, http:\/\/127\.0\.0\.1:\d+ \(307\)/.test(error.message) &&
          !error.message.includes("secret"),
      );
    });
  });
  assert.equal(stolen, 0);
});

Deno.test("an endless body ends soon after what was asked for could take", async () => {
  let sent = 0;
  const endless = () =>
    new Response(
      new ReadableStream({
        pull: (controller) => {
          sent += 65_536;
          controller.enqueue(new Uint8Array(65_536).fill(32));
        },
      }),
    );
  const maxBytes = replyBytes({ tokens: 100 });
  await serving(endless, async (url) => {
    const response = await guardedFetch(fetch)(url, { maxBytes } as RequestInit);
    await assert.rejects(
      response.text(),
      (error) =>
        guardError(error)?.kind === "retry" &&
        /a reply of more than 1\.0 MiB/.test(guardError(error)!.message),
    );
  });
  assert.ok(sent < maxBytes + 20 * 2 ** 20, `${sent} bytes were sent`);
});

Deno.test("a reply passes with its status, its headers told", async () => {
  const told: string[] = [];
  const onHeaders = (headers: Headers) => void told.push(headers.get("x-left")!);
  await serving(
    () => new Response("no", { status: 418, headers: { "x-left": "3" } }),
    async (url) => {
      const response = await guardedFetch(fetch, { onHeaders })(url);
      assert.deepEqual([response.status, await response.text(), told], [418, "no", ["3"]]);
    },
  );
});
