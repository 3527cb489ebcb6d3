import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson, type Json, promptId, sha256 } from "../../lib/core/canonical.ts";

Deno.test("canonical JSON reads back as the same value, whatever the order of its keys", () => {
  fc.assert(fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
    const json = value as Json;
    const text = canonicalJson(json);
    assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(json)));
    assert.equal(canonicalJson(reversed(json)), text);
  }));
});

function reversed(value: Json): Json {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(reversed);
  return Object.fromEntries(
    Object.entries(value).reverse().map(([key, field]) => [key, reversed(field!)]),
  );
}

Deno.test("a prompt's id is the first 16 hex digits of SHA-256 over its messages' canonical JSON", () => {
  const text = '[{"content":"Grüße, 日本 \\"x\\"","role":"user"}]';
  const id = promptId([{ role: "user", content: 'Grüße, 日本 "x"' }]);
  assert.equal(id, sha256(text).slice(0, 16));
  // hashlib.sha256(json.dumps(messages, sort_keys=True, separators=(",", ":"),
  //   ensure_ascii=False).encode()).hexdigest()[:16] in Python 3.11
  assert.equal(id, "8cc5d2204a04ba03");
});

Deno.test("fields beside role and content do not change a prompt's id", () => {
  const plain = [{ role: "user" as const, content: "Hi" }];
  assert.equal(promptId([{ ...plain[0]!, name: "x" } as typeof plain[0]]), promptId(plain));
});
