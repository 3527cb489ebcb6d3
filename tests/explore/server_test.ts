import assert from "node:assert/strict";
import { readDecisions } from "../../lib/io/records/read_decisions.ts";
import { explore } from "../../lib/stages.ts";
import { decodeData } from "../../lib/explore/columns.ts";
import type { PromptView } from "../../lib/explore/prompt_view.ts";
import { inTemp, put } from "../io/temp.ts";
import { madeUpRecord } from "./planted.ts";

const HOSTILE = `</script><script>alert(1)</script><img src=x onerror=alert(1)>\u202e`;
const lines = (rows: unknown[]) => rows.map((row) => JSON.stringify(row)).join("\n") + "\n";

/** An explorer over some records, and a way to ask it as a page does. */
async function withExplorer(
  test: (
    ask: (path: string, init?: RequestInit) => Promise<Response>,
    url: string,
    dir: string,
  ) => Promise<void>,
): Promise<void> {
  await inTemp(async (dir) => {
    const records = [0, 1, 2, 3].map((index) => madeUpRecord(index));
    const answer = (row: number, answer: string) =>
      Object.assign(records[row]!.responses[0]!, {
        answer,
        thought: "so",
        malformed: null,
        score: 1,
      });
    answer(1, HOSTILE);
    answer(2, "long ".repeat(4000));
    const path = await put(`${dir}/scored.jsonl`, lines(records));
    await using explorer = await explore({ in: [path], decisions: `${dir}/decisions.jsonl` });
    await test((path, init) => fetch(explorer.url! + path, init), explorer.url!, dir);
  });
}

/** A request with headers that fetch does not let a page choose. */
async function raw(url: string, path: string, headers: Record<string, string>, method = "GET") {
  const { hostname, port } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const head = Object.entries({ Connection: "close", ...headers }).map(([name, value]) =>
    `${name}: ${value}\r\n`
  );
  await connection.write(
    new TextEncoder().encode(`${method} ${path} HTTP/1.1\r\n${head.join("")}\r\n`),
  );
  const text = await new Response(connection.readable).text();
  return Number(text.split(" ")[1]);
}

Deno.test("only the right host, the right origin and the right token open anything", () =>
  withExplorer(async (ask, url) => {
    const { host, port, pathname } = new URL(url);
    assert.equal((await ask("")).status, 200);
    await (await ask("data")).body?.cancel();
    assert.equal(await raw(url, pathname, { Host: host }), 200);
    assert.equal(await raw(url, pathname, { Host: `localhost:${port}` }), 200);
    assert.equal(await raw(url, pathname, { Host: `evil.example:${port}` }), 403);
    assert.equal(await raw(url, pathname, { Host: "127.0.0.1" }), 403);
    assert.equal(
      await raw(url, `${pathname}data`, { Host: host, Origin: "http://evil.example" }),
      403,
    );
    assert.equal(await raw(url, `${pathname}data`, { Host: host, Origin: "null" }), 403);
    assert.equal(await raw(url, `${pathname}undo`, { Host: host }, "POST"), 403);
    for (const path of ["/", "/data", "/x/data", `${pathname.slice(0, -2)}/data`, "//data"]) {
      assert.equal(await raw(url, path, { Host: host }), 404, path);
    }
  }));

Deno.test("no path leads out of the page's own files", () =>
  withExplorer(async (_, url) => {
    const { host, pathname } = new URL(url);
    for (
      const path of [
        "../deno.json",
        "explore/page/../../../../deno.json",
        "explore/page/%2e%2e/server.ts",
        "/etc/passwd",
        "explore/server.js",
        "explore/page/main.ts",
        "npm/uplot/../../x",
        "explore/page/\\..\\x",
      ]
    ) {
      assert.equal(await raw(url, pathname + path, { Host: host }), 404, path);
    }
    assert.equal(await raw(url, `${pathname}explore/page/main.js`, { Host: host }), 200);
  }));

Deno.test("the page may run nothing but its own modules, and says no more than it must", () =>
  withExplorer(async (ask) => {
    const response = await ask("");
    const policy = response.headers.get("content-security-policy")!;
    assert.doesNotMatch(policy, /unsafe/);
    assert.match(policy, /default-src 'none'/);
    assert.equal(response.headers.get("referrer-policy"), "no-referrer");
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    assert.equal(response.headers.get("access-control-allow-origin"), null);
    assert.doesNotMatch(await response.text(), /<script(?! type="(?:module|importmap)")/);
  }));

Deno.test("a prompt's view has its replies, shortened until all is asked for", () =>
  withExplorer(async (ask) => {
    const view = async (path: string): Promise<PromptView> => await (await ask(path)).json();
    const short = await view("prompt?row=2"), whole = await view("prompt?row=2&whole=answer%2016");
    const answer = ({ runs }: PromptView) =>
      runs[0]!.replies.find(({ index }) => index === 0)!.answer!;
    assert.deepEqual([answer(short).text.length, answer(short).length], [6000, 20_000]);
    assert.equal(answer(whole).text.length, 20_000);
    assert.equal(short.id, "p000002");
    const roles = short.runs[0]!.replies.map(({ role }) => role);
    assert.equal(roles.filter((role) => role === "chosen").length, 1);
    assert.equal(roles.filter((role) => role === "rejected").length, 1);
    for (const { role, why } of short.runs[0]!.replies) assert.equal(role === null, why !== null);
    assert.equal((await ask("prompt?row=99")).status, 404);
    assert.equal((await ask("prompt?row=x")).status, 404);
  }));

Deno.test("search finds texts and expressions, and a wrong expression is refused", () =>
  withExplorer(async (ask, url) => {
    const search = async (body: unknown) =>
      await ask("search", {
        method: "POST",
        headers: { "Content-Type": "application/json", Origin: new URL(url).origin },
        body: JSON.stringify(body),
      });
    const rows = async (
      body: unknown,
    ) => [...new Uint32Array(await (await search(body)).arrayBuffer())];
    assert.deepEqual(await rows({ pattern: "ONERROR=", where: "answer" }), [8]);
    assert.deepEqual(await rows({ pattern: "^(long\\s?)+$", regex: true, where: "answer" }), [16]);
    assert.equal((await rows({ pattern: "visitor 3", where: "prompt" })).length, 8);
    assert.deepEqual(await rows({ pattern: "' OR 1=1 --" }), []);
    const wrong = await search({ pattern: "(", regex: true });
    assert.equal(wrong.status, 400);
    // It takes linear time, whatever it is.
    await rows({ pattern: "(a*)*b", regex: true });
    assert.equal((await search({ pattern: "", where: "anywhere" })).status, 400);
    assert.equal((await search({ pattern: "a", where: "secret" })).status, 400);
  }));

Deno.test("decisions go to the file by id, one or many, and bad ones are refused", () =>
  withExplorer(async (ask, url, dir) => {
    const post = async (path: string, body: unknown, headers: Record<string, string> = {}) =>
      await ask(path, {
        method: "POST",
        headers: { "Content-Type": "application/json", Origin: new URL(url).origin, ...headers },
        body: JSON.stringify(body),
      });
    const path = `${dir}/decisions.jsonl`;
    await post("decide", { action: "exclude", rows: [0, 3], comment: HOSTILE });
    await post("decide", { action: "pair", rows: [1], chosen: 4, rejected: 2 });
    assert.deepEqual([...(await readDecisions(path)).values()], [
      { id: "p000000", action: "exclude", comment: HOSTILE },
      { id: "p000003", action: "exclude", comment: HOSTILE },
      { id: "p000001", action: "pair", chosen: 4, rejected: 2 },
    ]);
    const state = await (await post("undo", {})).json();
    assert.deepEqual(
      state.decisions.map(({ id, rows }: { id: string; rows: number[] }) => [id, rows]),
      [
        ["p000000", [0]],
        ["p000003", [3]],
      ],
    );
    await post("decide", { action: "keep", rows: [0] });
    assert.deepEqual([...(await readDecisions(path)).keys()], ["p000003"]);
    for (
      const body of [
        { action: "delete", rows: [0] },
        { action: "pair", rows: [0], chosen: 1, rejected: 1 },
        { action: "pair", rows: [0] },
        { action: "flag", rows: [] },
        { action: "flag", rows: ["0; drop"] },
      ]
    ) {
      const refused = await post("decide", body);
      assert.equal(refused.status, 400, JSON.stringify(body));
      await refused.body?.cancel();
    }
    const plain = await post("decide", { action: "flag", rows: [0] }, {
      "Content-Type": "text/plain",
    });
    assert.equal(plain.status, 400);
    assert.equal((await readDecisions(path)).size, 1);
  }));

Deno.test("two tabs decide on one file, and one edited by hand is read before it is added to", () =>
  withExplorer(async (ask, url, dir) => {
    const post = async (path: string, body: unknown) => {
      const headers = { "Content-Type": "application/json", Origin: new URL(url).origin };
      return await ask(path, { method: "POST", headers, body: JSON.stringify(body) });
    };
    const decided = async (response: Response) =>
      (await response.json()).decisions.map((
        { id, action }: Record<string, string>,
      ) => [id, action]);
    // At once, as by two pages.
    await Promise.all([0, 1, 2].map(async (row) => {
      const response = await post("decide", { action: "exclude", rows: [row] });
      assert.equal(response.status, 200);
      await response.body?.cancel();
    }));
    const path = `${dir}/decisions.jsonl`;
    assert.equal((await readDecisions(path)).size, 3);
    const edited = (await Deno.readTextFile(path)).replace(/.*p000001.*\n/, "");
    await Deno.writeTextFile(path, edited);
    const refused = await post("decide", { action: "flag", rows: [3] });
    assert.equal(refused.status, 400);
    assert.match(await refused.text(), /another program changed it, so it was read again/);
    const ids = (await decided(await ask("decisions"))).map(([id]: string[]) => id).sort();
    assert.deepEqual(ids, ["p000000", "p000002"]);
    const again = await decided(await post("decide", { action: "flag", rows: [3] }));
    assert.deepEqual(again.at(-1), ["p000003", "flag"]);
  }));

Deno.test("the data's columns hold every reply", () =>
  withExplorer(async (ask) => {
    const data = decodeData(await (await ask("data")).arrayBuffer());
    assert.deepEqual([...data.first], [0, 8, 16, 24, 32]);
    const reward = data.columns.find(({ name }) => name === "reward")!;
    const expected = madeUpRecord(3).responses.map(({ score }) => Math.fround(score ?? NaN));
    assert.deepEqual([...reward.data.subarray(24)], expected);
    const names = data.columns.map(({ name }) => name);
    for (
      const name of ["controlled", "margin", "spread", "source", "score:made-up/second", "pairs"]
    ) {
      assert.ok(names.includes(name), name);
    }
  }));
